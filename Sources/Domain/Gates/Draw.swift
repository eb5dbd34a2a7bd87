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

  private let order: [Drawn]
  private let lottery: Lottery

  package init(of tickets: [TicketID], by lottery: Lottery) {
    self.init(lottery.order(tickets), of: tickets, by: lottery)
  }

  fileprivate init(_ lots: [Lot], of tickets: [TicketID], by lottery: Lottery) {
    self.lottery = lottery
    order = lots.map { Drawn(lot: $0.lot, ticket: tickets[Int($0.index)]) }
  }

  /// At most `max` of those behind `ticket`; from the first where it is nil.
  func after(_ ticket: TicketID?, max: Int) -> [TicketID] {
    guard let ticket else { return order.prefix(max).map(\.ticket) }
    let lot = lottery.lot(of: ticket)
    let start = order.partitioningIndex { ($0.lot, $0.ticket) > (lot, ticket) }
    return order[start...].prefix(max).map(\.ticket)
  }
}

/// All who came before the opening of a gate, drawn: what decides, and what is shown of places.
package struct GatheredDraw: Sendable {
  package let lanes: Lanes<Draw>
  /// Where each stands among all, both lanes together.
  package let ranks: [UInt32]

  /// Draws all `tickets`; `lane` says which one's is which.
  package init(of tickets: [TicketID], by lottery: Lottery, lane: (Int) -> TicketLane) {
    let order = lottery.order(tickets)
    var ranks = [UInt32](repeating: 0, count: tickets.count)
    for (rank, lot) in order.enumerated() { ranks[Int(lot.index)] = UInt32(rank) }
    self.ranks = ranks
    func draw(_ wanted: TicketLane) -> Draw {
      Draw(order.filter { lane(Int($0.index)) == wanted }, of: tickets, by: lottery)
    }
    lanes = Lanes(draw(.regular), draw(.priority))
  }
}

/// A ticket's lot, and which of many tickets it is: small, so that a million are sorted quickly.
private struct Lot {
  let lot: UInt64
  let index: UInt32
}

extension Lottery {
  /// The lots of tickets in their order; where two have drawn the same, the lower ticket comes first.
  fileprivate func order(_ tickets: [TicketID]) -> [Lot] {
    var lots = tickets.indices.map { Lot(lot: lot(of: tickets[$0]), index: UInt32($0)) }
    lots.sort { one, other in
      one.lot != other.lot
        ? one.lot < other.lot : tickets[Int(one.index)] < tickets[Int(other.index)]
    }
    return lots
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
  /// What is being made elsewhere.
  private var late: Set<Key> = []
  /// What has been asked for and is not known.
  package private(set) var wanted: Set<Key> = []

  package init() {}

  /// A draw; nil while it is being made, and its gate lets nobody in.
  mutating func find(_ key: Key) throws(Interruption) -> Draw? {
    if let draw = known[key] { return draw }
    guard late.contains(key) else {
      wanted.insert(key)
      throw .missing
    }
    return nil
  }

  /// Takes note that a draw that was wanted is being made.
  package mutating func postpone(_ key: Key) {
    late.insert(key)
    wanted.remove(key)
  }

  /// Asks anew for what was being made.
  package mutating func askAgain() {
    late.removeAll()
  }

  /// Takes a draw that was wanted.
  package mutating func provide(_ draw: Draw, for key: Key) {
    known[key] = draw
    wanted.remove(key)
  }
}
