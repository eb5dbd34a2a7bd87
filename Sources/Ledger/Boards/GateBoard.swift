package import Domain

/// The line of one gate, as reads see it: in memory, and for each ticket some bytes.
struct GateBoard: Sendable {
  private(set) var gate: Gate
  /// What each ticket is, by its number less one.
  private(set) var tickets: [TicketCell] = []
  /// Who waits, by their order: those of a draw by their lots, all others by their numbers.
  var waiting = (regular: FenwickTree(), priority: FenwickTree())
  /// The order of those of a draw, by their number less one; empty before it, and where there is none.
  var ranks: [UInt32] = []
  /// Those who gather for a draw, until they are in its order.
  var gathered: [TicketID] = []
  /// The draw of the opening, as far as it has come.
  var drawing = BoardDraw.none
  /// When the states of those end that end by themselves.
  private var untils: [UInt64: Instant] = [:]
  private var deadlines = DeadlineHeap<Void>()
  private(set) var line: Line
  private var flow = AdmissionFlow()
  /// The seats behind it, as they were last counted.
  private var stock: KeptStock?
  /// Whether the rate is lower than it was.
  private var isRateLowered = false

  init(gate: Gate, line: Line? = nil) {
    self.gate = gate
    self.line = line ?? Line(gate: gate.name)
  }
}

/// Seats that were counted, and of when that is true: as of an offset, and a time, for holds lapse.
private struct KeptStock: Sendable {
  let counts: SeatCounts?
  let offset: UInt64
  let now: Instant
}

/// One ticket in a byte.
struct TicketCell: Sendable {
  private var bits: UInt8

  init(_ state: Ticket.State, isPriority: Bool) {
    bits = UInt8(truncatingIfNeeded: state.rawValue) | (isPriority ? 0x80 : 0)
  }

  /// A number that no ticket is known to have.
  static var unknown: TicketCell { TicketCell(bits: 0) }

  private init(bits: UInt8) { self.bits = bits }

  var state: Ticket.State? {
    get { Ticket.State(rawValue: Int64(bits & 0x7F)) }
    set { bits = bits & 0x80 | UInt8(truncatingIfNeeded: newValue?.rawValue ?? 0) }
  }

  var lane: TicketLane { bits & 0x80 == 0 ? .regular : .priority }
}

/// What is known of one ticket.
package struct TicketView: Sendable, Hashable {
  package let state: Ticket.State
  package let lane: TicketLane
  /// How many who wait come before, and after; 0 for those who do not wait.
  package let ahead: UInt64
  package let behind: UInt64
  /// When the state ends by itself.
  package let until: Instant?
}

// MARK: - Following

extension GateBoard {
  /// Takes a ticket of a snapshot; they come in the order of their numbers, or not.
  mutating func put(_ ticket: Ticket) {
    grow(to: ticket.number)
    let index = Int(ticket.number) - 1
    tickets[index] = TicketCell(ticket.state, isPriority: ticket.isPriority)
    if ticket.isGathered { keep(ticket.id, at: index) }
    if let until = ticket.until { set(until, of: ticket.number) }
  }

  /// Takes an admission of a snapshot.
  mutating func put(_ admission: Admission) {
    flow.admit(admission.key.number, at: admission.at)
  }

  /// After whatever may have changed whether someone waits whom the gate would let in.
  private mutating func noteLine(at time: Instant) {
    let isOpen = gate.opened != nil && gate.isServing
    flow.line(isBusy: isOpen && line.waitingTotal > 0, at: time)
  }

  /// What its operator says now.
  mutating func change(to new: Gate, at time: Instant) {
    let old = gate
    gate = new
    if old.policy.prioritySharePercent != new.policy.prioritySharePercent {
      line.contested = 0
      line.given = 0
    }
    let (before, after) = (Self.rate(of: old.policy), Self.rate(of: new.policy))
    if before != after { isRateLowered = after < before }
    // Where the old rate was what held the line back, its pace says nothing of a higher one.
    let pace = AdmissionPace(of: old, flow, heldBackBy: .rate, at: time)
    if after > before, let pace, pace.rate > before * 0.8 { flow.forgetPace(at: time) }
    defer { noteLine(at: time) }
    if old.opened == nil, new.opened != nil { showDraw() }
  }

  private static func rate(of policy: GatePolicy) -> Double {
    policy.rateCount == 0
      ? .infinity : Double(policy.rateCount) / Double(policy.rateMilliseconds)
  }

  /// Someone has come.
  mutating func enter(_ entry: TicketEntry, at time: Instant) {
    grow(to: entry.number)
    let index = Int(entry.number) - 1
    tickets[index] = TicketCell(.waiting, isPriority: entry.isPriority)
    line.lastNumber = max(line.lastNumber, entry.number)
    line.waiting[entry.isPriority ? .priority : .regular] += 1
    if gate.isLottery, gate.opened == nil {
      keep(entry.ticket, at: index)
      line.gatheredDigest = Lottery.chain(line.gatheredDigest, entry.ticket, entry.user)
    }
    setWaiting(index, true)
    noteLine(at: time)
  }

