internal import Domain
internal import Ledger

/// One state of the database, for as long as its connection's transaction lasts.
final class SQLiteSnapshot: Snapshot {
  private let tables: TableList
  private let log: Query
  private let seal: Query
  private let headQuery: HeadQuery
  private(set) var head: Head

  init(of connection: Connection) throws(StoreFailure) {
    tables = TableList(on: connection)
    log = try Query(on: connection, SpecialSQL.log)
    seal = try Query(on: connection, SpecialSQL.seal)
    headQuery = try HeadQuery(on: connection)
    head = try headQuery.head()
  }

  /// The first look of a transaction, which settles what it sees.
  func begin() throws(StoreFailure) {
    head = try headQuery.head()
  }

  func row<Element: StoredRow>(_ key: Element.Key) throws(StoreFailure) -> Element? {
    try tables[Element.shape].row(key)
  }

  func rows<Element: StoredRow>(groupOf group: Element.Group) throws(StoreFailure) -> [Element] {
    try tables[Element.shape].rows(groupOf: group)
  }

  func page<Element: StoredRow>(
    after key: Element.Key?,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    let query = try tables[Element.shape].page(isFirst: key == nil)
    return try TableQueries.all(of: query) { values in
      if let key { Element.write(key, to: &values) }
      values.integer(Int64(max))
    }
  }

  func newest<Element: OwnedRow>(
    of user: UserID,
    before id: ID<Element>?,
    state: Int64?,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    let column = state == nil ? nil : Element.stateColumn
    let query = try tables[Element.shape].newest(beforeOne: id != nil, stateColumn: column)
    return try TableQueries.all(of: query) { values in
      values.id(user)
      if let id { values.id(id) }
      if column != nil, let state { values.integer(state) }
      values.integer(Int64(max))
    }
  }

  func log(from offset: UInt64, max: Int) throws(StoreFailure) -> [[UInt8]] {
    var events: [[UInt8]] = []
    guard let first = Int64(exactly: offset) else { return events }
    try log.rows(binding: { values in
      values.integer(first)
      values.integer(Int64(max))
    }) { row throws(DamagedRow) in
      events.append(try row.bytes())
    }
    return events
  }

  func seal(endingAtOrAfter offset: UInt64) throws(StoreFailure) -> Seal? {
    guard let first = Int64(exactly: offset) else { return nil }
    var found: Seal?
    try seal.rows(binding: { $0.integer(first) }) { row throws(DamagedRow) in
      found = try Seal(from: &row)
    }
    return found
  }
}
