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
    for (queue, wish) in table.wantedQueues {
      try connection.add(Request(queue, of: Element.self, from: wish.from, max: wish.count))
      count += 1
    }
  }
}

extension Request {
  /// The rows of a queue from a place on.
  init<Element: StoredRow>(
    _ queue: Element.Queue,
    of type: Element.Type,
    from place: Int64,
    max: Int
  ) {
    let parameters = Parameters { values in
      Element.write(queue: queue, to: &values)
      values.integer(place)
      values.integer(Int64(max))
    }
    self.init(.queue(Element.shape), parameters)
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
      guard !table.wantedQueues.isEmpty else { return }
      var queued: [Element.Queue: [Element]] = [:]
      for queue in table.wantedQueues.keys { queued[queue] = try next().rows(of: Element.self) }
      table.provideQueues(queued)
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
