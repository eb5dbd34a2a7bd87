import Domain
import Ledger
import PostgresSupport
import StorePostgres
import Testing

@Suite(
  "PostgreSQL's schema",
  .enabled(if: TestServer.url != nil, Comment(rawValue: TestServer.absence))
)
struct SchemaTests {
  let database: TestDatabase
  let session: PlainSession

  init() throws {
    database = try TestDatabase()
    session = try database.session()
  }

  private func open(_ migrations: [Migration] = Migration.all) throws(StoreFailure) {
    _ = try PostgresStore(PostgresSettings(url: database.url), migrations: migrations)
  }

  /// Everything that the schema is made of.
  private func description(_ session: PlainSession) throws -> [[String]] {
    try session.run(
      """
      SELECT table_name, column_name, data_type, is_nullable, collation_name
      FROM information_schema.columns WHERE table_schema = 'public'
      UNION ALL
      SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
      ORDER BY 1, 2
      """
    )
  }

  @Test("Every table has the columns of its shape, in their order, and is found by its key")
  func shapes() throws {
    try open()
    var comparison = ShapeComparison(session: session)
    var rows = WorkingSet()
    try rows.visit(&comparison)
    #expect(comparison.tables > 10)
  }

  @Test("From every earlier schema it comes to the same as from nothing")
  func migrationsAgree() throws {
    let next = Int64(Migration.all.count) + 1
    let later = [
      Migration(number: next, statements: ["ALTER TABLE users ADD COLUMN later bigint"]),
      Migration(number: next + 1, statements: ["CREATE INDEX users_later ON users (later)"]),
    ]
    let all = Migration.all + later
    try open(all)
    let expected = try description(session)
    for count in 1..<all.count {
      let other = try TestDatabase()
      let settings = PostgresSettings(url: other.url)
      _ = try PostgresStore(settings, migrations: Array(all[..<count]))
      _ = try PostgresStore(settings, migrations: all)
      let session = try other.session()
      #expect(try description(session) == expected, "from schema \(count)")
      #expect(try session.run("SELECT schema FROM head") == [["\(all.count)"]])
    }
  }

  @Test("Migrations are numbered from 1 without a gap")
  func numbers() {
    #expect(Migration.all.map(\.number) == Migration.all.indices.map { Int64($0) + 1 })
  }

  @Test("A migration that fails leaves the schema as it was")
  func failedMigration() throws {
    try open()
    let before = try description(session)
    let broken = Migration(
      number: Int64(Migration.all.count) + 1,
      statements: ["ALTER TABLE users ADD COLUMN later bigint", "SELECT 1 / 0"]
    )
    #expect(throws: StoreFailure.self) { try open(Migration.all + [broken]) }
    #expect(try description(session) == before)
    #expect(try session.run("SELECT schema FROM head") == [["\(Migration.all.count)"]])
  }

  @Test("Seats that were taken before there were gates are counted when they come")
  func tallies() async throws {
    let settings = PostgresSettings(url: database.url)
    _ = try PostgresStore(settings, migrations: Array(Migration.all[..<1]))
    let (one, other) = (
      "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
    )
    let user = "00000000-0000-7000-8000-000000000003"
    try session.run(
      """
      INSERT INTO taken_seats (date_id, number, user_id, reservation_id, until_ms)
      SELECT CASE WHEN seat <= 5 THEN '\(one)'::uuid ELSE '\(other)' END, seat, '\(user)',
        gen_random_uuid(), CASE WHEN seat <= 2 THEN 99 ELSE 0 END
      FROM generate_series(1, 7) AS seat;
      INSERT INTO reservations
      SELECT '\(user)', reservation_id, gen_random_uuid(), gen_random_uuid(), date_id, number, 1, 1,
        1, 99, 1, '00000000-0000-0000-0000-000000000000' FROM taken_seats
      """
    )
    let teller = try Teller(settings)
    try await teller.runBatch()
    #expect(
      try session.run("SELECT date_id, held, sold FROM seat_tallies ORDER BY date_id")
        == [[one, "2", "3"], [other, "0", "2"]]
    )
    // Nothing that was held before is held under a ticket.
    #expect(
      try session.run("SELECT DISTINCT ticket_id FROM reservations")
        == [["00000000-0000-0000-0000-000000000000"]]
    )
    await teller.close()
  }

  @Test("A newer schema is refused, at the start and by who runs already")
  func newerSchema() async throws {
    let running = try Teller(PostgresSettings(url: database.url))
    try await running.runBatch()
    try session.run("UPDATE head SET schema = 99")
    let refusal = StoreFailure.lost(
      "the database has schema 99, and this program knows only those up to "
        + "\(Migration.all.count); run a newer one"
    )
    #expect(throws: refusal) { try open() }
    let failure = await failure { () async throws(StoreFailure) in try await running.begin() }
    #expect(failure == refusal)
  }

  @Test("A table of that name that is another program's is left alone")
  func foreignTable() throws {
    try session.run("CREATE TABLE head (schema bigint)")
    #expect(throws: StoreFailure.self) { try open() }
    #expect(
      try session.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [["1"]]
    )
  }

  @Test("Every statement finds its rows by an index")
  func indexes() throws {
    try open()
    // As sessions of stores are set up.
    try session.run(
      """
      SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
      SET enable_mergejoin = off; SET enable_bitmapscan = off
      """
    )
    var planner = Planner(session: session)
    var rows = WorkingSet()
    try rows.visit(&planner)
    for statement in [Statement.due, .giveBack, .forgetRepeats, .log, .afterLock] {
      try planner.check(statement)
    }
    #expect(planner.checked > 50)
    // Of a table with nothing in it the planner knows nothing, and its plan stays.
    #expect(try planner.plan(of: .loadGroups(Ticket.shape)).contains("tickets_by_user"))
    #expect(try planner.plan(of: .rows(Ticket.shape)).contains("tickets_by_user"))
    #expect(try planner.plan(of: .queue(Ticket.shape)).contains("tickets_queued"))
    #expect(try planner.plan(of: .giveBack).contains("tickets_queued"))
  }
}

