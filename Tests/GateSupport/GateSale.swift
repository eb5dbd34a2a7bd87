package import Domain
package import Ledger
internal import Threads

/// A sale at one or two gates, in which users, operators, time and crashes do whatever a seed draws.
///
/// The batches are the ledger's own; the audit reads their log, and after each compares what the store
/// and the boards have. It is one task and waits for nothing, so that a hundred thousand can be run.
package struct GateSale {
  package let seed: UInt64
  package private(set) var audit: SaleAudit
  package private(set) var batches = 0
  package private(set) var commands = 0
  var dice: Dice
  var users: [UserID] = []
  /// What the operator last asked for, by gate.
  var plans: [String: GatePlan] = [:]
  let tampering: Tampering
  private let rules: Rules
  private let limits: LedgerLimits
  private let store = RowStore()
  private var boards: Boards
  private var rows = WorkingSet()
  /// A clock that never goes back, in milliseconds.
  private let elapsed = Guarded(Int64(0))

  package init(seed: UInt64, tampering: Tampering = .none) async throws(StoreFailure) {
    self.seed = seed
    self.tampering = tampering
    dice = Dice(seed: seed)
    (rules, limits) = dice.bounds()
    audit = SaleAudit(rules: rules, limits: limits)
    store.clock = Instant(milliseconds: 1_000_000)
    boards = try await Self.boards(from: store, elapsed)
  }

  /// What seals every sale's log, so that none has to make a key.
  private static let secret = [UInt8](repeating: 1, count: ReceiptKey.secretBytes)
  private static let sealer = Sealer(
    ReceiptKey(
      number: ReceiptKey.current,
      secret: secret,
      created: Instant(milliseconds: 0)
    )
  )

  package var breaches: [Breach] { audit.breaches }
  var now: Instant { max(store.clock, store.head.time) }

  private static func boards(
    from store: RowStore,
    _ elapsed: Guarded<Int64>
  ) async throws(StoreFailure) -> Boards {
    try await Boards.load(
      from: RowReader(store: store),
      storeNow: max(store.clock, store.head.time),
      monotonicNanoseconds: { elapsed.withLock { $0 * 1_000_000 } },
      encode: { _ in [] },
      aside: { $0() }
    )
  }

  /// Runs it until something is found or that many steps were taken.
  package mutating func run(steps: Int) async throws(StoreFailure) {
    try await prepare()
    for _ in 0..<steps {
      guard breaches.isEmpty else { return }
      try await step()
    }
    try await restart()
  }

  private mutating func step() async throws(StoreFailure) {
    switch dice.number(0...99) {
    case ..<58: try await batch(chosen(), is: .committed)
    case ..<80: try await pass(dice.number(1...15) * 20)
    case ..<86: try await pass(dice.number(300...2_000))
    case ..<88: try await pass(dice.number(2_000...9_000))
    case ..<91: advance(dice.number(5_001...20_000))
    case ..<95: try await restart()
    default: try await batch(chosen(), is: .lost)
    }
    if dice.chance(40) { advance(dice.number(1...60)) }
  }

  /// Some that come together.
  private mutating func chosen() -> [Choice] {
    let count = dice.chance(40) ? 1 : dice.chance(5) ? dice.number(10...60) : dice.number(1...6)
    return (0..<count).map { _ in choose() }
  }
}

// MARK: - Time

extension GateSale {
  private mutating func advance(_ milliseconds: Int64) {
    elapsed.withLock { $0 += milliseconds }
    store.clock = store.clock.after(milliseconds: milliseconds)
  }

  /// Lets time pass as a server does: it looks every 20 ms whether anything is due, and moves the
  /// log's time each second.
  private mutating func pass(_ milliseconds: Int64) async throws(StoreFailure) {
    var left = milliseconds
    while left > 0, breaches.isEmpty {
      let step = min(20, left)
      left -= step
      advance(step)
      let isDue = boards.isDue()
      if isDue || now.milliseconds(since: store.head.time) >= 1_000 {
        try await batch([], is: .committed)
      } else {
        audit.pass(to: now)
      }
    }
  }
}

