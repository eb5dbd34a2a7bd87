package import Domain

// The statements that are the same for every table, made from its shape.

extension Statement {
  /// Rows by their keys.
  package static func load(_ shape: TableShape) -> Statement {
    Statement("load \(shape.name)", joined(shape, on: shape.keyColumns, filter: nil))
  }

  /// Rows by their groups.
  package static func loadGroups(_ shape: TableShape) -> Statement {
    Statement(
      "load groups of \(shape.name)",
      joined(shape, on: shape.columns(named: shape.groupColumns), filter: shape.groupFilter)
    )
  }

  /// Rows of a queue: its columns are the parameters, and then the first place and the limit.
  package static func queue(_ shape: TableShape) -> Statement {
    guard let queue = shape.queue else {
      preconditionFailure("the table \(shape.name) has no queues")
    }
    let count = queue.columns.count
    let columns =
      queue.columns.enumerated().map { "\($0.element) = $\($0.offset + 1)" }
      + (queue.filter.map { [$0.queueSQL] } ?? [])
    return Statement(
      "queue of \(shape.name)",
      """
      SELECT \(names(shape.columns)) FROM \(shape.name)
      WHERE \(columns.joined(separator: " AND ")) AND \(queue.place) >= $\(count + 1)::bigint
      ORDER BY \(queue.place), \(names(shape.keyColumns)) LIMIT $\(count + 2)::bigint
      """
    )
  }

  private static func joined(
    _ shape: TableShape,
    on columns: [TableShape.Column],
    filter: TableShape.Filter?
  ) -> String {
    let wanted = columns.enumerated().map { "$\($0.offset + 1)::\($0.element.kind.typeName)[]" }
    let conditions =
      columns.map { "kept.\($0.name) = wanted.\($0.name)" }
      + (filter.map { ["kept.\($0.sql)"] } ?? [])
    // OFFSET keeps the planner from making a join of it, which for a table that is empty as yet may go
    // through all that an index has.
    return """
      SELECT \(shape.names(of: "stored"))
      FROM unnest(\(wanted.joined(separator: ", "))) AS wanted (\(names(columns)))
      CROSS JOIN LATERAL (
        SELECT * FROM \(shape.name) AS kept WHERE \(conditions.joined(separator: " AND ")) OFFSET 0
      ) AS stored
      """
  }

  /// Makes or changes rows.
  package static func save(_ shape: TableShape) -> Statement {
    Statement("save \(shape.name)", saving(shape))
  }

  private static func saving(_ shape: TableShape) -> String {
    let arrays = shape.columns.enumerated().map {
      "$\($0.offset + 1)::\($0.element.kind.typeName)[]"
    }
    let changes = shape.columns.dropFirst(shape.keyCount).map { "\($0.name) = excluded.\($0.name)" }
    let onConflict =
      changes.isEmpty ? "NOTHING" : "UPDATE SET \(changes.joined(separator: ", "))"
    return """
      INSERT INTO \(shape.name) (\(names(shape.columns)))
      SELECT * FROM unnest(\(arrays.joined(separator: ", ")))
      ON CONFLICT (\(names(shape.keyColumns))) DO \(onConflict)
      """
  }

  /// Ends rows.
  package static func remove(_ shape: TableShape) -> Statement {
    Statement("remove \(shape.name)", removing(shape))
  }

  private static func removing(_ shape: TableShape) -> String {
    let keys = shape.keyColumns
    let arrays = keys.enumerated().map { "$\($0.offset + 1)::\($0.element.kind.typeName)[]" }
    let equal = keys.map { "stored.\($0.name) = ended.\($0.name)" }
    return """
      DELETE FROM \(shape.name) AS stored
      USING unnest(\(arrays.joined(separator: ", "))) AS ended (\(names(keys)))
      WHERE \(equal.joined(separator: " AND "))
      """
  }

  // MARK: - Readers'

  /// One row by its key.
  package static func row(_ shape: TableShape) -> Statement {
    Statement("row of \(shape.name)", selecting(shape, where: shape.keyColumns, filter: nil))
  }

  /// The rows of one group.
  package static func rows(_ shape: TableShape) -> Statement {
    Statement(
      "rows of \(shape.name)",
      selecting(shape, where: shape.columns(named: shape.groupColumns), filter: shape.groupFilter)
    )
  }

  private static func selecting(
    _ shape: TableShape,
    where columns: [TableShape.Column],
    filter: TableShape.Filter?
  ) -> String {
    let conditions =
      columns.enumerated().map { "\($0.element.name) = $\($0.offset + 1)" }
      + (filter.map { [$0.sql] } ?? [])
    return """
      SELECT \(names(shape.columns)) FROM \(shape.name)
      WHERE \(conditions.joined(separator: " AND "))
      """
  }

  /// The first rows in the order of keys: the limit is the one parameter.
  package static func firstPage(_ shape: TableShape) -> Statement {
    Statement(
      "first page of \(shape.name)",
      """
      SELECT \(names(shape.columns)) FROM \(shape.name)
      ORDER BY \(names(shape.keyColumns)) LIMIT $1::bigint
      """
    )
  }

  /// The rows after a key: its columns are the parameters, and then the limit.
  package static func page(_ shape: TableShape) -> Statement {
    let keys = shape.keyColumns
    let after = keys.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    return Statement(
      "page of \(shape.name)",
      """
      SELECT \(names(shape.columns)) FROM \(shape.name)
      WHERE (\(names(keys))) > (\(after))
      ORDER BY \(names(keys)) LIMIT $\(keys.count + 1)::bigint
      """
    )
  }

  /// A user's rows, newest first: the user, and where they are asked for, the id to come before and
  /// the state, and then the limit.
  package static func newest(
    _ shape: TableShape,
    beforeID: Bool,
    stateColumn: String?
  ) -> Statement {
    var conditions = ["\(shape.columns[0].name) = $1"]
    if beforeID { conditions.append("\(shape.columns[1].name) < $\(conditions.count + 1)") }
    if let stateColumn { conditions.append("\(stateColumn) = $\(conditions.count + 1)") }
    let (condition, limit) = (conditions.joined(separator: " AND "), conditions.count + 1)
    return Statement(
      "newest of \(shape.name) \(beforeID) \(stateColumn ?? "")",
      """
      SELECT \(names(shape.columns)) FROM \(shape.name)
      WHERE \(condition)
      ORDER BY \(shape.columns[1].name) DESC LIMIT $\(limit)::bigint
      """
    )
  }

  private static func names(_ columns: some Sequence<TableShape.Column>) -> String {
    columns.map(\.name).joined(separator: ", ")
  }
}

extension TableShape {
  var keyColumns: [Column] { Array(columns.prefix(keyCount)) }

  func columns(named names: [String]) -> [Column] {
    names.compactMap { name in columns.first { $0.name == name } }
  }

  fileprivate func names(of table: String) -> String {
    columns.map { "\(table).\($0.name)" }.joined(separator: ", ")
  }
}

extension TableShape.Filter {
  fileprivate var sql: String { "\(column) IN (\(list))" }

  /// The condition of a queue's index, and of the statements that use it. To the planner it is another
  /// condition than ``sql``: of two indexes with the same one it takes either where it knows nothing
  /// of the table yet, and keeps a plan that goes through a whole line for each row that is wanted.
  var queueSQL: String { "\(column) + 0 IN (\(list))" }

  private var list: String { values.map(String.init).joined(separator: ", ") }
}
