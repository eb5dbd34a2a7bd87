internal import Ledger
internal import Threads

/// One connection that reads, on a thread of its own.
actor ReadConnection {
  private let thread: WorkerThread
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe thread.asUnownedSerialExecutor()
  }

  /// What is there while the connection is open.
  private struct Open {
    let connection: Connection
    let snapshot: SQLiteSnapshot
  }

  private let path: String
  private let fileSystem: String?
  private var open: Open?

  init(path: String, on fileSystem: String?) {
    self.path = path
    self.fileSystem = fileSystem
    thread = WorkerThread()
  }

  /// Opens the connection, if it is not open yet, and begins a transaction: from now on it sees one
  /// state. Once that is left, it can be begun again.
  func begin() throws(StoreFailure) {
    let opened: Open
    if let open {
      opened = open
    } else {
      let connection = try Connection(path: path, on: fileSystem, .reading)
      // SQLite is known to lose data where two connections checkpoint.
      precondition(connection.isReadOnly, "a reader could write")
      connection.keepLogOnClose(true)
      try connection.run("PRAGMA cache_size = -\(SQLiteReader.cacheBytes / 1_024)")
      opened = Open(connection: connection, snapshot: try SQLiteSnapshot(of: connection))
      open = opened
    }
    try opened.connection.run("BEGIN")
    do throws(StoreFailure) {
      try opened.snapshot.begin()
    } catch {
      end()
      throw error
    }
  }

  /// Runs `body` with the state that was begun.
  func read<Answer: Sendable>(
    _ body: @Sendable (any Snapshot) throws(StoreFailure) -> Answer
  ) throws(StoreFailure) -> Answer {
    guard let open, open.connection.isInTransaction else { throw .lost("the state was let go of") }
    return try body(open.snapshot)
  }

  /// Runs `body` with the newest state.
  func readNewest<Answer: Sendable>(
    _ body: @Sendable (any Snapshot) throws(StoreFailure) -> Answer
  ) throws(StoreFailure) -> Answer {
    try begin()
    defer { end() }
    return try read(body)
  }

  /// Lets go of the state.
  func end() {
    guard let open, open.connection.isInTransaction else { return }
    do throws(StoreFailure) {
      try open.connection.run("ROLLBACK")
    } catch {
      // A connection that cannot even end a read is of no more use; the next read opens another.
      self.open = nil
    }
  }

  /// Closes the connection. Whoever calls it then ends the thread.
  func close() {
    end()
    open = nil
  }

  /// Ends the thread; nothing may be asked of it after that.
  nonisolated func stop() { thread.stop() }
}
