internal import CSQLite
internal import Domain

/// The columns of the row that a statement stands on, one after the other.
@safe struct ColumnValues: ColumnReader {
  private let statement: OpaquePointer
  private var place: CInt = 0

  @unsafe
  init(of statement: OpaquePointer) {
    unsafe self.statement = unsafe statement
  }

  /// The number in a column of statements that are no table's.
  func number(_ place: CInt) -> Int64 {
    unsafe sqlite3_column_int64(statement, place)
  }

  mutating func integer() throws(DamagedRow) -> Int64 {
    let place = try next(SQLITE_INTEGER)
    return unsafe sqlite3_column_int64(statement, place)
  }

  mutating func id<Of>() throws(DamagedRow) -> ID<Of> {
    let place = try next(SQLITE_BLOB)
    guard unsafe sqlite3_column_bytes(statement, place) == 16,
      let bytes = unsafe sqlite3_column_blob(statement, place)
    else { throw damage(place, "is no id") }
    return unsafe ID(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    )
  }

  mutating func text() throws(DamagedRow) -> String {
    let place = try next(SQLITE_TEXT)
    guard let text = unsafe sqlite3_column_text(statement, place) else { return "" }
    let count = unsafe Int(sqlite3_column_bytes(statement, place))
    return unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
  }

  mutating func bytes() throws(DamagedRow) -> [UInt8] {
    let place = try next(SQLITE_BLOB)
    // Of no bytes there is no address.
    guard let bytes = unsafe sqlite3_column_blob(statement, place) else { return [] }
    let count = unsafe Int(sqlite3_column_bytes(statement, place))
    return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }

  private mutating func next(_ type: CInt) throws(DamagedRow) -> CInt {
    defer { place += 1 }
    guard unsafe sqlite3_column_type(statement, place) == type else {
      throw damage(place, "holds something else")
    }
    return place
  }

  private func damage(_ place: CInt, _ problem: String) -> DamagedRow {
    let table = unsafe sqlite3_column_table_name(statement, place)
      .map { unsafe String(cString: $0) }
    return DamagedRow(table: table ?? "a query", problem: "column \(place + 1) \(problem)")
  }
}
