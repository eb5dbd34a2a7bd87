/// Reads the fields of an encoded message one after the other, as they stand, and copies nothing.
///
/// It knows no schema, so whoever uses it judges numbers and types. Good only as long as the bytes
/// are.
@safe package struct FieldCursor {
  /// One field, or one value of a repeated one.
  @safe package struct Field {
    /// The field's number, as it came: no schema has a 0, or one above ``numberMax``.
    package let number: UInt64
    /// What it holds.
    package let value: Value
  }

  /// What a field holds, as far as the encoding tells.
  @safe package enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(UnsafeRawBufferPointer)
    case fixed32(UInt32)
  }

  /// The greatest number that a field can have.
  package static let numberMax: UInt64 = (1 << 29) - 1

  private let bytes: UnsafeRawBufferPointer
  /// How many bytes were read.
  package private(set) var offset = 0

  package init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  /// Whether everything was read.
  package var isAtEnd: Bool { unsafe offset == bytes.count }

  /// The next field; nil at the end. After a failure nothing can be read any more.
  package mutating func next() throws(DecodeFailure) -> Field? {
    if isAtEnd { return nil }
    let tag = try varint()
    return Field(number: tag >> 3, value: try value(ofType: tag & 7))
  }

  /// A number as it stands in a packed list.
  package mutating func varint() throws(DecodeFailure) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard unsafe offset < bytes.count else { throw .malformed }
      let byte = unsafe bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw .malformed
  }

  /// Four bytes as they stand in a packed list.
  package mutating func fixed32() throws(DecodeFailure) -> UInt32 {
    unsafe UInt32(littleEndian: try take(4).loadUnaligned(as: UInt32.self))
  }

  /// Eight bytes as they stand in a packed list.
  package mutating func fixed64() throws(DecodeFailure) -> UInt64 {
    unsafe UInt64(littleEndian: try take(8).loadUnaligned(as: UInt64.self))
  }

  /// Groups, which are types 3 and 4, are refused, as protobuf-c does.
  private mutating func value(ofType type: UInt64) throws(DecodeFailure) -> Value {
    switch type {
    case 0: .varint(try varint())
    case 1: .fixed64(try fixed64())
    case 2: unsafe .bytes(try take(try varint()))
    case 5: .fixed32(try fixed32())
    default: throw .malformed
    }
  }

  private mutating func take(_ count: UInt64) throws(DecodeFailure) -> UnsafeRawBufferPointer {
    guard unsafe count <= UInt64(bytes.count - offset) else { throw .malformed }
    let start = offset
    offset += Int(count)
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
  }
}
