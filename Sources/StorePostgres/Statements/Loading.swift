internal import Domain
internal import Ledger

/// Asks for the rows and groups that tables want: one statement each.
struct Asking: TableVisitor {
  let connection: PostgresConnection
  private(set) var count = 0

  init(connection: PostgresConnection) {
    self.connection = connection
  }

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(ConnectionFailure) {
    let shape = Element.shape
    let wanted = Element.wanted(by: table)
    if !wanted.isEmpty {
      var keys = ColumnArrays(kinds: shape.keyColumns.map(\.kind), rows: wanted.count)
      for key in wanted { keys.append { Element.write(key, to: &$0) } }
      try connection.add(Request(.load(shape), keys))
      count += 1
    }
    if !table.wantedGroups.isEmpty {
      let kinds = shape.columns(named: shape.groupColumns).map(\.kind)
      var groups = ColumnArrays(kinds: kinds, rows: table.wantedGroups.count)
      for group in table.wantedGroups { groups.append { Element.write(group: group, to: &$0) } }
      try connection.add(Request(.loadGroups(shape), groups))
      count += 1
    }
  }
}

/// Gives the tables what came of it, in the same order.
struct Providing: TableVisitor {
  var results: ArraySlice<QueryResult>

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) throws(StoreFailure) {
    do throws(DamagedRow) {
      let wantsGroups = !table.wantedGroups.isEmpty
      if !table.wantedKeys.isEmpty {
        Element.provide(try next().rows(of: Element.self), to: &table)
      }
      if wantsGroups { table.provideGroups(try next().rows(of: Element.self)) }
    } catch {
      throw StoreFailure(error)
    }
  }

  private mutating func next() -> QueryResult {
    guard let result = results.popFirst() else {
      preconditionFailure("there is a result for every statement")
    }
    return result
  }
}
