/// What a buyer's commands keep for those that follow.
struct BuyerState: Codable, Hashable, Sendable {
  /// Who buys.
  struct Person: Codable, Hashable, Sendable {
    var id: String
    /// Empty where only the id was given.
    var name = ""
  }

  /// A place in a line.
  struct Ticket: Codable, Hashable, Sendable {
    var gate: String
    var id: String
    var number: UInt64
    var queueToken: String
    /// Empty until its turn has come.
    var entryToken = ""
  }

  /// Seats that were held together.
  struct Held: Codable, Hashable, Sendable {
    var reservations: [String]
    /// Whether a gate guards their concert: then paying ends the turn.
    var isBehindGate: Bool
  }

  var person: Person?
  /// The gate that was entered last, also when the turn there is over.
  var gate: String?
  var ticket: Ticket?
  /// The dates that `usher dates` printed last, in its order.
  var dates: [String] = []
  /// The last hold, unless it was paid.
  var held: Held?
}
