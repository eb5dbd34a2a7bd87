internal import Descriptors
internal import Wire

/// Reads one encoded message and writes it as JSON.
struct MessageToJSON {
  let catalog: Catalog
  let limits: CodecLimits
  let writesAllFields: Bool
  var writer: JSONWriter
  private(set) var unknownFields: [String] = []
  private var path = CodecPath()
  /// How many messages are open.
  private var depth = 0

  /// Beyond these, more places would tell nobody more.
  private let unknownFieldsMax = 20

  init(catalog: Catalog, limits: CodecLimits, writesAllFields: Bool, writer: JSONWriter) {
    self.catalog = catalog
    self.limits = limits
    self.writesAllFields = writesAllFields
    self.writer = writer
  }

  /// Writes the message that `parts` encode together: a message that came in several parts is what
  /// they are when put one behind the other.
  mutating func decode(
    _ layout: MessageLayout,
    _ parts: [UnsafeRawBufferPointer]
  ) throws(CodecFailure) {
    guard depth < limits.depthMax else {
      throw path.failure("more than \(limits.depthMax) messages are nested")
    }
    depth += 1
    let values = try unsafe collect(layout, parts)
    writer.beginObject()
    for field in layout.fields {
      path.enter(field: field.schema.name)
      try write(field, values[UInt64(clamping: field.schema.number)] ?? [])
      path.leave()
      guard writer.bytes.count <= limits.jsonBytesMax else {
        throw path.failure("the JSON would have over \(limits.jsonBytesMax) bytes")
      }
    }
    writer.endObject()
    depth -= 1
  }

  /// The values of each field, in the order in which they came. Of a choice, only those of the field
  /// that came last.
  private mutating func collect(
    _ layout: MessageLayout,
    _ parts: [UnsafeRawBufferPointer]
  ) throws(CodecFailure) -> [UInt64: [FieldCursor.Value]] {
    var values: [UInt64: [FieldCursor.Value]] = [:]
    var chosen: [String: UInt64] = [:]
    // The formatter spoils the loop over what is unsafe.
    for index in unsafe parts.indices {
      var cursor = unsafe FieldCursor(parts[index])
      while let found = try next(&cursor) {
        guard let field = layout.field(found.number) else {
          noteUnknown(found.number)
          continue
        }
        if let choice = field.schema.oneof {
          if let other = chosen.updateValue(found.number, forKey: choice), other != found.number {
            values[other] = nil
          }
        }
        values[found.number, default: []].append(found.value)
      }
    }
    return values
  }

  private func next(_ cursor: inout FieldCursor) throws(CodecFailure) -> FieldCursor.Field? {
    do throws(DecodeFailure) {
      guard let field = try cursor.next() else { return nil }
      guard 1...FieldCursor.numberMax ~= field.number else { throw .malformed }
      return field
    } catch {
      throw path.failure("the bytes are not a message")
    }
  }

  private mutating func noteUnknown(_ number: UInt64) {
    let place = path.failure("field \(number)").description
    guard unknownFields.count < unknownFieldsMax, !unknownFields.contains(place) else { return }
    unknownFields.append(place)
  }

  private mutating func write(
    _ field: FieldLayout,
    _ values: [FieldCursor.Value]
  ) throws(CodecFailure) {
    switch field.shape {
    case .single(let hasPresence): try writeSingle(field.schema, hasPresence, values)
    case .list: try writeList(field.schema, values)
    case .map(let key, let value): try writeMap(field.schema, key, value, values)
    }
  }

  private mutating func writeSingle(
    _ field: SchemaField,
    _ hasPresence: Bool,
    _ values: [FieldCursor.Value]
  ) throws(CodecFailure) {
    if case .message = field.type {
      guard !values.isEmpty else { return }
      writer.key(field.name)
      return try writeMessage(field.type, values)
    }
    var last = Scalar(defaultOf: field.type)
    // Every value has to be good, though only the last counts: protobuf-c sees it so too.
    for value in values { last = try scalar(field.type, value) }
    let isWanted = hasPresence ? !values.isEmpty : writesAllFields || !last.isDefault
    guard isWanted else { return }
    writer.key(field.name)
    last.write(to: &writer, as: field.type, enums: catalog.enumeration)
  }

