internal import CSQLite
internal import Domain
internal import Ledger

/// A statement that is run again and again.
@safe final class Query {
  private let statement: Statement
  private let scratch = Scratch()

  init(on connection: Connection, _ sql: String) throws(StoreFailure) {
    statement = try Statement(on: connection, sql)
  }

  /// Runs it and shows every row to `body`.
  @inline(__always)
  func rows<Failure: Error>(
    binding bind: (inout Binder) -> Void,
    _ body: (inout ColumnValues) throws(Failure) -> Void
  ) throws(StoreFailure) {
    defer { unsafe sqlite3_reset(statement.raw) }
    try self.bind(bind)
    while true {
      let code = unsafe sqlite3_step(statement.raw)
      guard code == SQLITE_ROW else {
        guard code == SQLITE_DONE else { throw failure(code) }
        return
      }
      var row = unsafe ColumnValues(of: statement.raw)
      do throws(Failure) {
        try body(&row)
      } catch {
        throw Self.failure(of: error)
      }
    }
  }

  /// Runs it; it answers no rows.
  @inline(__always)
  func run(binding bind: (inout Binder) -> Void) throws(StoreFailure) {
    defer { unsafe sqlite3_reset(statement.raw) }
    try self.bind(bind)
    let code = unsafe sqlite3_step(statement.raw)
    guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
  }

  /// Runs it with a number and bytes.
  func run(_ number: Int64, _ bytes: [UInt8]) throws(StoreFailure) {
    defer { unsafe sqlite3_reset(statement.raw) }
    let code = unsafe bytes.withUnsafeBytes { bytes in
      unsafe sqlite3_bind_int64(statement.raw, 1, number)
      let bound =
        if let start = bytes.baseAddress, unsafe !bytes.isEmpty {
          unsafe sqlite3_bind_blob64(statement.raw, 2, start, UInt64(bytes.count), nil)
        } else {
          unsafe sqlite3_bind_zeroblob(statement.raw, 2, 0)
        }
      return bound == SQLITE_OK ? unsafe sqlite3_step(statement.raw) : bound
    }
    guard code == SQLITE_DONE else { throw failure(code) }
  }

  /// How many rows it changed when it was last run.
  var changedCount: Int64 { unsafe sqlite3_changes64(sqlite3_db_handle(statement.raw)) }

  @inline(__always)
  private func bind(_ bind: (inout Binder) -> Void) throws(StoreFailure) {
    var binder = unsafe Binder(to: statement.raw, scratch)
    bind(&binder)
    guard binder.code == SQLITE_OK else { throw failure(binder.code) }
  }

  private func failure(_ code: CInt) -> StoreFailure {
    unsafe SQLiteCode(code).failure(
      String(cString: sqlite3_errmsg(sqlite3_db_handle(statement.raw)))
    )
  }

  /// A row that cannot be read means that the file was changed by something else.
  private static func failure(of error: any Error) -> StoreFailure {
    switch error {
    case let failure as StoreFailure: failure
    case let damage as DamagedRow:
      .lost("a row of \(damage.table) cannot be read: \(damage.problem)")
    default: .lost(String(describing: error))
    }
  }
}

/// Where bytes stand still until a statement has run with them.
@safe final class Scratch {
  static let size = 2_048
  private let start: UnsafeMutableRawPointer
  private var used = 0

  init() {
    unsafe start = .allocate(byteCount: Self.size, alignment: 8)
  }

  deinit {
    unsafe start.deallocate()
  }

  func clear() { used = 0 }

  /// Room for this many bytes; nil where there is none left.
  @unsafe
  func take(_ count: Int) -> UnsafeMutableRawPointer? {
    guard used + count <= Self.size else { return nil }
    defer { used += count }
    return unsafe start + used
  }
}
