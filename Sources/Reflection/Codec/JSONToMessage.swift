internal import Descriptors
internal import Spelling

/// Reads one message from JSON and encodes it.
///
/// It goes down as deep as the reader lets values be nested, so JSON cannot exhaust the stack.
struct JSONToMessage {
  private let catalog: Catalog
  private let limits: CodecLimits
  private var reader: JSONReader
  private var path = CodecPath()

  init(
    catalog: Catalog,
    limits: CodecLimits,
    _ json: [UInt8],
    startingAt position: TextPosition
  ) {
    self.catalog = catalog
    self.limits = limits
    reader = JSONReader(json, depthMax: limits.depthMax, startingAt: position)
  }

  /// The encoding of the message that all of the text is.
  mutating func encode(_ layout: MessageLayout) throws(CodecFailure) -> [UInt8] {
    let bytes = try message(layout, try token())
    guard try nextToken() == nil else { throw path.failure("nothing may follow the value") }
    guard bytes.count <= limits.messageBytesMax else {
      throw path.failure("the message has over \(limits.messageBytesMax) bytes")
    }
    return bytes
  }

  private mutating func message(
    _ layout: MessageLayout,
    _ first: JSONReader.Token
  ) throws(CodecFailure) -> [UInt8] {
    guard first == .beginObject else {
      let form = FieldType.message(layout.message.fullName).jsonForm
      throw path.failure("expected \(form), not \(first.name)")
    }
    var contents: [Int32: [UInt8]] = [:]
    var given: Set<Int32> = []
    var choices: [String: String] = [:]
    while case .key(let name) = try token() {
      let field = try self.field(name, of: layout)
      path.enter(field: field.schema.name)
      guard given.insert(field.schema.number).inserted else { throw path.failure("is given twice") }
      let value = try token()
      // As if the field were not there.
      if value != .null {
        if let choice = field.schema.oneof {
          if let other = choices.updateValue(field.schema.name, forKey: choice) {
            throw path.failure("\(choice) is one of several fields, and \(other) is given already")
          }
        }
        contents[field.schema.number] = try self.field(field, value)
      }
      path.leave()
    }
    return contents.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  private func field(
    _ name: String,
    of layout: MessageLayout
  ) throws(CodecFailure) -> FieldLayout {
    if let field = layout.field(name) { return field }
    let similar = nearest(to: name, among: layout.fields.map(\.schema.name))
    var path = path
    path.enter(field: name)
    throw path.failure(
      "\(layout.message.fullName) has no such field"
        + (similar.map { "; a similar one exists: \($0)" } ?? "")
    )
  }

  /// A field with its tag or tags.
  private mutating func field(
    _ field: FieldLayout,
    _ first: JSONReader.Token
  ) throws(CodecFailure) -> [UInt8] {
    switch field.shape {
    case .single(let hasPresence): try single(field.schema, hasPresence: hasPresence, first)
    case .list: try list(field.schema, first)
    case .map(let key, let value): try map(field.schema, key: key, value: value, first)
    }
  }

  private mutating func single(
    _ field: SchemaField,
    hasPresence: Bool,
    _ first: JSONReader.Token
  ) throws(CodecFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(tag: field.number, wireType: field.type.wireType)
    let isDefault = try append(field.type, first, to: &bytes)
    return isDefault && !hasPresence ? [] : bytes
  }

  private mutating func list(
    _ field: SchemaField,
    _ first: JSONReader.Token
  ) throws(CodecFailure) -> [UInt8] {
    guard first == .beginArray else {
      throw path.failure("expected a list, not \(first.name)")
    }
    var values: [UInt8] = []
    var count = 0
    while true {
      let value = try token()
      if value == .endArray { break }
      path.enter(element: count)
      if !field.type.isPackable {
        values.append(tag: field.number, wireType: field.type.wireType)
      }
      try append(field.type, value, to: &values)
      path.leave()
      count += 1
    }
    guard field.type.isPackable, count > 0 else { return values }
    var bytes: [UInt8] = []
    bytes.append(tag: field.number, wireType: 2)
    bytes.append(prefixed: values)
    return bytes
  }

  private mutating func map(
    _ field: SchemaField,
    key keyType: FieldType,
    value valueType: FieldType,
    _ first: JSONReader.Token
  ) throws(CodecFailure) -> [UInt8] {
    guard first == .beginObject else {
      throw path.failure("expected an object, whose keys are a map's, not \(first.name)")
    }
    var bytes: [UInt8] = []
    var given: Set<Scalar> = []
    while case .key(let text) = try token() {
      path.enter(key: text)
      let key = try fitting { () throws(Scalar.Misfit) in try Scalar(keyType, key: text) }
      guard given.insert(key).inserted else { throw path.failure("is given twice") }
      var entry: [UInt8] = []
      entry.append(tag: 1, wireType: keyType.wireType)
      key.append(to: &entry, as: keyType)
      entry.append(tag: 2, wireType: valueType.wireType)
      try append(valueType, try token(), to: &entry)
      bytes.append(tag: field.number, wireType: 2)
      bytes.append(prefixed: entry)
      path.leave()
    }
    return bytes
  }

  /// Appends one value without its tag, and answers whether it is what a field without one has.
  @discardableResult
  private mutating func append(
    _ type: FieldType,
    _ first: JSONReader.Token,
    to bytes: inout [UInt8]
  ) throws(CodecFailure) -> Bool {
    if case .message(let name) = type {
      guard let layout = catalog.layout(of: name) else {
        throw path.failure("the schema has no message \(name)")
      }
      bytes.append(prefixed: try message(layout, first))
      return false
    }
    let value = try fitting { () throws(Scalar.Misfit) in
      try Scalar(type, first, enums: catalog.enumeration)
    }
    value.append(to: &bytes, as: type)
    return value.isDefault
  }

  private func fitting(_ body: () throws(Scalar.Misfit) -> Scalar) throws(CodecFailure) -> Scalar {
    do throws(Scalar.Misfit) { return try body() } catch { throw path.failure(error.reason) }
  }

  private mutating func token() throws(CodecFailure) -> JSONReader.Token {
    guard let token = try nextToken() else { throw path.failure("expected a value") }
    return token
  }

  private mutating func nextToken() throws(CodecFailure) -> JSONReader.Token? {
    do throws(JSONFault) {
      return try reader.next()
    } catch {
      throw path.failure(error.description)
    }
  }
}
