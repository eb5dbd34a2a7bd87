/// Tasks that wait, on a loop, for something there to change.
///
/// A task waits by looking again after every change, so waking one too many does no harm, and a
/// waiter that is cancelled finds that out by itself.
final class WaitList {
  private let loop: any Loop
  private var lastID: UInt64 = 0
  private var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]

  init(loop: any Loop) { self.loop = loop }

  /// Returns after the next ``wakeAll()``, or when the task is cancelled. Only on the loop.
  func wait() async {
    lastID += 1
    let id = lastID
    let list = LoopBound(self, to: loop)
    await withTaskCancellationHandler {
      guard !Task.isCancelled else { return }
      await withCheckedContinuation { list.value.waiting[id] = $0 }
    } onCancel: {
      list.run { $0.waiting.removeValue(forKey: id)?.resume() }
    }
  }

  /// Lets everyone who waits look again. Only on the loop.
  func wakeAll() {
    guard !waiting.isEmpty else { return }
    let woken = waiting
    waiting.removeAll(keepingCapacity: false)
    // Whoever came first looks first; mostly it is one.
    for id in woken.keys.sorted() { woken[id]?.resume() }
  }
}

extension LoopBound {
  /// Whether the caller is on the value's loop.
  var isCurrent: Bool { loop.isCurrent }

  /// Runs `body` with the value on its loop, going there and back if the caller is elsewhere.
  func onLoop<Result: Sendable>(
    _ body: @escaping @Sendable (Value) async throws -> Result
  ) async throws -> Result {
    if isCurrent { return try await body(value) }
    return try await withTaskExecutorPreference(loop) { try await hop(body) }
  }

  /// Not isolated to the caller's actor, so that it runs where the task prefers to: on the loop.
  @concurrent
  private func hop<Result: Sendable>(
    _ body: @Sendable (Value) async throws -> Result
  ) async throws -> Result {
    try await body(value)
  }
}
