package import Domain
internal import Threads

/// The one way to change anything: gathers commands into batches and runs each in one transaction.
///
/// A batch is what gathered while the one before was committed, so that there is no timer on the way
/// and a lone caller waits for nobody. Replies leave once their batch is durable.
package actor Ledger {
  private let executor: any SerialExecutor
  private let store: any Store
  private let coder: any EventCoder
  private let options: LedgerOptions
  private let follower: any LedgerFollower
  private nonisolated let queues: Guarded<Waiting>
  private nonisolated let measures = Guarded(LedgerMeasures())

  /// What the batch before left, good as long as nobody else has committed.
  private var rows = WorkingSet()
  private var lastBatch: UInt64?
  /// Known once a batch was committed with it.
  private var sealer: Sealer?
  private var isLost = false

  private struct Waiting {
    var queues: CommandQueues
    /// The worker, where it waits for something to do.
    var worker: CheckedContinuation<Void, Never>?
    /// Whether a batch is wanted though no command waits.
    var isTicked = false
    var isStopping = false
  }

  /// A ledger over `store`, which it owns from now on, on `executor`, where the store may block.
  package init(
    store: sending any Store,
    executor: any SerialExecutor,
    coder: any EventCoder,
    follower: any LedgerFollower,
    options: LedgerOptions
  ) {
    self.store = store
    self.executor = executor
    self.coder = coder
    self.follower = follower
    self.options = options
    queues = Guarded(Waiting(queues: CommandQueues(limits: options.limits)))
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// How it goes.
  package nonisolated var report: LedgerReport {
    let waiting = queues.withLock { ($0.queues.insideCount, $0.queues.doorCount) }
    return measures.withLock { $0.report(inside: waiting.0, door: waiting.1) }
  }
}

// MARK: - Submitting

extension Ledger {
  /// Has `command` decided and made durable, or says why not.
  ///
  /// A caller whose task is cancelled before its command was taken into a batch hears that nothing
  /// happened; after that the command runs to its end, and so does the wait.
  package nonisolated func submit<C: Command>(
    _ command: C,
    lane: Lane = .inside,
    deadline: Int64? = nil
  ) async throws(NotDone) -> Done<C.Outcome> {
    let submission = SubmissionOf(command, deadline: deadline)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        submission.await(continuation)
        enqueue(submission, lane)
      }
    } onCancel: {
      queues.withLock { _ in submission.isWithdrawn = true }
    }
    return try result.get()
  }

  private nonisolated func enqueue(_ submission: Submission, _ lane: Lane) {
    enum Next { case wake(CheckedContinuation<Void, Never>?), full(Int), stopped }
    let next: Next = queues.withLock { waiting in
      guard !waiting.isStopping else { return .stopped }
      switch waiting.queues.append(submission, to: lane) {
      case .full: return .full(waiting.queues.insideCount + waiting.queues.doorCount)
      case .waits:
        defer { waiting.worker = nil }
        return .wake(waiting.worker)
      }
    }
    switch next {
    case .wake(let worker): worker?.resume()
    case .stopped: submission.fail(.refused(Refusal(.storeDown, "the server is stopping")))
    case .full(let count):
      let wait = measures.withLock { $0.milliseconds(for: count) }
      submission.fail(
        .refused(
          Refusal(
            .overloaded,
            "\(count) calls are waiting; ask again in \(wait) ms",
            retryAfterMilliseconds: wait
          )
        )
      )
    }
  }

  /// Asks for a batch even if no command waits: time has come for something.
  package nonisolated func tick() {
    let worker = queues.withLock { waiting in
      waiting.isTicked = true
      defer { waiting.worker = nil }
      return waiting.worker
    }
    worker?.resume()
  }

  /// Lets what waits be done and takes nothing more; ``run()`` returns after that.
  package nonisolated func stop() {
    let worker = queues.withLock { waiting in
      waiting.isStopping = true
      defer { waiting.worker = nil }
      return waiting.worker
    }
    worker?.resume()
  }
}

// MARK: - Working

extension Ledger {
  /// Runs batches until it is stopped, and puts the store away.
  package func run() async {
    while let submissions = await nextBatch() {
      await run(submissions, tries: options.limits.triesMax)
    }
    await store.close()
  }

  /// What has gathered; waits where nothing has. Nil once it is stopped and all is done.
  private func nextBatch() async -> [Submission]? {
    while true {
      enum Next { case batch([Submission]), wait, end }
      let next: Next = queues.withLock { waiting in
        if !waiting.queues.isEmpty || waiting.isTicked {
          waiting.isTicked = false
          return .batch(waiting.queues.takeBatch())
        }
        return waiting.isStopping ? .end : .wait
      }
      switch next {
      case .batch(let submissions): return runnable(submissions)
      case .end: return nil
      case .wait: await sleep()
      }
    }
  }

  private func sleep() async {
    await withCheckedContinuation { continuation in
      let isNeeded = queues.withLock { waiting in
        guard waiting.queues.isEmpty, !waiting.isTicked, !waiting.isStopping else { return true }
        waiting.worker = continuation
        return false
      }
      if isNeeded { continuation.resume() }
    }
  }

