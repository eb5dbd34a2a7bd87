package import Domain
package import Ledger

/// One file that holds everything, and the one connection that writes to it.
///
/// It is used from one place at a time, and every call blocks until SQLite is done.
package final class SQLiteStore: Store {
  /// What an installation may set.
  package struct Options: Sendable, Hashable {
    /// Pages that the write-ahead log gathers before they are moved into the file.
    package var checkpointPages = 16_384
    /// How many old records of idempotency keys one batch forgets.
    package var forgottenMax = 512
    /// Pages in the write-ahead log from which on it is cut, which waits for those who read.
    package var logPagesMax = 65_536
    /// Pages that one batch writes: where the disk is full, a larger one may end the store.
    package var batchPagesMax: Int32 = 16_384
    /// How long one batch waits for them, in milliseconds.
    package var readersMilliseconds: Int32 = 50
    /// SQLite's name of what carries its files; nil is the system.
    package var fileSystem: String?

    /// What this process is called, for whoever comes second.
    package var program = ""

    package static let defaults = Options()

    package init() {}
  }

  private let path: String
  private let options: Options
  private let clock: @Sendable () -> Instant
  private let commits: CommitSignal
  /// Nil once it is closed.
  private(set) var writer: Writer?
  /// Why nothing can be trusted any more.
  private var lost: StoreFailure?
  /// Pages written since the log was last moved into the file.
  private var pagesWritten = 0
  /// Whether all of the log is known to be durable. What another process left may be in the system's
  /// memory alone, where its sync failed: what follows that, or takes its place, is not safe either.
  private var isLogSecure = false

  /// Opens a database, or makes one where there is no file.
  package convenience init(
    path: String,
    _ options: Options = .defaults,
    clock: @Sendable @escaping () -> Instant
  ) throws(SQLiteOpenFailure) {
    try self.init(path: path, options, migrations: Migration.all, clock: clock)
  }

  init(
    path: String,
    _ options: Options,
    migrations: [Migration],
    clock: @Sendable @escaping () -> Instant
  ) throws(SQLiteOpenFailure) {
    self.path = path
    self.options = options
    self.clock = clock
    let writer = try Writer(path: path, on: options.fileSystem, for: options.program, migrations)
    commits = CommitSignal(batch: writer.batchAtStart)
    self.writer = writer
    do throws(StoreFailure) {
      try secureLog(writer)
      try writer.connection.cutLog(waitingMilliseconds: options.readersMilliseconds)
    } catch {
      // Where there is no room, or a stranger is in the way, there is reading until a batch succeeds.
      if case .lost(let problem) = error { throw .unavailable(problem, path: path) }
    }
  }

  /// Reads what this store commits, beside it. It has to be closed first.
  package func reader(
    _ options: SQLiteReader.Options = .defaults
  ) -> SQLiteReader {
    SQLiteReader(path: path, on: self.options.fileSystem, options, commits)
  }

  // MARK: - Store

  package func begin() async throws(StoreFailure) -> LockedHead {
    try work { writer throws(StoreFailure) in
      // Here and not after a commit, whose callers are waiting.
      try secureLog(writer)
      if pagesWritten >= options.checkpointPages { try checkpoint(writer) }
      try writer.connection.run("BEGIN IMMEDIATE")
      do throws(StoreFailure) {
        try writer.connection.growIndex(forPages: options.batchPagesMax)
      } catch {
        try rollBack(writer)
        throw error
      }
      return LockedHead(head: try writer.head.head(), clock: clock())
    }
  }

  package func load(_ rows: inout WorkingSet) async throws(StoreFailure) {
    try work { writer throws(StoreFailure) in
      var loader = Loader(tables: writer.tables)
      try rows.visit(&loader)
    }
  }

  package func rows<Element: StoredRow>(
    of queue: Element.Queue,
    from place: Int64,
    max: Int
  ) async throws(StoreFailure) -> [Element] {
    try work { writer throws(StoreFailure) in
      try writer.tables[Element.shape].rows(of: queue, from: place, max: max)
    }
  }

  package func due(at now: Instant, max: Int) async throws(StoreFailure) -> [Reservation.Key] {
    try work { writer throws(StoreFailure) in try writer.due(at: now, max: max) }
  }

  package func giveBack(
    milliseconds: Int64,
    toWhatLivedAt instant: Instant
  ) async throws(StoreFailure) -> GivenBack {
    try work { writer throws(StoreFailure) in
      try writer.giveBack(milliseconds: milliseconds, toWhatLivedAt: instant)
    }
  }

  package func commit(_ batch: Batch) async throws(StoreFailure) {
    try work { writer throws(StoreFailure) in
      do throws(StoreFailure) {
        try writer.save(batch, forgottenMax: options.forgottenMax)
        try writer.connection.run("COMMIT")
      } catch {
        try rollBack(writer)
        throw error
      }
      pagesWritten += writer.connection.takePagesWritten()
    }
    commits.committed(batch.head.batch)
  }

  package func rollBack() async {
    guard let writer, lost == nil else { return }
    do throws(StoreFailure) {
      try rollBack(writer)
    } catch {
      lost = error
    }
  }

  package func close() async {
    await rollBack()
    // What cannot be trusted is left as it is, for a person or the next start to look at.
    if lost != nil { writer?.connection.keepLogOnClose(true) }
    writer = nil
  }

  // MARK: - Failing

  /// Runs `body`, unless the store is lost; it is from then on where `body` says so.
  private func work<Answer>(
    _ body: (Writer) throws(StoreFailure) -> Answer
  ) throws(StoreFailure) -> Answer {
    if let lost { throw lost }
    guard let writer else { throw .lost("the store is closed") }
    do throws(StoreFailure) {
      return try body(writer)
    } catch {
      if case .lost = error { lost = error }
      throw error
    }
  }

  private func rollBack(_ writer: Writer) throws(StoreFailure) {
    // Where SQLite has rolled back already, there is nothing more to do.
    guard writer.connection.isInTransaction else { return }
    do throws(StoreFailure) {
      try writer.connection.run("ROLLBACK")
    } catch {
      throw .lost("a batch could not be rolled back: \(error)")
    }
  }

  private func secureLog(_ writer: Writer) throws(StoreFailure) {
    guard !isLogSecure else { return }
    try writer.connection.secureLog()
    isLogSecure = true
  }

  /// Where there is no room, or a reader is in the way, the log grows on and is tried again later.
  private func checkpoint(_ writer: Writer) throws(StoreFailure) {
    pagesWritten = 0
    do throws(StoreFailure) {
      let pages = try writer.connection.checkpoint()
      // Readers that come one after the other, never a moment without, would let it grow for ever.
      if pages >= options.logPagesMax {
        try writer.connection.cutLog(waitingMilliseconds: options.readersMilliseconds)
      }
    } catch {
      if case .lost = error { throw error }
    }
    _ = writer.connection.takePagesWritten()
  }
}
