internal import CSQLite
internal import Ledger

/// What SQLite says of how a call went.
struct SQLiteCode {
  private let code: CInt

  init(_ code: CInt) {
    self.code = code
  }

  /// SQLITE_IOERR_SHMSIZE, which Swift does not see.
  static let noRoomForIndex = SQLITE_IOERR | 19 << 8

  /// What is known of a batch after this code.
  ///
  /// What is named neither here nor as a rollback is taken for the worst: after an I/O error, and a
  /// failed fsync above all, SQLite's next success would prove nothing.
  func failure(_ message: String) -> StoreFailure {
    let text = "SQLite says: \(message) (\(code))"
    return switch code & 0xFF {
    case SQLITE_FULL, SQLITE_NOMEM: .rolledBack(.full, text)
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_INTERRUPT: .rolledBack(.conflict, text)
    case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE:
      .rolledBack(.refused, text)
    default: .lost(text)
    }
  }
}