  /// Those whose callers still wait. The others hear that nothing happened.
  private func runnable(_ submissions: [Submission]) -> [Submission] {
    let now = options.monotonicNanoseconds()
    // What is taken from the queues is the worker's, so a withdrawal after this comes too late.
    let withdrawn = queues.withLock { _ in submissions.map(\.isWithdrawn) }
    var runnable: [Submission] = []
    runnable.reserveCapacity(submissions.count)
    for (submission, isWithdrawn) in zip(submissions, withdrawn) {
      if isWithdrawn {
        submission.fail(.withdrawn)
      } else if let deadline = submission.deadline, deadline <= now {
        submission.fail(.deadlinePassed)
      } else {
        runnable.append(submission)
      }
    }
    return runnable
  }

  private func run(_ submissions: [Submission], tries: Int) async {
    guard !isLost else {
      return fail(submissions, Refusal(.storeDown, "the store has stopped for good"))
    }
    do throws(StoreFailure) {
      try await attempt(submissions)
    } catch {
      lastBatch = nil
      await recover(from: error, submissions, tries: tries)
    }
  }

  private func attempt(_ submissions: [Submission]) async throws(StoreFailure) {
    let start = options.monotonicNanoseconds()
    let locked = try await store.begin()
    if locked.head.batch != lastBatch || rows.count > options.limits.rowsKeptMax {
      rows = WorkingSet(draws: rows.draws)
    }
    var run = BatchRun(
      locked: locked,
      rows: rows,
      rules: options.rules,
      limits: options.limits,
      coder: coder,
      sealer: sealer,
      draw: { [follower] in follower.draw(for: $0) },
      seed: options.seed()
    )
    // The run has the only copy now, so that it changes rows in place.
    rows = WorkingSet()
    var isOpen = true
    do throws(StoreFailure) {
      try await run.run(submissions, in: store, receiptSecret: options.receiptSecret)
      guard run.hasChanges() || locked.needsBeat(at: run.turn.now) else {
        await store.rollBack()
        keep(run.turn.rows, of: locked.head)
        return answer(submissions, Commit(head: locked.head))
      }
      var (batch, events) = run.result()
      run.turn.rows = WorkingSet()
      isOpen = false
      let commitStart = options.monotonicNanoseconds()
      try await store.commit(batch)
      sealer = run.sealer
      let end = options.monotonicNanoseconds()
      measures.withLock {
        $0.committed(submissions.count, batch: end - start, commit: end - commitStart)
      }
      finish(submissions, &batch, events)
      if run.isMoreDue { tick() }
    } catch {
      // A commit that failed has ended its transaction, as far as anyone can.
      if isOpen { await store.rollBack() }
      throw error
    }
  }

  private func finish(
    _ submissions: [Submission],
    _ batch: inout Batch,
    _ events: [LoggedEvent]
  ) {
    // Followers first: whoever hears of a change finds it when it looks.
    follower.committed(events, encoded: batch.log, head: batch.head)
    answer(submissions, Commit(head: batch.head))
    // Taken and not copied, so that they are changed in place.
    var rows = WorkingSet()
    swap(&rows, &batch.rows)
    rows.settle()
    keep(rows, of: batch.head)
  }

  private func keep(_ rows: WorkingSet, of head: Head) {
    self.rows = rows
    lastBatch = head.batch
  }

  private func answer(_ submissions: [Submission], _ commit: Commit) {
    for submission in submissions { submission.answer(commit) }
  }

  private func fail(_ submissions: [Submission], _ refusal: Refusal) {
    for submission in submissions { submission.fail(.refused(refusal)) }
  }
}

// MARK: - When the store fails

extension Ledger {
  private func recover(
    from failure: StoreFailure,
    _ submissions: [Submission],
    tries: Int
  ) async {
    switch failure {
    case .rolledBack(.conflict, _) where tries > 1:
      await run(submissions, tries: tries - 1)
    case .rolledBack(.refused, _) where submissions.count > 1:
      await runApart(submissions)
    case .rolledBack(.full, let detail):
      follower.storeFailed(failure)
      fail(submissions, Refusal(.storeFull, detail, retryAfterMilliseconds: 1_000))
    case .rolledBack(_, let detail), .unreachable(let detail):
      follower.storeFailed(failure)
      fail(submissions, Refusal(.storeDown, detail, retryAfterMilliseconds: 1_000))
    case .outcomeUnknown(let detail):
      follower.storeFailed(failure)
      fail(submissions, Refusal(.outcomeUnknown, detail))
    case .lost(let detail):
      isLost = true
      follower.storeFailed(failure)
      fail(submissions, Refusal(.outcomeUnknown, detail))
    }
  }

  /// Something in the batch cannot be saved: halves, until it stands alone.
  private func runApart(_ submissions: [Submission]) async {
    let middle = submissions.count / 2
    await run(Array(submissions[..<middle]), tries: options.limits.triesMax)
    await run(Array(submissions[middle...]), tries: options.limits.triesMax)
  }
}

extension LockedHead {
  /// Whether the head's time is to move though nothing happened: it moves at least once a second
  /// while anything lives, so that a longer gap is known to be an outage.
  fileprivate func needsBeat(at now: Instant) -> Bool {
    now.milliseconds(since: head.time) >= 1_000
  }
}
