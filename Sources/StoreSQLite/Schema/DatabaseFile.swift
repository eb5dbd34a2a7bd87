internal import Ledger

/// The file that a store writes: checked before anything in it is changed, set up, and brought to
/// the newest schema.
enum DatabaseFile {
  /// "Ushr", which marks a file as this program's.
  static let application: Int64 = 0x5573_6872
  static let pageBytes = 4_096
  static let cacheBytes = 256 << 20

  static func open(
    _ path: String,
    on fileSystem: String? = nil,
    _ migrations: [Migration]
  ) throws(SQLiteOpenFailure) -> Connection {
    let connection = try attempt(path, nil) { () throws(StoreFailure) in
      try Connection(path: path, on: fileSystem, .writing)
    }
    // Until it is known to be ours, closing it leaves everything as it is.
    connection.keepLogOnClose(true)
    let version = try check(connection, path, newest: migrations.last?.number ?? 0)
    connection.keepLogOnClose(false)
    try attempt(path, connection) { () throws(StoreFailure) in
      try setUp(connection)
      try migrate(connection, from: version, migrations)
      // Whatever the schema: the head's columns are for whoever runs the newest.
      guard try connection.number("SELECT count(*) FROM head") == 1 else {
        throw .lost("the database has no head")
      }
      try connection.gatherLog()
    }
    return connection
  }

  /// Answers the number of its schema.
  private static func check(
    _ connection: Connection,
    _ path: String,
    newest: Int64
  ) throws(SQLiteOpenFailure) -> Int64 {
    let (version, mark, objects) = try attempt(path, connection) { () throws(StoreFailure) in
      (
        try connection.number("PRAGMA user_version"),
        try connection.number("PRAGMA application_id"),
        try connection.number("SELECT count(*) FROM sqlite_schema")
      )
    }
    guard objects > 0 || mark != 0 || version != 0 else { return 0 }
    guard mark == application else { throw .foreign(path: path) }
    guard version <= newest else { throw .newer(found: version, known: newest, path: path) }
    return version
  }

  private static func setUp(_ connection: Connection) throws(StoreFailure) {
    // The size of pages is settled once the first is written.
    try connection.run("PRAGMA page_size = \(pageBytes)")
    try connection.run("PRAGMA journal_mode = WAL")
    try connection.run("PRAGMA synchronous = FULL")
    // SQLite's own checkpoints swallow their failures: the store makes them itself.
    try connection.run("PRAGMA wal_autocheckpoint = 0")
    try connection.run("PRAGMA cache_size = -\(cacheBytes / 1_024)")
    // Debian's SQLite overwrites what is deleted.
    try connection.run("PRAGMA secure_delete = OFF")
    try connection.run("PRAGMA trusted_schema = OFF")
  }

  /// Runs what is missing in one transaction.
  private static func migrate(
    _ connection: Connection,
    from version: Int64,
    _ migrations: [Migration]
  ) throws(StoreFailure) {
    let missing = migrations.filter { $0.number > version }
    guard let last = missing.last else { return }
    try connection.run("BEGIN IMMEDIATE")
    do throws(StoreFailure) {
      for migration in missing { try connection.run(migration.sql) }
      try connection.run("PRAGMA application_id = \(application)")
      try connection.run("PRAGMA user_version = \(last.number)")
      try connection.run("COMMIT")
    } catch {
      // Where SQLite has rolled back already, there is nothing more to do.
      if connection.isInTransaction { try connection.run("ROLLBACK") }
      throw error
    }
  }

  private static func attempt<Answer>(
    _ path: String,
    _ connection: Connection?,
    _ body: () throws(StoreFailure) -> Answer
  ) throws(SQLiteOpenFailure) -> Answer {
    do throws(StoreFailure) {
      return try body()
    } catch {
      switch error {
      case .lost(let message) where connection?.failedOutside == false:
        throw .damaged(message, path: path)
      case .lost(let message): throw .unavailable(message, path: path)
      case .rolledBack(_, let message), .unreachable(let message), .outcomeUnknown(let message):
        throw .unavailable(message, path: path)
      }
    }
  }
}
