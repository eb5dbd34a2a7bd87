internal import Crypto
internal import UsherAPI

/// One gate's line, replayed from its events by rules of its own: who was admitted, whose turn it was,
/// and whether there was room.
struct GateReplay {
  /// One ticket, as the log tells it.
  struct Place {
    let id: String
    let user: String
    let number: UInt64
    let isPriority: Bool
    let offset: UInt64
    var state = TicketState.waiting
    /// Where it stands in its lane: its number, or what it drew.
    var rank: UInt64
    var admission: UInt64 = 0
    var admittedAt: UInt64 = 0
    let enteredMs: Int64
    /// When its state ends by itself; 0 where it does not.
    var untilMs: Int64 = 0
    var updatedMs: Int64
    /// Where in the log it was changed last.
    var changedAt: UInt64
  }

  private(set) var gate = Gate()
  private var changedAt: UInt64 = 0
  private(set) var places: [UInt64: Place] = [:]
  private var orders: (regular: WaitingOrder, priority: WaitingOrder) = (.init(), .init())
  private var waiting: (regular: Int, priority: Int) = (0, 0)
  private(set) var inside = 0
  private var active = 0
  /// How many tickets ever came to each state.
  private var totals: [TicketState: UInt64] = [:]
  private var living: [String: UInt64] = [:]
  /// When each admission was, by its number less one.
  private var admittedMs: [Int64] = []
  /// Admissions while both lanes waited, and how many of them the priority lane was given.
  private var contested: UInt64 = 0
  private var given: UInt64 = 0
  private var gathered: [UInt64] = []
  private var digest: [UInt8] = []
  /// Since when someone waited though there was room; nil where that is not so.
  private var emptySinceMs: Int64?
  /// The longest that a place was left empty while someone waited.
  private(set) var longestEmptyMs: Int64 = 0

  var isOpen: Bool { gate.openedMs != 0 }
  private var isServing: Bool { isOpen && (gate.mode == .open || gate.mode == .drained) }

  // MARK: - Events

  mutating func change(_ new: Gate, _ event: Event) {
    if gate.policy?.prioritySharePercent != new.policy?.prioritySharePercent {
      contested = 0
      given = 0
    }
    let wasOpen = isOpen
    gate = new
    changedAt = event.offset
    if !wasOpen, isOpen, gate.lottery { draw() }
    noteRoom(event.atMs)
  }

  mutating func enter(_ entered: TicketEntered, _ event: Event, _ findings: inout Findings) {
    findings.looked(.gateSteps)
    if entered.number != UInt64(places.count) + 1 || living[entered.userID] != nil {
      findings.add(
        .gateSteps,
        at: event.offset,
        "ticket \(entered.ticketID) has number \(entered.number) after \(places.count), or its "
          + "user has another place"
      )
    }
    let place = Place(
      id: entered.ticketID,
      user: entered.userID,
      number: entered.number,
      isPriority: entered.priority,
      offset: event.offset,
      rank: entered.number,
      enteredMs: event.atMs,
      updatedMs: event.atMs,
      changedAt: event.offset
    )
    places[entered.number] = place
    living[entered.userID] = entered.number
    count(place, 1)
    if gate.lottery, !isOpen {
      gathered.append(entered.number)
      digest = Self.digest(digest + Self.bytes(of: place.id) + Self.bytes(of: place.user))
    } else {
      insert(place)
    }
    noteRoom(event.atMs)
  }

  mutating func move(_ moved: TicketMoved, _ event: Event, _ findings: inout Findings) {
    findings.looked(.gateSteps)
    guard var place = places[moved.number], place.id == moved.ticketID,
      place.state == moved.from, Self.canFollow(moved.from, moved.to)
    else {
      findings.add(
        .gateSteps,
        at: event.offset,
        "ticket \(moved.ticketID) goes from \(moved.from) to \(moved.to), which cannot follow"
      )
      return
    }
    if moved.to == .admitted { checkAdmission(of: place, moved, event, &findings) }
    if place.state == .waiting { count(place, -1) }
    inside += (Self.isInside(moved.to) ? 1 : 0) - (Self.isInside(place.state) ? 1 : 0)
    active += (moved.to == .active ? 1 : 0) - (place.state == .active ? 1 : 0)
    if moved.to != place.state { totals[moved.to, default: 0] += 1 }
    place.state = moved.to
    place.untilMs = moved.untilMs
    place.updatedMs = event.atMs
    place.changedAt = event.offset
    if moved.to == .admitted {
      place.admission = moved.admission
      place.admittedAt = event.offset
    }
    places[moved.number] = place
    if moved.to == .waiting {
      count(place, 1)
      insert(place)
    }
    if [.done, .expired, .left].contains(moved.to) { living[place.user] = nil }
    noteRoom(event.atMs)
  }

  /// An outage is given back to every ticket whose state was to end by itself. Answers to how many.
  mutating func giveBack(_ back: TimeGivenBack, _ event: Event) -> UInt64 {
    let start = event.atMs.clampedSum(-max(back.gapMs, 0))
    var count: UInt64 = 0
    for (number, place) in places where place.untilMs > start {
      places[number]?.untilMs = place.untilMs.clampedSum(back.gapMs)
      places[number]?.changedAt = event.offset
      count += 1
    }
    return count
  }

  // MARK: - As tables

  /// The gate with its line's counters.
  var row: Kept<Gate> {
    var row = gate
    row.waiting = UInt64(waiting.regular + waiting.priority)
    row.admittedUnclaimed = UInt64(inside - active)
    row.active = UInt64(active)
    row.admittedTotal = UInt64(admittedMs.count)
    row.missedTotal = totals[.missed] ?? 0
    row.doneTotal = totals[.done] ?? 0
    row.expiredTotal = totals[.expired] ?? 0
    row.leftTotal = totals[.left] ?? 0
    return Kept(row: row, offset: changedAt)
  }

