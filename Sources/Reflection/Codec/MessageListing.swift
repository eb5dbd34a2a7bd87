internal import Descriptors
internal import Wire

/// Shows an encoded message byte by byte, with what each field is, for whoever writes a codec or
/// doubts one.
///
/// The bytes stand in a column of their own, so that they can be cut out and put together again.
package struct MessageListing {
  private let catalog: Catalog
  private let embedded: [String: String]
  /// What was listed: some bytes and what they are.
  private var rows: [(bytes: [UInt8], depth: Int, note: String)] = []

  private static let bytesPerLine = 16
  /// What is nested deeper is shown as it is.
  private static let depthMax = CodecLimits.defaults.depthMax

  /// A listing by the messages of `catalog`. `embedded` names the messages that travel in fields of
  /// bytes, by the fields' full names.
  package init(_ catalog: Catalog, embedded: [String: String] = [:]) {
    self.catalog = catalog
    self.embedded = embedded
  }

  /// Adds bytes that belong to no message, with what they are.
  package mutating func add(_ bytes: [UInt8], note: String) {
    rows.append((bytes, 0, note))
  }

  /// Adds the fields of the message that `bytes` encode.
  package mutating func add(_ bytes: [UInt8], as message: String) {
    unsafe bytes.withUnsafeBytes { unsafe addFields($0, of: message, depth: 0) }
  }

  /// The lines, in hexadecimal and in words.
  package var lines: [String] {
    rows.flatMap { row -> [String] in
      let starts = stride(from: 0, to: max(row.bytes.count, 1), by: Self.bytesPerLine)
      return starts.map { start in
        let bytes = row.bytes[start..<min(start + Self.bytesPerLine, row.bytes.count)]
        let hex = bytes.map(Self.hex).joined(separator: " ")
        guard start == 0 else { return hex }
        let padding = String(repeating: " ", count: Self.bytesPerLine * 3 - 1 - hex.count)
        return hex + padding + "  " + String(repeating: "  ", count: row.depth) + row.note
      }
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

extension MessageListing {
  /// What is known of a field.
  private struct Known {
    var name: String
    var type: FieldType
    var entry: (key: FieldType, value: FieldType)?
    var embedded: String?
  }

  private mutating func addFields(
    _ bytes: UnsafeRawBufferPointer,
    of message: String,
    depth: Int
  ) {
    let layout = catalog.layout(of: message)
    let embedded = embedded
    unsafe addFields(bytes, depth: depth) { number in
      guard let field = layout?.field(number) else { return nil }
      var known = Known(name: field.schema.name, type: field.schema.type)
      if case .map(let key, let value) = field.shape { known.entry = (key, value) }
      known.embedded = embedded["\(message).\(known.name)"]
      return known
    }
  }

  private mutating func addFields(
    _ bytes: UnsafeRawBufferPointer,
    depth: Int,
    _ known: (UInt64) -> Known?
  ) {
    var cursor = unsafe FieldCursor(bytes)
    while !cursor.isAtEnd {
      let start = cursor.offset
      // What cannot be read is shown as it is.
      guard let field = try? cursor.next() else {
        return unsafe rows.append((Array(bytes[start...]), depth, "not a field"))
      }
      let all = unsafe Array(bytes[start..<cursor.offset])
      if let known = known(field.number) {
        add(known, all, field.value, depth: depth)
      } else {
        rows.append((all, depth, "field \(field.number), which the schema does not know"))
      }
    }
  }

  private mutating func add(
    _ known: Known,
    _ all: [UInt8],
    _ value: FieldCursor.Value,
    depth: Int
  ) {
    guard case .bytes(let content) = value else {
      return rows.append((all, depth, "\(known.name): \(text(known.type, value))"))
    }
    let head = Array(all.dropLast(content.count))
    if let (keyType, valueType) = known.entry, depth < Self.depthMax {
      rows.append((head, depth, "\(known.name): an entry, \(content.count) bytes"))
      unsafe addFields(content, depth: depth + 1) { number in
        switch number {
        case 1: Known(name: "key", type: keyType)
        case 2: Known(name: "value", type: valueType)
        default: nil
        }
      }
    } else if let message = known.embedded ?? known.type.messageName, depth < Self.depthMax {
      rows.append((head, depth, "\(known.name): \(message), \(content.count) bytes"))
      unsafe addFields(content, of: message, depth: depth + 1)
    } else if known.type.isPackable {
      rows.append((all, depth, "\(known.name): \(unsafe packedText(known.type, content))"))
    } else if known.type.messageName != nil {
      rows.append((all, depth, "\(known.name): nested too deep to be shown"))
    } else {
      rows.append((all, depth, "\(known.name): \(text(known.type, value))"))
    }
  }

  private func text(_ type: FieldType, _ value: FieldCursor.Value) -> String {
    do throws(Scalar.Misfit) {
      return text(type, [try Scalar(type, value)])
    } catch {
      return error.reason
    }
  }

  private func packedText(_ type: FieldType, _ bytes: UnsafeRawBufferPointer) -> String {
    var cursor = unsafe FieldCursor(bytes)
    var values: [Scalar] = []
    do throws(DecodeFailure) {
      while !cursor.isAtEnd { values.append(try Scalar(type, nextIn: &cursor)) }
    } catch {
      return "not a list of \(type.name)"
    }
    return "[\(text(type, values))]"
  }

  private func text(_ type: FieldType, _ values: [Scalar]) -> String {
    values.map { value in
      var writer = JSONWriter()
      if case .bytes(let bytes) = value, bytes.allSatisfy({ 0x20..<0x7f ~= $0 }) {
        // More can be read in it than in base64.
        writer.string(String(decoding: bytes, as: UTF8.self))
        return writer.text
      }
      value.write(to: &writer, as: type, enums: catalog.enumeration)
      return writer.text
    }.joined(separator: ",")
  }
}

extension FieldType {
  fileprivate var messageName: String? {
    if case .message(let name) = self { name } else { nil }
  }
}
