package import CProtobufC

/// The bytes of a random message, made from its descriptor alone, as a careful peer would send them:
/// fields in order, defaults left out, numbers as short as they can be. So the codec under test has
/// to give back the very same bytes.
package struct RandomMessage {
  private var random: SeededGenerator
  private let listCountMax = 3

  package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// `isComplete` leaves no field out.
  package mutating func bytes(
    _ descriptor: ProtobufCMessageDescriptor,
    isComplete: Bool = false
  ) -> [UInt8] {
    let fields = Array(
      UnsafeBufferPointer(start: descriptor.fields, count: Int(descriptor.n_fields))
    )
    let chosen = choices(among: fields)
    return fields.flatMap { field -> [UInt8] in
      if let choice = chosen[oneof(field)] {
        return choice == field.id ? tagged(field, value(field, mayBeDefault: true)) : []
      }
      if !isComplete && Bool.random(using: &random) { return [] }
      return field.label == PROTOBUF_C_LABEL_REPEATED ? list(field) : single(field)
    }
  }

  /// Where a oneof says which of its fields is set; 0 for a field of none.
  private func oneof(_ field: ProtobufCFieldDescriptor) -> UInt32 {
    field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue == 0 ? 0 : field.quantifier_offset
  }

  private mutating func choices(among fields: [ProtobufCFieldDescriptor]) -> [UInt32: UInt32] {
    Dictionary(grouping: fields, by: oneof).filter { $0.key != 0 }.sorted { $0.key < $1.key }
      .reduce(into: [:]) { chosen, choice in
        chosen[choice.key] = choice.value.map(\.id).randomElement(using: &random)
      }
  }

  private mutating func single(_ field: ProtobufCFieldDescriptor) -> [UInt8] {
    tagged(field, value(field, mayBeDefault: field.type == PROTOBUF_C_TYPE_MESSAGE))
  }

  private mutating func list(_ field: ProtobufCFieldDescriptor) -> [UInt8] {
    // Two entries of a map could have the same key, and then come back as one.
    let count = isMap(field) ? 1 : Int.random(in: 1...listCountMax, using: &random)
    var values: [[UInt8]] = []
    for _ in 0..<count { values.append(value(field, mayBeDefault: true)) }
    guard field.flags & PROTOBUF_C_FIELD_FLAG_PACKED.rawValue != 0 else {
      return values.flatMap { tagged(field, $0) }
    }
    return varint(UInt64(field.id) << 3 | 2) + prefixed(values.flatMap { $0 })
  }

  private func isMap(_ field: ProtobufCFieldDescriptor) -> Bool {
    guard field.type == PROTOBUF_C_TYPE_MESSAGE, let descriptor = field.descriptor else {
      return false
    }
    let message = descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
    return String(cString: message.pointee.short_name).hasSuffix("Entry")
      && message.pointee.n_fields == 2
  }

  private func tagged(_ field: ProtobufCFieldDescriptor, _ value: [UInt8]) -> [UInt8] {
    let wireType: UInt64 =
      switch field.type {
      case PROTOBUF_C_TYPE_DOUBLE, PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64: 1
      case PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE: 2
      case PROTOBUF_C_TYPE_FLOAT, PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32: 5
      default: 0
      }
    return varint(UInt64(field.id) << 3 | wireType) + value
  }

  private mutating func value(
    _ field: ProtobufCFieldDescriptor,
    mayBeDefault: Bool
  ) -> [UInt8] {
    let number = random.next() >> UInt64.random(in: 0..<64, using: &random) | (mayBeDefault ? 0 : 1)
    switch field.type {
    case PROTOBUF_C_TYPE_BOOL: return [mayBeDefault ? UInt8(number & 1) : 1]
    case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_ENUM:
      return varint(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: number))))
    case PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_SINT32:
      return varint(UInt64(UInt32(truncatingIfNeeded: number)))
    case PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_UINT64, PROTOBUF_C_TYPE_SINT64:
      return varint(number)
    case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32:
      return littleEndian(number, 4)
    case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64: return littleEndian(number, 8)
    // Whole numbers are exact, and neither NaN nor -0 is among them.
    case PROTOBUF_C_TYPE_FLOAT: return littleEndian(UInt64(Float(number).bitPattern), 4)
    case PROTOBUF_C_TYPE_DOUBLE: return littleEndian(Double(number).bitPattern, 8)
    case PROTOBUF_C_TYPE_MESSAGE:
      guard let descriptor = field.descriptor else { return [0] }
      // An entry without a value is read as one with an empty value, and written so.
      return prefixed(
        bytes(
          descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self).pointee,
          isComplete: isMap(field)
        )
      )
    default: return prefixed(text(mayBeEmpty: mayBeDefault))
    }
  }

  /// Bytes that are good as text too, since descriptors do not tell them apart.
  private mutating func text(mayBeEmpty: Bool) -> [UInt8] {
    let count = Int.random(in: (mayBeEmpty ? 0 : 1)...20, using: &random)
    let letters: [String] = ["a", "Z", "~", "é", "€", "🎫"]
    return (0..<count).flatMap { _ in
      Array((letters.randomElement(using: &random) ?? "").utf8)
    }
  }

  private func prefixed(_ content: [UInt8]) -> [UInt8] { varint(UInt64(content.count)) + content }

  private func littleEndian(_ number: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }

  private func varint(_ number: UInt64) -> [UInt8] {
    var rest = number
    var bytes: [UInt8] = []
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
