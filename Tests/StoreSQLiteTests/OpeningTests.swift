import CSQLite
import Domain
import Glibc
import Ledger
import StoreSupport
import Testing

@testable import StoreSQLite

@Suite("Opening a database file")
struct OpeningTests {
  private let directory = TemporaryDirectory()

  private func open(_ migrations: [Migration] = Migration.all) throws -> SQLiteStore {
    var options = SQLiteStore.Options.defaults
    options.program = "a test"
    return try SQLiteStore(path: directory.database, options, migrations: migrations) {
      Instant(milliseconds: 0)
    }
  }

  /// Runs a statement as another program would.
  private func run(_ sql: String) throws {
    let connection = try Connection(path: directory.database, .writing)
    try connection.run(sql)
  }

  private func contents() throws -> [UInt8] {
    let descriptor = Glibc.open(directory.database, O_RDONLY)
    try #require(descriptor >= 0)
    defer { Glibc.close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 10_000_000)
    let count = read(descriptor, &bytes, bytes.count)
    return Array(bytes[..<max(count, 0)])
  }

  private func write(_ bytes: [UInt8], at place: Int = 0, truncating: Bool = false) throws {
    let flags = O_WRONLY | O_CREAT | (truncating ? O_TRUNC : 0)
    let descriptor = Glibc.open(directory.database, flags, 0o600)
    try #require(descriptor >= 0)
    defer { Glibc.close(descriptor) }
    try #require(pwrite(descriptor, bytes, bytes.count, off_t(place)) == bytes.count)
  }

  @Test("Whoever comes second is refused, and told who came first")
  func secondIsRefused() async throws {
    let first = try open()
    let refusal = #expect(throws: SQLiteOpenFailure.self) { try open() }
    guard case .inUse(let holder?, _)? = refusal else {
      Issue.record("refused with \(String(describing: refusal))")
      return
    }
    #expect(holder.process == getpid())
    #expect(holder.program == "a test")
    #expect(abs(holder.since.milliseconds / 1_000 - Int64(time(nil))) < 60)
    #expect(refusal?.description.contains("in use by process \(getpid())") == true)
    await first.close()
    await (try open()).close()
  }

  @Test("A file of a newer schema is refused and left as it is")
  func newer() async throws {
    await (try open()).close()
    try run("PRAGMA user_version = 99")
    let before = try contents()
    let refusal = SQLiteOpenFailure.newer(
      found: 99,
      known: Migration.newest,
      path: directory.database
    )
    #expect(throws: refusal) { try open() }
    #expect(try contents() == before)
  }

  @Test("Another program's database is refused and left as it is")
  func foreign() throws {
    try run("CREATE TABLE theirs (id INTEGER)")
    let before = try contents()
    #expect(throws: SQLiteOpenFailure.foreign(path: directory.database)) { try open() }
    #expect(try contents() == before)
  }

  @Test("What is no database is refused and left as it is")
  func noDatabase() throws {
    let text = Array(repeating: UInt8(ascii: "x"), count: 5_000)
    try write(text)
    #expect(performing: { try open() }, throws: isDamaged)
    #expect(try contents() == text)
  }

  @Test("A file that was cut off is refused and left as it is")
  func cutOff() async throws {
    await (try open()).close()
    let half = try Array(contents().prefix(10_000))
    try write(half, truncating: true)
    #expect(performing: { try open() }, throws: isDamaged)
    #expect(try contents() == half)
  }

  @Test("A file without a head is refused")
  func noHead() async throws {
    await (try open()).close()
    try run("DELETE FROM head")
    #expect(performing: { try open() }, throws: isDamaged)
  }

  private func isDamaged(_ error: any Error) -> Bool {
    guard case .damaged? = error as? SQLiteOpenFailure else { return false }
    return true
  }

  @Test("A directory that is not there is no damage")
  func noDirectory() {
    #expect(
      performing: {
        try SQLiteStore(path: "/nonexistent/usher.db") { Instant(milliseconds: 0) }
      },
      throws: { error in
        guard case .unavailable? = error as? SQLiteOpenFailure else { return false }
        return true
      }
    )
  }

  @Test("From every earlier schema it comes to the newest", arguments: 0...Migration.newest)
  func migrates(from number: Int64) async throws {
    if number > 0 {
      _ = try DatabaseFile.open(directory.database, Migration.all.filter { $0.number <= number })
    }
    await (try open()).close()
    let connection = try Connection(path: directory.database, .reading)
    #expect(try connection.number("PRAGMA user_version") == Migration.newest)
    try expectShapes(connection)
  }

  @Test("Migrations are numbered from 1 without a gap")
  func numbers() {
    #expect(Migration.all.map(\.number) == Array(1...Migration.newest))
  }

  @Test("A migration that fails leaves the database as it was")
  func failedMigration() async throws {
    await (try open()).close()
    let bad = Migration(
      number: Migration.newest + 1,
      sql: "CREATE TABLE more (id INTEGER); INSERT INTO nowhere VALUES (1);"
    )
    #expect(throws: SQLiteOpenFailure.self) { try open(Migration.all + [bad]) }
    let store = try open()
    #expect(try await store.begin().head.batch == 0)
    await store.close()
    let connection = try Connection(path: directory.database, .reading)
    let more = "SELECT count(*) FROM sqlite_schema WHERE name = 'more'"
    #expect(try connection.number(more) == 0)
  }

  /// Compares every table with the shape it is read by.
  private func expectShapes(_ connection: Connection) throws {
    var comparison = ShapeComparison(connection: connection)
    var rows = WorkingSet()
    try rows.visit(&comparison)
    #expect(comparison.differences == [])
  }
}

private struct ShapeComparison: TableVisitor {
  let connection: Connection
  var differences: [String] = []

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(StoreFailure) {
    let shape = Element.shape
    for (place, column) in shape.columns.enumerated() {
      let type =
        switch column.kind {
        case .integer: "INTEGER"
        case .text: "TEXT"
        case .id, .bytes: "BLOB"
        }
      let key = place < shape.keyCount ? place + 1 : 0
      let found = try connection.number(
        "SELECT count(*) FROM pragma_table_info('\(shape.name)') WHERE cid = \(place) "
          + "AND name = '\(column.name)' AND type = '\(type)' AND pk = \(key) AND \"notnull\" = 1"
      )
      if found != 1 { differences.append("\(shape.name).\(column.name)") }
    }
    let count = try connection.number("SELECT count(*) FROM pragma_table_info('\(shape.name)')")
    if count != shape.columns.count { differences.append("\(shape.name) has \(count) columns") }
  }
}
