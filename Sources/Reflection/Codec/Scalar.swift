internal import Descriptors
internal import Wire

/// One value that is no message. An enum's is its number.
enum Scalar: Hashable {
  case signed(Int64)
  case unsigned(UInt64)
  case double(Double)
  case float(Float)
  case bool(Bool)
  case string(String)
  case bytes([UInt8])

  /// Why a value is not what it should be, for a failure that says where too.
  struct Misfit: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// Whether the value is what a field without one has.
  var isDefault: Bool {
    switch self {
    case .signed(let number): number == 0
    case .unsigned(let number): number == 0
    case .double(let number): number.bitPattern == 0
    case .float(let number): number.bitPattern == 0
    case .bool(let truth): !truth
    case .string(let text): text.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    }
  }

  /// What a field of that type has without a value. Messages have none.
  init(defaultOf type: FieldType) {
    switch type {
    case .int32, .int64, .sint32, .sint64, .sfixed32, .sfixed64, .enumeration: self = .signed(0)
    case .uint32, .uint64, .fixed32, .fixed64: self = .unsigned(0)
    case .double: self = .double(0)
    case .float: self = .float(0)
    case .bool: self = .bool(false)
    case .string: self = .string("")
    case .bytes, .group, .message: self = .bytes([])
    }
  }
}

extension FieldType {
  /// How the encoding marks a value of this type.
  var wireType: UInt64 {
    switch self {
    case .double, .fixed64, .sfixed64: 1
    case .float, .fixed32, .sfixed32: 5
    case .string, .bytes, .message: 2
    case .group: 3
    default: 0
    }
  }

  /// Whether a list of such values travels as one field.
  var isPackable: Bool { wireType != 2 && wireType != 3 }

  /// Whether the type's values are wider than a double can hold them, so that JSON has them as text.
  var isWide: Bool {
    switch self {
    case .int64, .uint64, .sint64, .fixed64, .sfixed64: true
    default: false
    }
  }
}

// MARK: - From the wire

extension Scalar {
  /// The value of that type in a field.
  init(_ type: FieldType, _ value: FieldCursor.Value) throws(Misfit) {
    switch (type, value) {
    case (.string, .bytes(let bytes)): unsafe self = .string(try Self.text(bytes))
    case (.bytes, .bytes(let bytes)): unsafe self = .bytes([UInt8](bytes))
    case (_, .varint(let number)) where type.wireType == 0: self.init(type, varint: number)
    case (_, .fixed32(let bits)) where type.wireType == 5: self.init(type, fixed32: bits)
    case (_, .fixed64(let bits)) where type.wireType == 1: self.init(type, fixed64: bits)
    default: throw Misfit("the bytes hold another kind of value than a \(type.name)")
    }
  }

  /// The next value of a packed list.
  init(_ type: FieldType, nextIn list: inout FieldCursor) throws(DecodeFailure) {
    switch type.wireType {
    case 1: self.init(type, fixed64: try list.fixed64())
    case 5: self.init(type, fixed32: try list.fixed32())
    default: self.init(type, varint: try list.varint())
    }
  }

  private init(_ type: FieldType, varint number: UInt64) {
    switch type {
    case .bool: self = .bool(number != 0)
    case .int64: self = .signed(Int64(bitPattern: number))
    case .uint64: self = .unsigned(number)
    case .uint32: self = .unsigned(UInt64(UInt32(truncatingIfNeeded: number)))
    case .sint64: self = .signed(Int64(bitPattern: number >> 1 ^ (0 &- (number & 1))))
    case .sint32:
      let bits = UInt32(truncatingIfNeeded: number)
      self = .signed(Int64(Int32(bitPattern: bits >> 1 ^ (0 &- (bits & 1)))))
    default: self = .signed(Int64(Int32(truncatingIfNeeded: number)))
    }
  }

  private init(_ type: FieldType, fixed32 bits: UInt32) {
    switch type {
    case .float: self = .float(Float(bitPattern: bits))
    case .fixed32: self = .unsigned(UInt64(bits))
    default: self = .signed(Int64(Int32(bitPattern: bits)))
    }
  }

  private init(_ type: FieldType, fixed64 bits: UInt64) {
    switch type {
    case .double: self = .double(Double(bitPattern: bits))
    case .fixed64: self = .unsigned(bits)
    default: self = .signed(Int64(bitPattern: bits))
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) throws(Misfit) -> String {
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
      throw Misfit("the text is not UTF-8")
    }
    return try checked(text)
  }

  /// The schema's texts hold no NUL, on any side.
  static func checked(_ text: String) throws(Misfit) -> String {
    guard !text.utf8.contains(0) else { throw Misfit("a text may not hold a NUL") }
    return text
  }
}

// MARK: - To the wire

extension Scalar {
  /// Appends the value as a field of that type has it, behind the tag.
  func append(to bytes: inout [UInt8], as type: FieldType) {
    switch self {
    case .bool(let truth): bytes.append(truth ? 1 : 0)
    case .string(let text): bytes.append(prefixed: Array(text.utf8))
    case .bytes(let content): bytes.append(prefixed: content)
    case .double(let number): bytes.append(littleEndian: number.bitPattern)
    case .float(let number): bytes.append(littleEndian: number.bitPattern)
    case .unsigned(let number): Self.append(number, to: &bytes, as: type)
    case .signed(let number):
      let isZigzag = type == .sint32 || type == .sint64
      Self.append(
        UInt64(bitPattern: isZigzag ? number << 1 ^ (number >> 63) : number),
        to: &bytes,
        as: type
      )
    }
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8], as type: FieldType) {
    switch type.wireType {
    case 1: bytes.append(littleEndian: number)
    case 5: bytes.append(littleEndian: UInt32(truncatingIfNeeded: number))
    default: bytes.append(varint: number)
    }
  }
}

extension [UInt8] {
  mutating func append(varint number: UInt64) {
    var rest = number
    while rest > 127 {
      append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  mutating func append(littleEndian bits: some FixedWidthInteger) {
    for shift in stride(from: 0, to: bits.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: bits >> shift))
    }
  }

  mutating func append(prefixed content: [UInt8]) {
    append(varint: UInt64(content.count))
    append(contentsOf: content)
  }

  /// The tag of a field of that number, whose schema knows no other than it has here.
  mutating func append(tag number: Int32, wireType: UInt64) {
    append(varint: UInt64(UInt32(bitPattern: number)) << 3 | wireType)
  }
}