  private mutating func writeList(
    _ field: SchemaField,
    _ values: [FieldCursor.Value]
  ) throws(CodecFailure) {
    var writesKey = true
    func beginOnce(_ writer: inout JSONWriter) {
      guard writesKey else { return }
      writer.key(field.name)
      writer.beginArray()
      writesKey = false
    }
    if writesAllFields { beginOnce(&writer) }
    var count = 0
    for value in values {
      if field.type.isPackable, case .bytes(let packed) = value {
        for scalar in try unsafe unpacked(field.type, packed) {
          beginOnce(&writer)
          scalar.write(to: &writer, as: field.type, enums: catalog.enumeration)
          count += 1
        }
        continue
      }
      beginOnce(&writer)
      path.enter(element: count)
      try writeValue(field.type, [value])
      path.leave()
      count += 1
    }
    if !writesKey { writer.endArray() }
  }

  private func unpacked(
    _ type: FieldType,
    _ bytes: UnsafeRawBufferPointer
  ) throws(CodecFailure) -> [Scalar] {
    var scalars: [Scalar] = []
    var cursor = unsafe FieldCursor(bytes)
    do throws(DecodeFailure) {
      while !cursor.isAtEnd { scalars.append(try Scalar(type, nextIn: &cursor)) }
    } catch {
      throw path.failure("the bytes are not a list of \(type.name)")
    }
    return scalars
  }

  private mutating func writeMap(
    _ field: SchemaField,
    _ keyType: FieldType,
    _ valueType: FieldType,
    _ values: [FieldCursor.Value]
  ) throws(CodecFailure) {
    guard writesAllFields || !values.isEmpty else { return }
    var order: [Scalar] = []
    var contents: [Scalar: [FieldCursor.Value]] = [:]
    for value in values {
      let (key, content) = try entry(keyType, value)
      // Of entries with the same key the last counts.
      if contents.updateValue(content, forKey: key) == nil { order.append(key) }
    }
    writer.key(field.name)
    writer.beginObject()
    for key in order {
      path.enter(key: key.keyText)
      writer.key(key.keyText)
      try writeValue(valueType, contents[key] ?? [])
      path.leave()
    }
    writer.endObject()
  }

  private mutating func entry(
    _ keyType: FieldType,
    _ value: FieldCursor.Value
  ) throws(CodecFailure) -> (Scalar, [FieldCursor.Value]) {
    guard case .bytes(let bytes) = value else {
      throw path.failure("the bytes hold another kind of value than a map's entry")
    }
    var key = Scalar(defaultOf: keyType)
    var content: [FieldCursor.Value] = []
    var cursor = unsafe FieldCursor(bytes)
    while let field = try next(&cursor) {
      switch field.number {
      case 1: key = try scalar(keyType, field.value)
      case 2: content.append(field.value)
      default: noteUnknown(field.number)
      }
    }
    return (key, content)
  }

  /// Writes one value, which may have come in several parts, or not at all.
  private mutating func writeValue(
    _ type: FieldType,
    _ values: [FieldCursor.Value]
  ) throws(CodecFailure) {
    if case .message = type { return try writeMessage(type, values) }
    var last = Scalar(defaultOf: type)
    for value in values { last = try scalar(type, value) }
    last.write(to: &writer, as: type, enums: catalog.enumeration)
  }

  private mutating func writeMessage(
    _ type: FieldType,
    _ values: [FieldCursor.Value]
  ) throws(CodecFailure) {
    guard let layout = catalog.layout(of: type.name) else {
      throw path.failure("the schema has no message \(type.name)")
    }
    var parts: [UnsafeRawBufferPointer] = unsafe []
    for value in values {
      guard case .bytes(let part) = value else {
        throw path.failure("the bytes hold another kind of value than a \(type.name)")
      }
      unsafe parts.append(part)
    }
    try unsafe decode(layout, parts)
  }

  private func scalar(
    _ type: FieldType,
    _ value: FieldCursor.Value
  ) throws(CodecFailure) -> Scalar {
    do throws(Scalar.Misfit) {
      return try Scalar(type, value)
    } catch {
      throw path.failure(error.reason)
    }
  }
}
