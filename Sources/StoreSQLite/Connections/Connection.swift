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

  init(path: String, _ access: Access) throws(StoreFailure) {
    _ = Self.countsNoMemory
    var made: OpaquePointer?
    let mode =
      switch access {
      case .reading: SQLITE_OPEN_READONLY
      case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    // Each connection stays on one thread, and needs no lock of SQLite's.
    let code = unsafe sqlite3_open_v2(path, &made, mode | SQLITE_OPEN_NOMUTEX, nil)
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

  /// Moves what is in the write-ahead log into the file, as far as no reader is in the way.
  func checkpoint() throws(StoreFailure) {
    let code = unsafe sqlite3_wal_checkpoint_v2(raw, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
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