/// Compares tables with their shapes.
private struct ShapeComparison: TableVisitor {
  let session: PlainSession
  var tables = 0

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) throws {
    let shape = Element.shape
    let columns = try session.run(
      """
      SELECT column_name, data_type, is_nullable, coalesce(collation_name, '')
      FROM information_schema.columns WHERE table_name = '\(shape.name)' ORDER BY ordinal_position
      """
    )
    let expected = shape.columns.map { column in
      switch column.kind {
      case .integer: [column.name, "bigint", "NO", ""]
      case .id: [column.name, "uuid", "NO", ""]
      case .text: [column.name, "text", "NO", "C"]
      case .bytes: [column.name, "bytea", "NO", ""]
      }
    }
    #expect(columns == expected, "\(shape.name)")
    let key = try session.run(
      "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '\(shape.name)_pkey'"
    )
    let names = shape.columns.prefix(shape.keyCount).map(\.name).joined(separator: ", ")
    #expect(key == [["PRIMARY KEY (\(names))"]], "\(shape.name)")
    tables += 1
  }
}

/// Asks for the plans of statements.
private struct Planner: TableVisitor {
  let session: PlainSession
  var checked = 0

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) throws {
    let shape = Element.shape
    for statement in [Statement.load(shape), .save(shape), .remove(shape), .row(shape)] {
      try check(statement)
    }
    if shape.keyCount > 0 {
      try check(.page(shape), inOrder: true)
      try check(.firstPage(shape), inOrder: true)
    }
    if !shape.groupColumns.isEmpty {
      try check(.loadGroups(shape))
      try check(.rows(shape))
    }
    if shape.queue != nil { try check(.queue(shape)) }
    guard let owned = Element.self as? any OwnedRow.Type else { return }
    for beforeID in [false, true] {
      for state in Set([nil, owned.stateColumn]) {
        let statement = Statement.newest(shape, beforeID: beforeID, stateColumn: state)
        try check(statement, inOrder: true)
      }
    }
  }

  /// Looks for anything that reads a whole table, or sorts where the index has the order already.
  mutating func check(_ statement: Statement, inOrder: Bool = false) throws {
    checked += 1
    let lines = try plan(of: statement)
    #expect(!lines.contains("Seq Scan on"), "\(statement.sql)\n\(lines)")
    // An index that is read whole is a table that is read whole.
    let reads = lines.split(separator: "\n").filter { $0.contains("Index Scan using") }
    if !inOrder {
      let conditions = lines.split(separator: "\n").filter { $0.contains("Index Cond:") }
      #expect(conditions.count >= reads.count, "\(statement.sql)\n\(lines)")
    }
    if inOrder { #expect(!lines.contains("Sort"), "\(statement.sql)\n\(lines)") }
  }

  func plan(of statement: Statement) throws -> String {
    try session.run("PREPARE planned AS \(statement.sql)")
    let count = try session.run(
      "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'planned'"
    )[0][0]
    let nulls = Array(repeating: "NULL", count: Int(count) ?? 0).joined(separator: ", ")
    let call = nulls.isEmpty ? "planned" : "planned(\(nulls))"
    let plan = try session.run("EXPLAIN EXECUTE \(call)").map { $0[0] }
    try session.run("DEALLOCATE planned")
    return plan.joined(separator: "\n")
  }
}
