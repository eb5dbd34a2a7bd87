internal import Domain
internal import Ledger

/// The statements of one table on one connection, each prepared when it is first used.
final class TableQueries {
  private let connection: Connection
  private let sql: TableSQL
  private var kept: [Kind: Query] = [:]
  private var keptByKey: Query?
  private var keptPut: Query?

  private enum Kind: Hashable {
    case byGroup
    case byQueue
    case remove
    case firstPage
    case nextPage
    case newest(beforeOne: Bool, ofState: Bool)
  }

  init(on connection: Connection, _ shape: TableShape) {
    self.connection = connection
    sql = TableSQL(shape: shape)
  }

  /// The text is put together with the statement, and not for each use of it.
  private func query(
    _ kind: Kind,
    _ text: @autoclosure () -> String
  ) throws(StoreFailure) -> Query {
    if let query = kept[kind] { return query }
    let query = try Query(on: connection, text())
    kept[kind] = query
    return query
  }

  // MARK: - Rows

  func byKey() throws(StoreFailure) -> Query {
    if let keptByKey { return keptByKey }
    let query = try Query(on: connection, sql.byKey)
    keptByKey = query
    return query
  }

  func put() throws(StoreFailure) -> Query {
    if let keptPut { return keptPut }
    let query = try Query(on: connection, sql.put)
    keptPut = query
    return query
  }

  func remove() throws(StoreFailure) -> Query { try query(.remove, sql.remove) }

  // MARK: - Several rows

  /// Nil where the table has no groups.
  func byGroup() throws(StoreFailure) -> Query? {
    if let query = kept[.byGroup] { return query }
    return try sql.byGroup.map { text throws(StoreFailure) in try query(.byGroup, text) }
  }

  /// Nil where the table has no queues.
  func byQueue() throws(StoreFailure) -> Query? {
    if let query = kept[.byQueue] { return query }
    return try sql.byQueue.map { text throws(StoreFailure) in try query(.byQueue, text) }
  }

  func page(isFirst: Bool) throws(StoreFailure) -> Query {
    try isFirst ? query(.firstPage, sql.firstPage) : query(.nextPage, sql.nextPage)
  }

  func newest(beforeOne: Bool, stateColumn: String?) throws(StoreFailure) -> Query {
    try query(
      .newest(beforeOne: beforeOne, ofState: stateColumn != nil),
      sql.newest(beforeOne: beforeOne, stateColumn: stateColumn)
    )
  }
}

// MARK: - What both writer and readers do

extension TableQueries {
  func row<Element: StoredRow>(_ key: Element.Key) throws(StoreFailure) -> Element? {
    var found: Element?
    try byKey().rows(binding: { Element.write(key, to: &$0) }) { row throws(DamagedRow) in
      found = try Element(from: &row)
    }
    return found
  }

  func rows<Element: StoredRow>(groupOf group: Element.Group) throws(StoreFailure) -> [Element] {
    guard let query = try byGroup() else { return [] }
    return try Self.all(of: query) { Element.write(group: group, to: &$0) }
  }

  func rows<Element: StoredRow>(
    of queue: Element.Queue,
    from place: Int64,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    guard let query = try byQueue() else { return [] }
    return try Self.all(of: query) { values in
      Element.write(queue: queue, to: &values)
      values.integer(place)
      values.integer(Int64(max))
    }
  }

  static func all<Element: StoredRow>(
    of query: Query,
    binding bind: (inout Binder) -> Void
  ) throws(StoreFailure) -> [Element] {
    var rows: [Element] = []
    try query.rows(binding: bind) { row throws(DamagedRow) in
      rows.append(try Element(from: &row))
    }
    return rows
  }
}

/// Reads the head's row.
struct HeadQuery {
  private let query: Query

  init(on connection: Connection) throws(StoreFailure) {
    query = try Query(on: connection, SpecialSQL.head)
  }

  func head() throws(StoreFailure) -> Head {
    var found: Head?
    try query.rows(binding: { _ in }) { row throws(DamagedRow) in
      found = Head(
        epoch: UInt64(bitPattern: try row.integer()),
        offset: UInt64(bitPattern: try row.integer()),
        batch: UInt64(bitPattern: try row.integer()),
        time: Instant(milliseconds: try row.integer()),
        hash: try row.bytes()
      )
    }
    guard let found else { throw .lost("the database has no head") }
    return found
  }
}