  /// A ticket has moved on.
  mutating func move(_ move: TicketMove, at time: Instant) {
    guard move.number >= 1, move.number <= UInt64(tickets.count) else { return }
    let index = Int(move.number) - 1
    let lane = tickets[index].lane
    if move.to == .admitted { count(admissionIn: lane) }
    leave(move.from, lane)
    come(move.to, lane)
    if (move.from == .waiting) != (move.to == .waiting) { setWaiting(index, move.to == .waiting) }
    tickets[index].state = move.to
    set(move.until, of: move.number)
    if move.to == .admitted {
      line.admissions = move.admission
      flow.admit(move.admission, at: time)
      flow.forget(before: time.after(milliseconds: -max(gate.policy.rateMilliseconds, 60_000)))
    }
    noteLine(at: time)
  }

  /// So many more inside hold seats, or fewer.
  mutating func holdingChanged(by change: Int64) {
    line.holding =
      change < 0 ? line.holding.minus(change.magnitude) : line.holding + change.magnitude
  }

  /// Time was given back to all whose state lived at `instant`.
  mutating func giveBack(_ milliseconds: Int64, toWhatLivedAt instant: Instant) {
    for (number, until) in untils where instant < until {
      set(until.after(milliseconds: milliseconds), of: number)
    }
  }

  /// As in the domain: only admissions count for which both lanes waited.
  private mutating func count(admissionIn lane: TicketLane) {
    guard line.waiting[.regular] > 0, line.waiting[.priority] > 0 else { return }
    line.contested += 1
    if lane == .priority { line.given += 1 }
  }

  private mutating func leave(_ state: Ticket.State, _ lane: TicketLane) {
    switch state {
    case .waiting: line.waiting[lane] -= 1
    case .admitted: line.admitted -= 1
    case .active: line.active -= 1
    case .missed, .done, .expired, .left: break
    }
  }

  private mutating func come(_ state: Ticket.State, _ lane: TicketLane) {
    switch state {
    case .waiting: line.waiting[lane] += 1
    case .admitted: line.admitted += 1
    case .active: line.active += 1
    case .missed: line.missedTotal += 1
    case .done: line.doneTotal += 1
    case .expired: line.expiredTotal += 1
    case .left: line.leftTotal += 1
    }
  }

  private mutating func set(_ until: Instant?, of number: UInt64) {
    untils[number] = until
    if let until { deadlines.insert(until.milliseconds) }
  }
}

// MARK: - Order

extension GateBoard {
  private mutating func grow(to number: UInt64) {
    while UInt64(tickets.count) < number {
      tickets.append(.unknown)
      waiting.regular.append(false)
      waiting.priority.append(false)
    }
  }

  private mutating func keep(_ ticket: TicketID, at index: Int) {
    while gathered.count <= index { gathered.append(TicketID(high: 0, low: 0)) }
    gathered[index] = ticket
  }

  /// Where a ticket stands among all.
  func place(_ index: Int) -> Int {
    index < ranks.count ? Int(ranks[index]) : index
  }

  private mutating func setWaiting(_ index: Int, _ isWaiting: Bool) {
    switch tickets[index].lane {
    case .regular: waiting.regular.set(place(index), isWaiting)
    case .priority: waiting.priority.set(place(index), isWaiting)
    }
  }
}

// MARK: - Reading

extension GateBoard {
  /// The seats behind it; `count` counts them where something may have changed since that was done.
  mutating func stock(
    asOf offset: UInt64,
    at now: Instant,
    count: () -> SeatCounts?
  ) -> SeatCounts? {
    if let stock, stock.offset == offset, stock.now == now { return stock.counts }
    let counts = count()
    stock = KeptStock(counts: counts, offset: offset, now: now)
    return counts
  }

  /// One ticket; nil if no such number is known.
  func view(of number: UInt64) -> TicketView? {
    guard number >= 1, number <= UInt64(tickets.count) else { return nil }
    let cell = tickets[Int(number) - 1]
    guard let state = cell.state else { return nil }
    let ahead = state == .waiting ? ahead(of: Int(number) - 1, in: cell.lane) : 0
    return TicketView(
      state: state,
      lane: cell.lane,
      ahead: ahead,
      behind: state == .waiting ? line.waitingTotal.minus(ahead + 1) : 0,
      until: untils[number]
    )
  }

