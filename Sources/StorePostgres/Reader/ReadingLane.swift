internal import Domain
internal import Ledger
internal import Threads

/// One connection for snapshots, on a thread of its own.
actor ReadingLane {
  private let thread = WorkerThread()
  private let settings: PostgresSettings
  private let newestSchema: Int64
  private var connection: PostgresConnection?
  private var head: Head?

  init(_ settings: PostgresSettings, newestSchema: Int64) {
    self.settings = settings
    self.newestSchema = newestSchema
  }

  deinit {
    // Its last job is behind it, or there is nobody who could wait for one.
    thread.stop()
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe thread.asUnownedSerialExecutor()
  }

  /// Runs `body` with a new snapshot.
  func read<Answer: Sendable>(
    _ body: @Sendable (any Snapshot) throws(StoreFailure) -> Answer
  ) throws(StoreFailure) -> Answer {
    try begin()
    defer { end() }
    return try readAgain(body)
  }

  /// Runs `body` with the snapshot that was begun.
  func readAgain<Answer: Sendable>(
    _ body: @Sendable (any Snapshot) throws(StoreFailure) -> Answer
  ) throws(StoreFailure) -> Answer {
    guard let connection, let head, !connection.isLost else {
      throw .unreachable("the connection of this snapshot was lost")
    }
    return try body(PostgresSnapshot(head: head, connection: connection))
  }

  /// Takes a snapshot of everything as it is now.
  func begin() throws(StoreFailure) {
    let wasConnected = connection.map { !$0.isLost } ?? false
    do throws(StoreFailure) {
      return try takeSnapshot()
    } catch {
      // A connection that was idle may have gone unnoticed till now.
      guard wasConnected, connection == nil else { throw error }
    }
    try takeSnapshot()
  }

  private func takeSnapshot() throws(StoreFailure) {
    do {
      let connection = try connect()
      let results = try connection.run([Request(.beginReading), Request(.head)])
      head = try Head(in: results[1], newest: newestSchema)
    } catch let failure as ConnectionFailure {
      end()
      throw failure.ofRead
    } catch {
      end()
      throw StoreFailure(error)
    }
  }

  private func connect() throws(ConnectionFailure) -> PostgresConnection {
    if let connection, !connection.isLost { return connection }
    let made = try PostgresConnection(settings, setup: Session.forReading(settings.limits))
    connection = made
    return made
  }

  /// Lets go of the snapshot.
  func end() {
    head = nil
    guard let connection else { return }
    do throws(ConnectionFailure) {
      try connection.run([Request(.rollBack)])
    } catch {
      self.connection = nil
    }
  }

  func close() {
    connection = nil
  }
}
