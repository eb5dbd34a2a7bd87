internal import Domain
internal import Glibc
internal import Ledger
internal import Threads

/// Hears of commits, everyone's, on a connection and a thread of its own. Both are made when someone
/// first waits.
final class CommitListener: Sendable {
  private struct Waiter {
    let batch: UInt64
    /// On the connection's clock.
    let deadline: Int64
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    /// The batch that was last heard of; 0 before the first.
    var batch: UInt64 = 0
    var waiters: [UInt64: Waiter] = [:]
    var lastWaiter: UInt64 = 0
    var isRunning = false
    var isClosed = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  private let settings: PostgresSettings
  private let state = Guarded(State())
  private let bell = Bell()

  /// How long to leave a database alone that could not be reached.
  private static var retryMilliseconds: Int64 { 250 }

  init(_ settings: PostgresSettings) {
    self.settings = settings
  }

  /// Waits until more than `batch` batches were committed, or for this long, or until the caller's
  /// task is cancelled.
  func wait(after batch: UInt64, atMost time: Duration) async {
    let (seconds, attoseconds) = time.components
    let span = seconds.multipliedReportingOverflow(by: 1_000)
    let milliseconds =
      span.overflow ? Int64.max >> 1 : span.partialValue + attoseconds / 1_000_000_000_000_000
    let deadline = PostgresConnection.now() + min(milliseconds, Int64.max >> 1)
    let number = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        add(Waiter(batch: batch, deadline: deadline, continuation: continuation), number)
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume()
    }
  }

  private func add(_ waiter: Waiter, _ number: UInt64) {
    enum Next { case resume, start, ring }
    let next: Next = state.withLock { state in
      guard state.batch <= waiter.batch, !state.isClosed, !Task.isCancelled else { return .resume }
      state.waiters[number] = waiter
      defer { state.isRunning = true }
      return state.isRunning ? .ring : .start
    }
    switch next {
    case .resume: waiter.continuation.resume()
    case .ring: bell.ring()
    case .start:
      // Where the system has no thread, waiting is left to those who ask again.
      guard !BlockingThread.start({ [self] in run() }) else { return }
      finish()
    }
  }

  /// Wakes everyone and lets go of the connection.
  func close() async {
    await withCheckedContinuation { continuation in
      let isRunning = state.withLock { state in
        state.isClosed = true
        if state.isRunning { state.closers.append(continuation) }
        return state.isRunning
      }
      if isRunning { bell.ring() } else { continuation.resume() }
    }
  }

  // MARK: - On the thread

  private func run() {
    var connection: PostgresConnection?
    var retry: Int64 = 0
    while !state.withLock({ $0.isClosed }) {
      if connection == nil, PostgresConnection.now() >= retry {
        connection = listen()
        retry = PostgresConnection.now() + Self.retryMilliseconds
      }
      let next = wakeWaiters()
      bell.wait(until: connection == nil ? min(next, retry) : next, or: connection?.socket)
      if let open = connection, !hear(on: open) { connection = nil }
    }
    connection = nil
    finish()
  }

  private func listen() -> PostgresConnection? {
    do {
      let made = try PostgresConnection(settings, setup: Session.forListening(settings.limits))
      // What is committed from here on is heard; what came before is in the head.
      try made.run([Request(.listen)])
      let head = try Head(in: made.run([Request(.head)])[0], newest: .max)
      state.withLock { $0.batch = head.batch }
      return made
    } catch {
      // Whoever reads is told what is wrong; whoever waits only waits longer.
      return nil
    }
  }

  /// Takes what the server says. Answers whether the connection still stands.
  private func hear(on connection: PostgresConnection) -> Bool {
    do throws(ConnectionFailure) {
      guard let last = try connection.notifications().last else { return true }
      if let batch = UInt64(last) { state.withLock { $0.batch = batch } }
      return true
    } catch {
      return false
    }
  }

  /// Wakes those who have waited long enough, and answers when the next is to be woken.
  private func wakeWaiters() -> Int64 {
    let now = PostgresConnection.now()
    let (ended, next) = state.withLock { state in
      let ended = state.waiters.filter { $0.value.batch < state.batch || $0.value.deadline <= now }
      for number in ended.keys { state.waiters[number] = nil }
      return (Array(ended.values), state.waiters.values.map(\.deadline).min() ?? .max)
    }
    for waiter in ended { waiter.continuation.resume() }
    return next
  }

  private func finish() {
    let (waiters, closers) = state.withLock { state in
      state.isRunning = false
      defer {
        state.waiters.removeAll()
        state.closers.removeAll()
      }
      return (Array(state.waiters.values), state.closers)
    }
    for waiter in waiters { waiter.continuation.resume() }
    for closer in closers { closer.resume() }
  }
}