  /// Every ticket.
  var tickets: [Kept<TicketRow>] {
    places.values.map { place in
      let row = TicketRow(
        id: place.id,
        gate: gate.name,
        userID: place.user,
        number: place.number,
        priority: place.isPriority,
        state: place.state,
        admission: place.admission,
        untilMs: place.untilMs,
        enteredMs: place.enteredMs,
        updatedMs: place.updatedMs
      )
      return Kept(row: row, offset: place.changedAt)
    }
  }

  // MARK: - What an admission has to be

  private mutating func checkAdmission(
    of place: Place,
    _ moved: TicketMoved,
    _ event: Event,
    _ findings: inout Findings
  ) {
    findings.looked(.gateInversions)
    findings.looked(.gateCap)
    findings.looked(.gateRate)
    if let expected = next(), expected != place.number {
      findings.add(
        .gateInversions,
        at: event.offset,
        "number \(place.number) was admitted while it was the turn of number \(expected)"
      )
    }
    let cap = Int(gate.policy?.insideMax ?? 0)
    if cap > 0, inside >= cap {
      findings.add(.gateCap, at: event.offset, "\(inside + 1) are inside of \(cap)")
    }
    if !isServing {
      findings.add(
        .gateSteps,
        at: event.offset,
        "someone was admitted while the gate served nobody"
      )
    }
    if moved.admission != UInt64(admittedMs.count) + 1 {
      findings.add(
        .gateSteps,
        at: event.offset,
        "admission \(moved.admission) comes after \(admittedMs.count)"
      )
    }
    let rate = Int(gate.policy?.rateCount ?? 0)
    if rate > 0, admittedMs.count >= rate {
      let earlier = admittedMs[admittedMs.count - rate]
      let interval = Int64(gate.policy?.rateIntervalMs ?? 0)
      if event.atMs - earlier < interval {
        findings.add(
          .gateRate,
          at: event.offset,
          "\(rate + 1) admissions within \(event.atMs - earlier) ms of \(interval)"
        )
      }
    }
    admittedMs.append(event.atMs)
  }

  /// Whose turn it is, by the rule of the lanes; counts it as given.
  private mutating func next() -> UInt64? {
    let places = places
    func waits(_ number: UInt64) -> Bool { places[number]?.state == .waiting }
    guard waiting.regular > 0, waiting.priority > 0 else {
      return waiting.priority > 0
        ? orders.priority.first(where: waits) : orders.regular.first(where: waits)
    }
    contested += 1
    let share = contested * UInt64(gate.policy?.prioritySharePercent ?? 0) / 100
    guard share > given else { return orders.regular.first(where: waits) }
    given += 1
    return orders.priority.first(where: waits)
  }

  /// Notes whether someone waits though there is room, and for how long that was so.
  private mutating func noteRoom(_ atMs: Int64) {
    if let since = emptySinceMs { longestEmptyMs = max(longestEmptyMs, atMs - since) }
    emptySinceMs = nil
    guard isServing, waiting.regular + waiting.priority > 0, let policy = gate.policy,
      // Of seats this line knows nothing.
      !policy.stopWhenSoldOut, !policy.limitToStock,
      policy.insideMax == 0 || inside < Int(policy.insideMax)
    else { return }
    var since = atMs
    let rate = Int(policy.rateCount)
    if rate > 0, admittedMs.count >= rate {
      since = max(since, admittedMs[admittedMs.count - rate] + Int64(policy.rateIntervalMs))
    }
    emptySinceMs = since
  }

  // MARK: - Order

  private mutating func insert(_ place: Place) {
    let entry = WaitingOrder.Place(rank: place.rank, number: place.number)
    if place.isPriority { orders.priority.insert(entry) } else { orders.regular.insert(entry) }
  }

  private mutating func count(_ place: Place, _ change: Int) {
    if place.isPriority { waiting.priority += change } else { waiting.regular += change }
  }

  /// Puts those who gathered in the order of their lots: HMAC-SHA256 of the ticket's sixteen bytes, by
  /// the seed and then the chain over all who came.
  private mutating func draw() {
    let hmac = HMAC(key: gate.lotterySeed + digest)
    let lots = gathered.map { number in
      (Self.code(of: Self.bytes(of: places[number]?.id ?? ""), by: hmac), number)
    }
    let sorted = lots.sorted { $0.0.lexicographicallyPrecedes($1.0) }
    for (rank, (_, number)) in sorted.enumerated() {
      // All of them before those who come after the opening, whose numbers are higher.
      places[number]?.rank = UInt64(rank) + 1
      if let place = places[number], place.state == .waiting { insert(place) }
    }
  }

  private static func code(of bytes: [UInt8], by hmac: HMAC) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: HMAC.codeBytes)
    bytes.withUnsafeBytes { bytes in
      code.withUnsafeMutableBytes { hmac.authenticate(bytes, into: $0) }
    }
    return code
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { SHA256.digest(of: $0) }
  }

  /// The sixteen bytes of a UUID.
  private static func bytes(of id: String) -> [UInt8] {
    let digits = id.utf8.filter { $0 != UInt8(ascii: "-") }
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
      UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16)
    }
  }

  private static func isInside(_ state: TicketState) -> Bool {
    state == .admitted || state == .active
  }

  private static func canFollow(_ from: TicketState, _ to: TicketState) -> Bool {
    switch from {
    case .waiting: [.admitted, .left].contains(to)
    case .admitted: [.active, .missed, .expired, .left].contains(to)
    case .active: [.active, .done, .expired, .left].contains(to)
    case .missed: [.waiting, .expired, .left].contains(to)
    default: false
    }
  }
}
