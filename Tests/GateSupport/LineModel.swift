internal import Crypto
internal import Domain

/// What one ticket has come to, by the log alone.
struct TicketModel {
  let id: TicketID
  let number: UInt64
  let user: UserID
  let isPriority: Bool
  /// Whether it is of a draw.
  let isGathered: Bool
  var state = Ticket.State.waiting
  var until: Int64?
  var returns = 0
  var sessionEnds: Int64?
  var sessionMax: Int64?
  var holds: Set<ReservationID> = []
  /// It has paid, or its last hold has lapsed: it has to end in the same batch.
  var hasToEnd = false
  /// Its place in a draw; nil before that.
  var lot: [UInt8]?
}

/// What one gate's line has come to, by the log alone: plain lists, searched from end to end.
struct LineModel {
  var gate: Gate
  /// By their numbers less one.
  var tickets: [TicketModel] = []
  /// When each admission was, by its number less one.
  var admissions: [Int64] = []
  var contested: UInt64 = 0
  var given: UInt64 = 0
  /// The chain over all who came before a draw.
  var digest: [UInt8] = []
  /// The seed's digest, as it was published when the first came.
  var commitment: [UInt8] = []
  /// How many were admitted by the batch that is looked at.
  var admittedNow = 0

  var isServing: Bool {
    gate.opened != nil && (gate.mode == .open || gate.mode == .drained)
  }

  func count(_ states: Ticket.State...) -> Int {
    tickets.count { states.contains($0.state) }
  }

  var inside: Int { count(.admitted, .active) }

  /// How many inside hold a seat.
  var holding: Int { tickets.count { $0.state == .active && !$0.holds.isEmpty } }

  func lane(_ isPriority: Bool) -> [TicketModel] {
    tickets.filter { $0.state == .waiting && $0.isPriority == isPriority }.sorted(by: Self.isAhead)
  }

  /// Those of a draw by their lots, and all others behind them by their numbers.
  static func isAhead(_ one: TicketModel, _ other: TicketModel) -> Bool {
    switch (one.lot, other.lot) {
    case (let a?, let b?):
      a == b ? one.id < other.id : a.lexicographicallyPrecedes(b)
    case (.some, nil): true
    case (nil, .some): false
    case (nil, nil): one.number < other.number
    }
  }

  /// All who wait in the order in which they will be admitted.
  func order() -> [TicketModel] {
    var lanes = (regular: lane(false)[...], priority: lane(true)[...])
    var (contested, given) = (contested, given)
    var order: [TicketModel] = []
    while let regular = lanes.regular.first, let priority = lanes.priority.first {
      contested += 1
      if isPriorityDue(contested, given) {
        given += 1
        order.append(priority)
        lanes.priority.removeFirst()
      } else {
        order.append(regular)
        lanes.regular.removeFirst()
      }
    }
    return order + lanes.regular + lanes.priority
  }

  /// Whether the admission is the priority lane's for which both lanes waited that many times.
  func isPriorityDue(_ contested: UInt64, _ given: UInt64) -> Bool {
    Int(Double(contested * UInt64(gate.policy.prioritySharePercent)) / 100) > Int(given)
  }

  /// How many more may be admitted at `now`, of the seats that are free if any are guarded.
  func room(free: Int?, at now: Int64) -> Int {
    guard isServing else { return 0 }
    let policy = gate.policy
    var room = count(.waiting)
    if policy.insideMax > 0 { room = min(room, Int(policy.insideMax) - inside) }
    if let free {
      if policy.stopsWhenSoldOut, free == 0 { room = 0 }
      if policy.isLimitedToStock { room = min(room, free - (inside - holding)) }
    }
    if policy.rateCount > 0 { room = min(room, Int(policy.rateCount) - admitted(within: now)) }
    return max(0, room)
  }

  /// How many were admitted in the interval that ends at `now`.
  func admitted(within now: Int64) -> Int {
    admissions.count { now - $0 < gate.policy.rateMilliseconds }
  }

  /// When an active ticket ends: with its session or its last hold, and never after its most.
  func end(of ticket: TicketModel, holdsEnd: Int64?) -> Int64? {
    guard let session = ticket.sessionEnds, let most = ticket.sessionMax else { return nil }
    return min(most, max(session, holdsEnd ?? session))
  }

  /// Gives everyone who came before the opening their lot.
  mutating func draw() {
    let hmac = HMAC(key: gate.seed + digest)
    for index in tickets.indices where tickets[index].isGathered {
      var code = [UInt8](repeating: 0, count: HMAC.codeBytes)
      tickets[index].id.bytes.withUnsafeBytes { id in
        code.withUnsafeMutableBytes { hmac.authenticate(id, into: $0) }
      }
      tickets[index].lot = Array(code.prefix(8))
    }
  }

  /// One more who came before the opening.
  mutating func chain(_ ticket: TicketID, _ user: UserID) {
    digest = (digest + ticket.bytes + user.bytes).withUnsafeBytes { SHA256.digest(of: $0) }
  }
}
