internal import CSQLite
internal import Domain

/// Binds values to a statement's parameters, one after the other.
///
/// What is small is copied into the statement's own scratch, which stands still until it has run;
/// SQLite copies the rest.
@safe struct Binder: ColumnWriter {
  private let statement: OpaquePointer
  private let scratch: Scratch
  private var place: CInt = 0
  /// The first thing that went wrong.
  private(set) var code = SQLITE_OK

  @unsafe
  init(to statement: OpaquePointer, _ scratch: Scratch) {
    unsafe self.statement = unsafe statement
    self.scratch = scratch
    scratch.clear()
  }

  mutating func integer(_ value: Int64) {
    place += 1
    note(unsafe sqlite3_bind_int64(statement, place, value))
  }

  mutating func id<Of>(_ value: ID<Of>) {
    place += 1
    guard let room = unsafe scratch.take(16) else {
      note(SQLITE_NOMEM)
      return
    }
    unsafe room.storeBytes(of: value.high.bigEndian, as: UInt64.self)
    unsafe room.storeBytes(of: value.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    note(unsafe sqlite3_bind_blob(statement, place, room, 16, nil))
  }

  mutating func text(_ value: String) {
    place += 1
    var value = value
    let place = place
    let code = value.withUTF8 { bytes in
      // An empty text may have no address, which SQLite would take for NULL.
      guard let start = bytes.baseAddress, !bytes.isEmpty else {
        return unsafe sqlite3_bind_text(statement, place, "", 0, nil)
      }
      guard let room = unsafe scratch.take(bytes.count) else {
        return unsafe start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { text in
          unsafe sqlite3_bind_text64(
            statement,
            place,
            text,
            UInt64(bytes.count),
            Self.copied,
            UInt8(SQLITE_UTF8)
          )
        }
      }
      unsafe room.copyMemory(from: start, byteCount: bytes.count)
      let text = unsafe room.assumingMemoryBound(to: CChar.self)
      return unsafe sqlite3_bind_text(statement, place, text, CInt(bytes.count), nil)
    }
    note(code)
  }

  mutating func bytes(_ value: [UInt8]) {
    place += 1
    let place = place
    let code = unsafe value.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, unsafe !bytes.isEmpty else {
        return unsafe sqlite3_bind_zeroblob(statement, place, 0)
      }
      guard let room = unsafe scratch.take(bytes.count) else {
        let count = UInt64(bytes.count)
        return unsafe sqlite3_bind_blob64(statement, place, start, count, Self.copied)
      }
      unsafe room.copyMemory(from: start, byteCount: bytes.count)
      return unsafe sqlite3_bind_blob(statement, place, room, CInt(bytes.count), nil)
    }
    note(code)
  }

  private mutating func note(_ code: CInt) {
    if self.code == SQLITE_OK { self.code = code }
  }

  /// Tells SQLite to copy what it is given: SQLITE_TRANSIENT, a macro that Swift does not see.
  private static var copied: sqlite3_destructor_type {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }
}