  /// How many are admitted before: before a draw, whoever else has gathered may be.
  private func ahead(of index: Int, in lane: TicketLane) -> UInt64 {
    if index < gathered.count {
      let gathering =
        waiting.regular.taken(before: gathered.count)
        + waiting.priority.taken(before: gathered.count)
      return UInt64(gathering).minus(1)
    }
    let place = place(index)
    let own = lane == .regular ? waiting.regular : waiting.priority
    let before = UInt64(own.taken(before: place))
    let others = line.waiting[lane == .regular ? .priority : .regular]
    return before + served(of: others, before: before, in: lane)
  }

  /// How many of the other lane are served before one who has so many of the own lane ahead.
  private func served(of others: UInt64, before own: UInt64, in lane: TicketLane) -> UInt64 {
    guard others > 0 else { return 0 }
    let share = UInt64(gate.policy.prioritySharePercent)
    // Of the next admissions so many go to the priority lane, as long as both wait.
    func given(_ admissions: UInt64) -> UInt64 {
      ((line.contested + admissions) * share / 100).minus(line.given)
    }
    // The first number of admissions that contains this one.
    var low = own + 1
    var high = own + 1 + others
    while low < high {
      let middle = (low + high) / 2
      let mine = lane == .priority ? given(middle) : middle.minus(given(middle))
      if mine >= own + 1 { high = middle } else { low = middle + 1 }
    }
    return low - 1 - own
  }

  /// How many of those who wait would stand elsewhere if the priority lane had another share.
  func placesMoved(by share: UInt32) -> UInt64 {
    guard share != gate.policy.prioritySharePercent, line.waiting[.regular] > 0,
      line.waiting[.priority] > 0
    else { return 0 }
    var changed = self
    var policy = gate
    policy.policy.prioritySharePercent = share
    changed.change(to: policy, at: gate.changed)
    let indexes = tickets.indices.filter { tickets[$0].state == .waiting }
    return indexes.reduce(0) { moved, index in
      let lane = tickets[index].lane
      return moved + (ahead(of: index, in: lane) == changed.ahead(of: index, in: lane) ? 0 : 1)
    }
  }

  /// What one who has so many ahead is told of the wait. `free` are the seats that are left.
  func forecast(ahead: UInt64, free: UInt64?, at now: Instant) -> WaitForecast {
    forecast(ahead: ahead, in: room(free: free, at: now), at: now)
  }

  /// How many of those who wait could come in and one who came now, and what that one would be told.
  func newcomer(free: UInt64?, at now: Instant) -> (room: Room, wait: WaitForecast) {
    let room = room(for: line.waitingTotal + 1, free: free, at: now)
    guard room.count <= line.waitingTotal else { return (room, .none) }
    return (room, forecast(ahead: line.waitingTotal - room.count, in: room, at: now))
  }

  private func forecast(ahead: UInt64, in room: Room, at now: Instant) -> WaitForecast {
    var reason: WaitForecast.Reason?
    switch room.limit {
    case .paused: reason = .paused
    case .notOpen: reason = .notOpenYet
    case .soldOut: reason = .soldOut
    case .inside, .stock: reason = .peopleStay
    case .rate, .nothing: reason = nil
    }
    if isRateLowered, reason == nil || reason == .peopleStay { reason = .rateLowered }
    if reason == .paused || reason == .soldOut {
      return WaitForecast(milliseconds: nil, reason: reason)
    }
    guard let pace = AdmissionPace(of: gate, flow, heldBackBy: room.limit, at: now) else {
      return WaitForecast(milliseconds: nil, reason: reason)
    }
    let wait = pace.wait(for: ahead + 1)
    let opening = gate.opened == nil ? max(0, gate.opens?.milliseconds(since: now) ?? 0) : 0
    return WaitForecast(
      milliseconds: WaitForecast.Range(
        low: wait.low + opening,
        likely: wait.likely + opening,
        high: wait.high + opening
      ),
      reason: reason
    )
  }

  /// How many could come in now.
  func room(free: UInt64?, at now: Instant) -> Room {
    room(for: line.waitingTotal, free: free, at: now)
  }

  private func room(for wanted: UInt64, free: UInt64?, at now: Instant) -> Room {
    let facts = Room.Facts(
      now: now,
      inside: line.inside,
      holding: line.holding,
      admissions: line.admissions,
      free: free
    )
    return gate.room(for: wanted, facts) { flow.time(of: $0) }
  }

  /// Whether anything lives that time may end.
  var isAlive: Bool { line.waitingTotal > 0 || !untils.isEmpty || gate.opened == nil }

  /// Whether time has come for something since this was last asked.
  mutating func isDue(free: () -> UInt64?, at now: Instant) -> Bool {
    let isOver = deadlines.removeThrough(now.milliseconds)
    if gate.opened == nil, gate.mode != .paused, let opens = gate.opens, opens <= now {
      return true
    }
    guard line.waitingTotal > 0, gate.isServing else { return isOver }
    return isOver || room(free: free(), at: now).count > 0
  }
}
