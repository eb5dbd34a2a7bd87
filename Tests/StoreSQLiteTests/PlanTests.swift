import Domain
import Ledger
import Testing

@testable import StoreSQLite

@Suite("How SQLite runs the statements")
struct PlanTests {
  /// A statement and how SQLite means to run it.
  private func plans() throws -> [(sql: String, steps: String)] {
    let directory = TemporaryDirectory()
    let connection = try DatabaseFile.open(directory.database, Migration.all)
    var collector = SQLCollector()
    var rows = WorkingSet()
    rows.visit(&collector)
    let special = [
      SpecialSQL.head, SpecialSQL.moveHead, SpecialSQL.append, SpecialSQL.log, SpecialSQL.due,
      SpecialSQL.giveBackSeats, SpecialSQL.giveBackHolds, SpecialSQL.giveBackTickets,
      SpecialSQL.forgetRepeats, SpecialSQL.putSeal, SpecialSQL.seal,
    ]
    return try (collector.statements + special).map { sql in
      var steps: [String] = []
      let query = try Query(on: connection, "EXPLAIN QUERY PLAN \(sql)")
      try query.rows(binding: { _ in }) { row throws(DamagedRow) in
        for _ in 0..<3 { _ = try row.integer() }
        steps.append(try row.text())
      }
      return (sql, steps.joined(separator: "; "))
    }
  }

  @Test("No statement goes through a whole table, but for pages in the order of keys")
  func noScans() throws {
    let plans = try plans()
    #expect(plans.count > 60)
    for (sql, steps) in plans where steps.contains("SCAN") {
      let isPage = sql.contains("ORDER BY") && sql.hasSuffix("LIMIT ?") && !sql.contains("WHERE")
      let isHead = steps == "SCAN head"
      // A list of constants, or what a search found.
      let isSmall = steps.contains("SCAN living")
      #expect(isPage || isHead || isSmall, "\(sql): \(steps)")
    }
  }

  @Test("Nothing is sorted that an index has in order")
  func noSorts() throws {
    for (sql, steps) in try plans() where steps.contains("TEMP B-TREE") {
      Issue.record("\(sql): \(steps)")
    }
  }
}

private struct SQLCollector: TableVisitor {
  var statements: [String] = []

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
    let sql = TableSQL(shape: Element.shape)
    statements += [sql.byKey, sql.put, sql.remove, sql.firstPage, sql.nextPage]
    if let byGroup = sql.byGroup { statements.append(byGroup) }
    if let byQueue = sql.byQueue { statements.append(byQueue) }
    guard let owned = Element.self as? any OwnedRow.Type else { return }
    for beforeOne in [false, true] {
      statements.append(sql.newest(beforeOne: beforeOne, stateColumn: nil))
      statements.append(sql.newest(beforeOne: beforeOne, stateColumn: owned.stateColumn))
    }
  }
}
