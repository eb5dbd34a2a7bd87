/// What people were told and may hold the server to.
///
/// A promise is broken where one of them is not so: that is judged when the run is over, by the
/// server's own log.
package struct Facts: Sendable, Codable {
  /// A place that someone was given, and what they were told of the wait.
  package struct Entered: Sendable, Codable, Hashable {
    package var user: String
    package var ticket: String
    package var number: UInt64
    package var ahead: UInt64
    package var lowMs: UInt32
    package var likelyMs: UInt32
    package var highMs: UInt32
    /// Whether they were let in without waiting.
    package var isInside: Bool
  }

  package struct Paid: Sendable, Codable, Hashable {
    package var payment: String
    package var user: String
    package var total: Int64
    package var reservations: [String]
  }

  /// Someone who had a place and entered again.
  package struct Returned: Sendable, Codable, Hashable {
    package var user: String
    package var ticket: String
    package var number: UInt64
    package var newTicket: String
    package var newNumber: UInt64
  }

  /// A call that was to change something, and of which someone does not know whether it did.
  package struct Unanswered: Sendable, Codable, Hashable {
    package var user: String
    let step: Deed.Step
    /// If it did, then after this offset of the log.
    package var after: UInt64
  }

  /// Something that is to hold each time that it is tried: how often it was, and where it did not.
  package struct Trial: Sendable, Codable {
    package private(set) var count: UInt64 = 0
    package private(set) var broken: UInt64 = 0
    package private(set) var cases: [String] = []

    static let casesMax = 3

    /// It was tried. `sentence` says what was wrong; nil where nothing was.
    mutating func tried(_ sentence: String?) {
      count += 1
      guard let sentence else { return }
      broken += 1
      if cases.count < Self.casesMax { cases.append(sentence) }
    }

    mutating func merge(_ other: Trial) {
      count += other.count
      broken += other.broken
      cases += other.cases.prefix(Self.casesMax - cases.count)
    }
  }

  package internal(set) var entered: [Entered] = []
  package internal(set) var held: [String] = []
  package internal(set) var paid: [Paid] = []
  /// The entries of charges.
  package internal(set) var charged: [String] = []
  /// The reservations of refunds.
  package internal(set) var refunded: [String] = []
  /// The tickets of those who left.
  package internal(set) var left: [String] = []
  package internal(set) var returned: [Returned] = []
  package internal(set) var unanswered: [Unanswered] = []
  /// A key that is shown twice is answered alike, and another key buys nothing twice.
  package internal(set) var keysRepeated = Trial()
  /// A token whose turn is over is refused.
  package internal(set) var deadTokens = Trial()
  /// The highest offset that an answer named.
  package internal(set) var offsetMost: UInt64 = 0

  package init() {}

  /// Adds what others were told.
  package mutating func merge(_ other: Facts) {
    entered += other.entered
    held += other.held
    paid += other.paid
    charged += other.charged
    refunded += other.refunded
    left += other.left
    returned += other.returned
    unanswered += other.unanswered
    keysRepeated.merge(other.keysRepeated)
    deadTokens.merge(other.deadTokens)
    offsetMost = max(offsetMost, other.offsetMost)
  }
}
