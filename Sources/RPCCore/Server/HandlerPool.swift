/// Runs the handlers of a loop's calls, in tasks that are used again.
///
/// A task for every call costs five allocations and more time than the call itself. So a task takes
/// the next call when its handler has returned, and rests when there is none. Handlers that never
/// wait all run in one task, one after the other; but a handler may wait at any time, so whoever
/// takes a call while there are more summons another task first. A task that was cancelled is not
/// used again. Only on the loop.
final class HandlerPool {
  /// How many tasks rest at most.
  private static let restingMax = 256

  private let loop: any Loop
  @exclusivity(unchecked)
  private var waiting: [ServerCall] = []
  @exclusivity(unchecked)
  private var taken = 0
  @exclusivity(unchecked)
  private var resting: [HandlerTask] = []
  /// Whether a task is on its way that has not looked for calls yet.
  @exclusivity(unchecked)
  private var isSummoned = false
  private var isClosed = false

  init(on loop: any Loop) { self.loop = loop }

  /// Runs the call's handler in this turn.
  func run(_ call: ServerCall) {
    waiting.append(call)
    summon()
  }

  /// Lets every task end when its handler has returned.
  func close() {
    isClosed = true
    for task in resting { task.wake() }
    resting = []
  }

  private func summon() {
    guard !isSummoned else { return }
    isSummoned = true
    if let task = resting.popLast() { task.wake() } else { HandlerTask(self).start(on: loop) }
  }

  // MARK: For tasks

  /// A task that was summoned begins to look for calls.
  func arrived() { isSummoned = false }

  /// The call that has waited longest.
  func next() -> ServerCall? {
    guard taken < waiting.count else { return nil }
    let call = waiting[taken]
    taken += 1
    if taken < waiting.count {
      summon()
    } else {
      waiting.removeAll(keepingCapacity: taken <= 4096)
      taken = 0
    }
    return call
  }

  /// The task has nothing to do. Answers whether it may be needed again.
  func rest(_ task: HandlerTask) -> Bool {
    guard !isClosed, resting.count < Self.restingMax else { return false }
    resting.append(task)
    return true
  }
}

/// One task of a pool. Only on its loop.
final class HandlerTask: @unchecked Sendable {
  // Sendable because its own task, which runs on the loop, is all that holds it elsewhere.

  private let pool: HandlerPool
  private var task: Task<Void, Never>?
  @exclusivity(unchecked)
  private var continuation: UnsafeContinuation<Void, Never>?
  private var isCancelled = false

  init(_ pool: HandlerPool) { self.pool = pool }

  func start(on loop: any Loop) {
    // Held here, and cancelled with the call that it runs. Not begun at once, since it is summoned by
    // another that has a call to run first.
    task = Task(executorPreference: loop) { await self.work() }
  }

  /// There may be a call to take.
  func wake() { continuation.take()?.resume() }

  /// Cancels the handler that runs.
  func cancel() {
    isCancelled = true
    task?.cancel()
  }

  private func work() async {
    repeat {
      pool.arrived()
      while let call = pool.next() {
        // A call that ended while it waited for its turn is not run.
        if call.isOpen {
          call.handlerTask = self
          do {
            try await call.handler(call)
          } catch {
            call.fail(error)
          }
        }
        call.handlerEnded()
        if isCancelled { return }
      }
    } while await rest()
  }

  /// Returns when there may be calls again, or with false if this task is not needed any more.
  private func rest() async -> Bool {
    guard pool.rest(self) else { return false }
    await withUnsafeContinuation { continuation = $0 }
    return true
  }
}
