package import Domain

/// One batch: settles what is due, decides every command in the order in which they came, and says
/// what to save. It runs between the store's begin and its commit.
package struct BatchRun {
  private let limits: LedgerLimits
  private let coder: any EventCoder
  private let locked: LockedHead
  private let draw: (Draws.Key) -> DrawState
  package var turn: Turn
  /// Whether more may be due than one batch ends, so that the next is not to be waited for.
  package private(set) var isMoreDue = false
  /// What seals the batch; nil until the store has been asked for its key.
  private(set) var sealer: Sealer?

  /// A batch under a locked head. `rows` are what the batch before left, where nobody came between;
  /// `draw` is asked for draws.
  package init(
    locked: LockedHead,
    rows: WorkingSet,
    rules: Rules,
    limits: LedgerLimits,
    coder: any EventCoder,
    sealer: Sealer?,
    draw: @escaping (Draws.Key) -> DrawState,
    seed: UInt64
  ) {
    self.limits = limits
    self.coder = coder
    self.locked = locked
    self.sealer = sealer
    self.draw = draw
    // The store's clock may be set back; the log's time is not.
    let now = max(locked.clock, locked.head.time)
    let ids = IDSource(at: now, batch: locked.head.batch + 1, seed: seed)
    turn = Turn(
      now: now,
      rules: rules,
      rows: rows,
      ids: ids,
      epoch: locked.head.epoch,
      after: locked.head.offset
    )
    turn.rows.draws.askAgain()
  }

  /// Does what time asks for, decides the commands in the order in which they came, and lets in
  /// whoever may come in then.
  ///
  /// Where no key of receipts is known yet, it is the store's, or one of `receiptSecret`, which the store
  /// has from then on: under the head's lock no other instance makes another.
  package mutating func run(
    _ submissions: [Submission],
    in store: any Store,
    receiptSecret: () -> [UInt8]
  ) async throws(StoreFailure) {
    try await giveBackOutage(in: store)
    if sealer == nil { sealer = Sealer(try await receiptKey(in: store, orNew: receiptSecret)) }
    let due = try await store.due(at: turn.now, max: limits.lapsesPerBatchMax)
    let settling = SubmissionOf(
      SettleGates(ticketsMax: limits.lapsesPerBatchMax),
      deadline: nil
    )
    let first: [Submission] = [SubmissionOf(LapseDue(due: due), deadline: nil), settling]
    let last = SubmissionOf(ServeLines(), deadline: nil)
    try await decide(first + submissions + [last], in: store)
    isMoreDue = due.count == limits.lapsesPerBatchMax || settling.decision != .success(false)
  }

  private mutating func giveBackOutage(in store: any Store) async throws(StoreFailure) {
    let gap = turn.now.milliseconds(since: locked.head.time)
    guard gap > limits.outageMilliseconds, locked.head.batch > 0 else { return }
    let given = try await store.giveBack(milliseconds: gap, toWhatLivedAt: locked.head.time)
    // What was remembered of their times is no longer so.
    turn.rows = WorkingSet(draws: turn.rows.draws)
    guard given.tickets + given.holds > 0 else { return }
    turn.tell(.timeGivenBack(milliseconds: gap, tickets: given.tickets, holds: given.holds))
  }

  private mutating func receiptKey(
    in store: any Store,
    orNew receiptSecret: () -> [UInt8]
  ) async throws(StoreFailure) -> ReceiptKey {
    turn.rows.receiptKeys.want(ReceiptKey.current)
    if turn.rows.wantsAnything { try await store.load(&turn.rows) }
    if let key = turn.rows.receiptKeys.peek(ReceiptKey.current) { return key }
    let key = ReceiptKey(number: ReceiptKey.current, secret: receiptSecret(), created: turn.now)
    turn.rows.receiptKeys.put(key)
    return key
  }

  private mutating func decide(
    _ submissions: [Submission],
    in store: any Store
  ) async throws(StoreFailure) {
    try await loadTogether(submissions, in: store)
    for submission in submissions {
      // Each round loads what the one before missed; a command looks at a bounded number of things.
      for _ in 0..<Self.roundsMax {
        do throws(MissingRows) {
          try submission.decide(in: &turn)
          break
        } catch {
          try await load(from: store)
        }
      }
    }
  }

  private mutating func load(from store: any Store) async throws(StoreFailure) {
    try await store.load(&turn.rows)
    for key in turn.rows.draws.wanted {
      switch draw(key) {
      case .made(let draw): turn.rows.draws.provide(draw, for: key)
      case .making: turn.rows.draws.postpone(key)
      case .unknown:
        let tickets = try await Self.gathered(for: key, in: store)
        turn.rows.draws.provide(Draw(of: tickets, by: key.lottery), for: key)
      }
    }
  }

  /// Those who came before an opening and still wait for it to come to them.
  private static func gathered(
    for key: Draws.Key,
    in store: any Store
  ) async throws(StoreFailure) -> [TicketID] {
    let queue = Ticket.Queue(key.lane.gathered, of: key.gate)
    let pageMax = 4_096
    var tickets: [TicketID] = []
    var from = Int64.min
    while true {
      let page: [Ticket] = try await store.rows(of: queue, from: from, max: pageMax)
      tickets += page.map(\.id)
      guard page.count == pageMax, let last = page.last else { return tickets }
      from = last.place + 1
    }
  }

  private static var roundsMax: Int { 64 }

  /// What commands know that they need is loaded for all of them at once.
  private mutating func loadTogether(
    _ submissions: [Submission],
    in store: any Store
  ) async throws(StoreFailure) {
    for _ in 0..<Self.roundsMax {
      for submission in submissions { submission.want(in: &turn.rows) }
      guard turn.rows.wantsAnything else { return }
      try await load(from: store)
    }
  }

  /// Whether anything is to be saved.
  package mutating func hasChanges() -> Bool {
    !turn.events.isEmpty || turn.rows.hasChanges
  }

  /// What the store is to save, and the events for those who follow the log.
  package func result() -> (batch: Batch, events: [LoggedEvent]) {
    let head = locked.head
    var events: [LoggedEvent] = []
    events.reserveCapacity(turn.events.count)
    for event in turn.events {
      events.append(
        LoggedEvent(
          epoch: head.epoch,
          offset: head.offset + UInt64(events.count) + 1,
          at: turn.now,
          event: event
        )
      )
    }
    let log = events.map(coder.encode)
    let sealed = log.isEmpty ? nil : sealer?.seal(log, after: head)
    precondition(log.isEmpty || sealed != nil, "a batch with events was run without a key")
    let next = Head(
      epoch: head.epoch,
      offset: head.offset + UInt64(events.count),
      batch: head.batch + 1,
      time: turn.now,
      hash: sealed?.hash ?? head.hash
    )
    let batch = Batch(
      rows: turn.rows,
      head: next,
      log: log,
      seal: sealed?.seal,
      forgetRepeatsBefore: turn.now.after(milliseconds: -turn.rules.repeatMilliseconds)
    )
    return (batch, events)
  }
}
