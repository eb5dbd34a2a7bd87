internal import Crypto

/// The lots of those who came before an opening: from the seed and from all who came, so that whoever
/// knew the seed before did not know what would come of it.
package struct Lottery: Sendable {
  private let hmac: HMAC

  /// The draw of a gate that has opened: its seed, and the chain over all who came.
  package init(seed: [UInt8], digest: [UInt8]) {
    hmac = HMAC(key: seed + digest)
  }

  /// A ticket's lot; those with lower ones come first.
  package func lot(of ticket: TicketID) -> UInt64 {
    let bytes: (UInt64, UInt64) = (ticket.high.bigEndian, ticket.low.bigEndian)
    return withUnsafeBytes(of: bytes) { message in
      withUnsafeTemporaryAllocation(byteCount: HMAC.codeBytes, alignment: 8) { code in
        hmac.authenticate(message, into: code)
        return UInt64(bigEndian: code.load(as: UInt64.self))
      }
    }
  }

  /// The chain over all who came, one further: who, with which ticket.
  package static func chain(_ digest: [UInt8], _ ticket: TicketID, _ user: UserID) -> [UInt8] {
    (digest + ticket.bytes + user.bytes).withUnsafeBytes { SHA256.digest(of: $0) }
  }
}

/// Those of one gate and lane who came before the opening, in the order of their lots. It never
/// changes, whoever comes or goes, so that it is made once.
package struct Draw: Sendable {
  /// One ticket and its lot.
  private struct Drawn {
    let lot: UInt64
    let ticket: TicketID
  }

  private var order: [Drawn] = []
  private let lottery: Lottery

  package init(of tickets: some Sequence<TicketID>, by lottery: Lottery) {
    self.lottery = lottery
    order = tickets.map { Drawn(lot: lottery.lot(of: $0), ticket: $0) }
    order.sort { ($0.lot, $0.ticket) < ($1.lot, $1.ticket) }
  }

  /// At most `max` of those behind `ticket`; from the first where it is nil.
  func after(_ ticket: TicketID?, max: Int) -> [TicketID] {
    guard let ticket else { return order.prefix(max).map(\.ticket) }
    let lot = lottery.lot(of: ticket)
    let start = order.partitioningIndex { ($0.lot, $0.ticket) > (lot, ticket) }
    return order[start...].prefix(max).map(\.ticket)
  }
}

/// The draws that a batch works with. They are kept longer than rows, for they do not change.
package struct Draws: Sendable {
  /// Which draw: a gate draws once.
  package struct Key: Hashable, Sendable {
    package let gate: String
    package let lane: TicketLane
    package let seed: [UInt8]
    package let digest: [UInt8]

    package var lottery: Lottery { Lottery(seed: seed, digest: digest) }
  }

  private var known: [Key: Draw] = [:]
  /// What has been asked for and is not known.
  package private(set) var wanted: Set<Key> = []

  package init() {}

  mutating func find(_ key: Key) throws(Interruption) -> Draw {
    guard let draw = known[key] else {
      wanted.insert(key)
      throw .missing
    }
    return draw
  }

  /// Takes a draw that was wanted.
  package mutating func provide(_ draw: Draw, for key: Key) {
    known[key] = draw
    wanted.remove(key)
  }
}
