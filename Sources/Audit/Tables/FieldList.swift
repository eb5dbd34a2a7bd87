internal import CProtobufC
internal import UsherAPI
internal import Wire

/// A message's fields as text, by the names of the schema: what a person compares two rows by.
///
/// It reads the encoded message with the message's own description, so that no field of any row can
/// be forgotten here.
struct FieldList {
  private(set) var values: [(path: String, value: String)] = []

  init(_ message: some Message) {
    let bytes = message.encoded()
    bytes.withUnsafeBytes { bytes in
      add(bytes, type(of: message).cDescriptor.pointee, under: "")
    }
  }

  /// The first field in which two rows differ, with both its values.
  static func difference<Row: Message>(
    _ one: Row,
    _ other: Row
  ) -> (field: String, one: String, other: String)? {
    let (first, second) = (Self(one), Self(other))
    let paths = first.values.map(\.path) + second.values.map(\.path)
    for path in paths {
      let (left, right) = (first[path], second[path])
      if left != right { return (path, left, right) }
    }
    return nil
  }

  private subscript(path: String) -> String {
    values.first { $0.path == path }?.value ?? "nothing"
  }

  private mutating func add(
    _ bytes: UnsafeRawBufferPointer,
    _ descriptor: ProtobufCMessageDescriptor,
    under prefix: String
  ) {
    var cursor = FieldCursor(bytes)
    var counts: [UInt64: Int] = [:]
    // What is read here was encoded here: it parses.
    while let field = try? cursor.next() {
      let known = (0..<Int(descriptor.n_fields)).map { descriptor.fields[$0] }
        .first { UInt64($0.id) == field.number }
      var path = prefix + (known.map { String(cString: $0.name) } ?? "\(field.number)")
      if let known, known.label == PROTOBUF_C_LABEL_REPEATED {
        path += "[\(counts[field.number, default: 0])]"
        counts[field.number, default: 0] += 1
      }
      switch field.value {
      case .varint(let value): values.append((path, "\(Int64(bitPattern: value))"))
      case .fixed64(let value): values.append((path, "\(value)"))
      case .fixed32(let value): values.append((path, "\(value)"))
      case .bytes(let bytes):
        if let known, known.type == PROTOBUF_C_TYPE_MESSAGE, let inner = known.descriptor {
          let message = inner.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
          add(bytes, message.pointee, under: path + ".")
        } else {
          values.append((path, "\"\(String(decoding: bytes, as: UTF8.self))\""))
        }
      }
    }
  }
}
