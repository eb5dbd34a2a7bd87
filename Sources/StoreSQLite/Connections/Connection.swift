internal import CGatheredLog
internal import CSQLite
internal import Ledger

/// One connection to a database file. It belongs to whoever made it, on one thread at a time.
@safe final class Connection {
  fileprivate let raw: OpaquePointer

  /// Made once, before the first connection. A process that has used SQLite before goes on counting,
  /// and is only slower.
  private static let countsNoMemory = usher_sqlite_count_no_memory() == SQLITE_OK

  /// What a connection may do.
  enum Access {
    case reading
    case writing
  }

  /// Opens a file, on a file system that SQLite knows by name or else the system's.
  init(path: String, on fileSystem: String? = nil, _ access: Access) throws(StoreFailure) {
    _ = Self.countsNoMemory
    var made: OpaquePointer?
    let mode =
      switch access {
      case .reading: SQLITE_OPEN_READONLY
      case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    // Each connection stays on one thread, and needs no lock of SQLite's.
    let code = unsafe sqlite3_open_v2(path, &made, mode | SQLITE_OPEN_NOMUTEX, fileSystem)
    guard code == SQLITE_OK, let raw = unsafe made else {
      let message = unsafe made.map { unsafe Self.message(of: $0) } ?? "out of memory"
      unsafe sqlite3_close_v2(made)
      throw SQLiteCode(code).failure("\(path): \(message)")
    }
    unsafe self.raw = raw
    unsafe sqlite3_extended_result_codes(raw, 1)
  }

  deinit {
    // With _v2 a statement that lives longer is safe.
    unsafe sqlite3_close_v2(raw)
  }

  /// Whether a transaction is open.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(raw) == 0 }

  /// Whether it cannot change the database.
  var isReadOnly: Bool { unsafe sqlite3_db_readonly(raw, "main") == 1 }

  /// Whether the last thing that failed was the system's fault and not the file's.
  var failedOutside: Bool {
    let outside = [
      SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH, SQLITE_NOLFS,
    ]
    return outside.contains(unsafe sqlite3_errcode(raw) & 0xFF)
  }

  /// Whether closing it leaves the write-ahead log where it is, and so the file untouched.
  func keepLogOnClose(_ isKept: Bool) {
    _ = unsafe usher_sqlite_keep_log_on_close(raw, isKept ? 1 : 0)
  }

  /// Runs statements that answer nothing.
  func run(_ sql: String) throws(StoreFailure) {
    let code = unsafe sqlite3_exec(raw, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// The one number that a statement answers.
  func number(_ sql: String) throws(StoreFailure) -> Int64 {
    var found: Int64 = 0
    try Query(on: self, sql).rows(binding: { _ in }) { row throws(StoreFailure) in
      found = row.number(0)
    }
    return found
  }

  /// How many pages were written since the last time that this was asked.
  func takePagesWritten() -> Int {
    var count: CInt = 0
    var highest: CInt = 0
    unsafe sqlite3_db_status(raw, SQLITE_DBSTATUS_CACHE_WRITE, &count, &highest, 1)
    return Int(count)
  }

  /// Writes the frames of a transaction to the write-ahead log together, as its only writer.
  func gatherLog() throws(StoreFailure) {
    let code = unsafe usher_gather_log(raw)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Makes the write-ahead log durable though some other process wrote it, and may have failed to.
  func secureLog() throws(StoreFailure) {
    try run("BEGIN IMMEDIATE")
    let code = unsafe usher_sqlite_rewrite_log(raw)
    try run("ROLLBACK")
    guard code == SQLITE_OK else {
      throw SQLiteCode(code).failure("\(unsafe String(cString: sqlite3_errstr(code))), the log")
    }
  }

  /// Sees to it that the write-ahead log's index need not grow for a batch of that many pages. Where
  /// there is no room for it nothing has happened. Only within a transaction that writes.
  func growIndex(forPages pages: CInt) throws(StoreFailure) {
    let code = unsafe usher_sqlite_grow_index(raw, pages)
    guard code != SQLITE_OK else { return }
    let text = "\(unsafe String(cString: sqlite3_errstr(code))), the index of the log"
    throw SQLiteCode(code == SQLiteCode.noRoomForIndex ? SQLITE_FULL : code).failure(text)
  }

  /// Moves what is in the write-ahead log into the file, as far as no reader is in the way, and
  /// answers how many pages the log has.
  func checkpoint() throws(StoreFailure) -> Int {
    var pages: CInt = 0
    let code = unsafe sqlite3_wal_checkpoint_v2(raw, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, nil)
    guard code == SQLITE_OK else { throw failure(code) }
    return Int(pages)
  }

  /// Moves all of the write-ahead log into the file and leaves nothing of it. Waits for those who read
  /// what the file has not; whoever comes meanwhile reads the file.
  func cutLog(waitingMilliseconds milliseconds: CInt) throws(StoreFailure) {
    unsafe sqlite3_busy_timeout(raw, milliseconds)
    defer { unsafe sqlite3_busy_timeout(raw, 0) }
    let code = unsafe sqlite3_wal_checkpoint_v2(raw, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  private func failure(_ code: CInt) -> StoreFailure {
    SQLiteCode(code).failure(unsafe Self.message(of: raw))
  }

  private static func message(of raw: OpaquePointer) -> String {
    unsafe String(cString: sqlite3_errmsg(raw))
  }
}

/// A statement that was prepared. One owner; its end is the only finalize.
@safe struct Statement: ~Copyable {
  let raw: OpaquePointer

  init(on connection: borrowing Connection, _ sql: String) throws(StoreFailure) {
    var made: OpaquePointer?
    let flags = CUnsignedInt(SQLITE_PREPARE_PERSISTENT)
    let code = unsafe sqlite3_prepare_v3(connection.raw, sql, -1, flags, &made, nil)
    guard code == SQLITE_OK, let raw = unsafe made else {
      let message = unsafe String(cString: sqlite3_errmsg(connection.raw))
      throw SQLiteCode(code).failure("\(message): \(sql)")
    }
    unsafe self.raw = raw
  }

  deinit {
    unsafe sqlite3_finalize(raw)
  }
}
