internal import Domain
internal import Ledger

/// Saves the changes of every table: one statement for those that are made or changed, and one for
/// those that end. The server saves one table while the next one's statement is made.
struct Saving: TableVisitor {
  let connection: PostgresConnection
  private(set) var repeatsSaved = 0

  init(connection: PostgresConnection) {
    self.connection = connection
  }

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(ConnectionFailure) {
    guard table.hasChanges else { return }
    let changes = Element.changes(of: table)
    let shape = Element.shape
    var saved = ColumnArrays(kinds: shape.columns.map(\.kind), rows: changes.count)
    var ended = ColumnArrays(kinds: shape.keyColumns.map(\.kind), rows: 0)
    for (key, row) in changes {
      if let row {
        saved.append { row.write(to: &$0) }
      } else {
        ended.append { Element.write(key, to: &$0) }
      }
    }
    if saved.rowCount > 0 { try connection.add(Request(.save(shape), saved)) }
    if ended.rowCount > 0 { try connection.add(Request(.remove(shape), ended)) }
    if Element.self == Repeat.self { repeatsSaved = saved.rowCount }
  }
}

extension Request {
  /// A statement that takes many rows.
  init(_ statement: Statement, _ arrays: ColumnArrays) {
    var arrays = arrays
    arrays.finish()
    self.init(statement, Parameters(arrays))
  }

  /// Appends a batch's events to the log.
  init(appending batch: Batch) {
    var events = ColumnArrays(kinds: [.bytes], rows: batch.log.count)
    for event in batch.log { events.append { $0.bytes(event) } }
    events.finish()
    var parameters = Parameters {
      $0.integer(Int64(bitPattern: batch.head.offset) - Int64(batch.log.count))
    }
    parameters.append(events.arrays[0])
    self.init(.appendLog, parameters)
  }
}
