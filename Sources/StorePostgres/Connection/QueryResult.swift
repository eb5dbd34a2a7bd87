internal import CPostgres
internal import Domain

/// What a statement answered. It owns libpq's memory.
@safe final class QueryResult {
  private let raw: OpaquePointer

  /// Takes over a result.
  init(owning raw: OpaquePointer) {
    unsafe self.raw = raw
  }

  deinit {
    unsafe PQclear(raw)
  }

  var status: ExecStatusType { unsafe PQresultStatus(raw) }
  var rowCount: Int { Int(unsafe PQntuples(raw)) }
  /// What was done, as in `COMMIT` or `UPDATE 1`.
  var tag: String { unsafe PQcmdStatus(raw).map { unsafe String(cString: $0) } ?? "" }

  var failure: ConnectionFailure {
    let state = unsafe PQresultErrorField(raw, CInt(UInt8(ascii: "C")))
      .map { unsafe String(cString: $0) }
    let message = unsafe PQresultErrorField(raw, CInt(UInt8(ascii: "M")))
      .map { unsafe String(cString: $0) }
    guard let state else {
      return .lost(unsafe String(cString: PQresultErrorMessage(raw)))
    }
    return .server(state: state, message: message ?? "the server gave no reason")
  }

  /// Runs `body` with the bytes of one value; with none where it is null.
  func withValue<Answer>(
    row: Int,
    column: Int,
    _ body: (UnsafeRawBufferPointer) -> Answer
  ) -> Answer {
    let start = unsafe PQgetvalue(raw, CInt(row), CInt(column))
    let count = Int(unsafe PQgetlength(raw, CInt(row), CInt(column)))
    return unsafe body(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The rows, each read from its columns.
  func rows<Element: StoredRow>(of type: Element.Type) throws(DamagedRow) -> [Element] {
    var rows: [Element] = []
    rows.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      var columns = ResultColumns(of: self, row: row, table: Element.shape.name)
      rows.append(try Element(from: &columns))
    }
    return rows
  }

  /// The columns of one row of some other statement.
  func columns(row: Int) -> ResultColumns {
    ResultColumns(of: self, row: row, table: "an answer")
  }
}

/// Reads the columns of a row of a result, in binary form.
struct ResultColumns: ColumnReader {
  private let result: QueryResult
  private let row: Int
  private let table: String
  private var next = 0

  init(of result: QueryResult, row: Int, table: String) {
    self.result = result
    self.row = row
    self.table = table
  }

  mutating func integer() throws(DamagedRow) -> Int64 {
    let value = unsafe take { bytes in
      bytes.count == 8 ? Int64(bigEndian: unsafe bytes.loadUnaligned(as: Int64.self)) : nil
    }
    guard let value else { throw damaged }
    return value
  }

  mutating func id<Of>() throws(DamagedRow) -> ID<Of> {
    let value: ID<Of>? = unsafe take { bytes in
      guard bytes.count == 16 else { return nil }
      return ID(
        high: UInt64(bigEndian: unsafe bytes.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
    guard let value else { throw damaged }
    return value
  }

  mutating func text() throws(DamagedRow) -> String {
    unsafe take { unsafe String(decoding: $0, as: UTF8.self) }
  }

  mutating func bytes() throws(DamagedRow) -> [UInt8] {
    unsafe take { unsafe Array($0) }
  }

  private mutating func take<Value>(_ read: (UnsafeRawBufferPointer) -> Value) -> Value {
    defer { next += 1 }
    return unsafe result.withValue(row: row, column: next, read)
  }

  private var damaged: DamagedRow {
    DamagedRow(table: table, problem: "column \(next) has another length than it should")
  }
}