// MARK: - Batches

extension GateSale {
  /// What those who wait are told while a gate is paused.
  static let paused = "paused"

  enum Fate { case committed, lost }

  mutating func batch(_ choices: [Choice], is fate: Fate) async throws(StoreFailure) {
    let expected = choices.count == 1 && fate == .committed ? choices[0].expected : nil
    batches += 1
    commands += choices.count
    // Of every other seed the boards draw, as in a server; of the others the batch does.
    let drawing = seed % 2 == 0 ? boards : nil
    var run = BatchRun(
      locked: try await store.begin(),
      rows: rows,
      rules: rules,
      limits: limits,
      coder: NoCoder(),
      sealer: Self.sealer,
      draw: { drawing?.draw(for: $0) ?? .unknown },
      seed: dice.next()
    )
    rows = WorkingSet()
    try await run.run(choices.map(\.submission), in: store, receiptSecret: { Self.secret })
    guard fate == .committed else { return await store.rollBack() }
    try await finish(&run)
    check(expected)
    // As the ledger does: what is due is not waited with.
    if run.isMoreDue, breaches.isEmpty { try await batch([], is: .committed) }
  }

  private mutating func finish(_ run: inout BatchRun) async throws(StoreFailure) {
    let now = run.turn.now
    guard run.hasChanges() || now.milliseconds(since: store.head.time) >= 1_000 else {
      await store.rollBack()
      rows = run.turn.rows
      return audit.pass(to: now)
    }
    let (batch, events) = run.result()
    run.turn.rows = WorkingSet()
    try await store.commit(batch)
    rows = batch.rows
    rows.settle()
    tampering.commit?(store)
    boards.time.read(now)
    boards.apply(events)
    audit.take(told(events), at: now)
    compare()
  }

  /// The log as the audit reads it.
  private func told(_ events: [LoggedEvent]) -> [LoggedEvent] {
    var told = events
    if tampering.policy != nil || tampering.action != nil {
      told = told.map { event in
        guard case .gateChanged(var gate) = event.event else { return event }
        gate.policy = plans[gate.name]?.policy ?? gate.policy
        if gate.message == Self.paused { gate.mode = .paused }
        return event.with(.gateChanged(gate))
      }
    }
    return tampering.events?(told) ?? told
  }

  private mutating func compare() {
    guard breaches.isEmpty, tampering.showsRows else { return }
    audit.compare(with: store)
    audit.compare(with: boards, "followed")
    // Whatever is told of a place, it can be told.
    if let line = dice.maybeOne(of: audit.lines), let ticket = dice.maybeOne(of: line.tickets) {
      _ = boards.place(of: ticket.number, in: line.gate.name)
    }
  }

  /// Everything that was in memory is lost, and read again.
  private mutating func restart() async throws(StoreFailure) {
    tampering.restart?(store)
    rows = WorkingSet()
    if dice.chance(10) { try store.reread() }
    boards = try await Self.boards(from: store, elapsed)
    guard breaches.isEmpty, tampering.showsRows else { return }
    audit.compare(with: boards, "loaded")
  }

  private mutating func check(_ expected: Expectation?) {
    guard breaches.isEmpty, let expected else { return }
    audit.check(expected)
  }
}

extension LoggedEvent {
  /// The same place in the log, with something else.
  package func with(_ other: Event) -> LoggedEvent {
    LoggedEvent(epoch: epoch, offset: offset, at: at, event: other)
  }
}

/// Writes nothing: the audit reads events as they are.
struct NoCoder: EventCoder {
  func encode(_ event: LoggedEvent) -> [UInt8] { [] }
  func decode(_ bytes: [UInt8]) -> LoggedEvent? { nil }
}
