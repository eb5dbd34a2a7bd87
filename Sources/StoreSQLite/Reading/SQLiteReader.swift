package import Ledger
internal import Threads

/// Reads what a ``SQLiteStore`` of this process commits.
///
/// A few connections, each on its own thread, serve the reads in the order in which they come; where
/// too many wait, the next is refused. A state that is held has a connection of its own.
package final class SQLiteReader: StoreReader {
  package struct Options: Sendable, Hashable {
    /// Connections, each with a thread.
    package var connections = 2
    /// Reads that may wait for one.
    package var waitingMax = 1_024
    /// States that may be held at once.
    package var heldMax = 4

    package static let defaults = Options()

    package init() {}
  }

  static let cacheBytes = 16 << 20

  private struct State {
    var idle: [ReadConnection]
    var waiting: [CheckedContinuation<ReadConnection?, Never>] = []
    var heldCount = 0
  }

  private let path: String
  private let fileSystem: String?
  private let options: Options
  private let commits: CommitSignal
  private let state: Guarded<State>

  init(
    path: String,
    on fileSystem: String?,
    _ options: Options,
    _ commits: CommitSignal
  ) {
    precondition(options.connections > 0, "a reader has at least one connection")
    self.path = path
    self.fileSystem = fileSystem
    self.options = options
    self.commits = commits
    let idle = (0..<options.connections).map { _ in ReadConnection(path: path, on: fileSystem) }
    state = Guarded(State(idle: idle))
  }

  /// How many reads wait for a connection.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  package func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    guard let connection = await take(orRefuse: true) else {
      throw .rolledBack(.conflict, "\(options.waitingMax) reads wait already")
    }
    defer { giveBack(connection) }
    return try await connection.readNewest(body)
  }

  package func hold() async throws(StoreFailure) -> any HeldSnapshot {
    let mayHold = state.withLock { state in
      guard state.heldCount < options.heldMax else { return false }
      state.heldCount += 1
      return true
    }
    guard mayHold else {
      throw .rolledBack(.conflict, "\(options.heldMax) states are held already")
    }
    let held = SQLiteHeldSnapshot(ReadConnection(path: path, on: fileSystem)) { [state] in
      state.withLock { $0.heldCount -= 1 }
    }
    do throws(StoreFailure) {
      try await held.begin()
    } catch {
      await held.end()
      throw error
    }
    return held
  }

  package func waitForCommit(after batch: UInt64, atMost time: Duration) async {
    await commits.wait(after: batch, atMost: time)
  }

  /// Waits for the reads that are under way. No others may come.
  package func close() async {
    for _ in 0..<options.connections {
      guard let connection = await take(orRefuse: false) else { return }
      await connection.close()
      connection.stop()
    }
  }

  // MARK: - Connections

  /// A connection that no one else uses; nil where too many wait for one and it may be refused.
  private func take(orRefuse mayRefuse: Bool) async -> ReadConnection? {
    await withCheckedContinuation { continuation in
      let (isSettled, idle) = state.withLock { state -> (Bool, ReadConnection?) in
        if let idle = state.idle.popLast() { return (true, idle) }
        if mayRefuse, state.waiting.count >= options.waitingMax { return (true, nil) }
        state.waiting.append(continuation)
        return (false, nil)
      }
      if isSettled { continuation.resume(returning: idle) }
    }
  }

  private func giveBack(_ connection: ReadConnection) {
    let next = state.withLock { state -> CheckedContinuation<ReadConnection?, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.idle.append(connection)
      return nil
    }
    next?.resume(returning: connection)
  }
}

/// A state with a connection of its own.
private final class SQLiteHeldSnapshot: HeldSnapshot {
  private let connection: Guarded<ReadConnection?>
  private let ended: @Sendable () -> Void

  init(_ connection: ReadConnection, ended: @Sendable @escaping () -> Void) {
    self.connection = Guarded(connection)
    self.ended = ended
  }

  func begin() async throws(StoreFailure) {
    try await connection.withLock { $0 }?.begin()
  }

  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    guard let connection = connection.withLock({ $0 }) else {
      throw .lost("the state was let go of")
    }
    return try await connection.read(body)
  }

  func end() async {
    let mine = connection.withLock { connection in
      defer { connection = nil }
      return connection
    }
    guard let mine else { return }
    await mine.close()
    mine.stop()
    ended()
  }
}
