package import Descriptors

/// A schema at run time: what services, methods, messages and enums there are, by their names.
///
/// It is made from the descriptors that are kept with generated code, and knows nothing but what
/// they say: whatever is added to the schema is in it.
package struct Catalog: Sendable {
  /// Every service, in the order of the schema's files.
  package let services: [SchemaService]
  /// Every method of every service.
  package let methods: [CatalogMethod]
  /// Every message, but for those that protoc made up for maps.
  package let messages: [SchemaMessage]
  /// Every enum.
  package let enums: [SchemaEnum]

  private let layouts: [String: MessageLayout]
  private let enumsByName: [String: SchemaEnum]

  /// What the serialized `google.protobuf.FileDescriptorSet` says, but for Google's own files.
  package init(descriptorSet: UnsafeRawBufferPointer) throws(Unreadable) {
    self.init(try unsafe Schema(descriptorSet: descriptorSet))
  }

  /// What `schema` says.
  package init(_ schema: Schema) {
    let files = schema.generated
    let all = files.flatMap(\.allMessages)
    services = files.flatMap(\.services)
    methods = services.flatMap { service in
      service.methods.map { CatalogMethod(service: service.fullName, schema: $0) }
    }
    messages = all.filter { !$0.isMapEntry }
    enums = files.flatMap(\.allEnums)
    enumsByName = Dictionary(enums.map { ($0.fullName, $0) }) { first, _ in first }
    let entries = Dictionary(all.filter(\.isMapEntry).map { ($0.fullName, $0) }) { first, _ in
      first
    }
    layouts = Dictionary(
      messages.map { ($0.fullName, MessageLayout($0, entries: entries)) }
    ) { first, _ in first }
  }

  /// How the message with that full name is laid out.
  package func layout(of message: String) -> MessageLayout? { layouts[message] }

  /// The enum with that full name.
  package func enumeration(_ name: String) -> SchemaEnum? { enumsByName[name] }
}

/// A method with the service that it belongs to.
package struct CatalogMethod: Hashable, Sendable {
  /// The service's full name.
  package let service: String
  /// What the schema says of the method.
  package let schema: SchemaMethod

  /// `usher.v1.GateService/Check`.
  package var name: String { "\(service)/\(schema.name)" }
}

/// A message's fields, ready to be looked up.
package struct MessageLayout: Sendable {
  /// The message.
  package let message: SchemaMessage
  /// The fields in the order of their numbers.
  package let fields: [FieldLayout]

  private let byNumber: [UInt64: Int]
  private let byName: [String: Int]

  init(_ message: SchemaMessage, entries: [String: SchemaMessage]) {
    self.message = message
    fields = message.fields.map { FieldLayout($0, entries: entries) }
    byNumber = Dictionary(
      fields.enumerated().map { (UInt64(clamping: $1.schema.number), $0) }
    ) { first, _ in first }
    // The schema's own names count first.
    let names = fields.enumerated().map { ($1.schema.name, $0) }
    let camelCased = fields.enumerated().map { ($1.camelCasedName, $0) }
    byName = Dictionary(names + camelCased) { first, _ in first }
  }

  /// The field with that number.
  package func field(_ number: UInt64) -> FieldLayout? { byNumber[number].map { fields[$0] } }

  /// The field with that name, as the .proto spells it or in camel case, as protobuf's JSON mapping
  /// has it.
  package func field(_ name: String) -> FieldLayout? { byName[name].map { fields[$0] } }
}

/// One field, and how it holds its values.
package struct FieldLayout: Hashable, Sendable {
  /// How many values there can be.
  package enum Shape: Hashable, Sendable {
    /// One; without presence a default is as good as none.
    case single(hasPresence: Bool)
    case list
    case map(key: FieldType, value: FieldType)
  }

  /// What the schema says of it.
  package let schema: SchemaField
  /// How many values there can be.
  package let shape: Shape

  init(_ field: SchemaField, entries: [String: SchemaMessage]) {
    schema = field
    if field.label != .repeated {
      let isMessage = if case .message = field.type { true } else { false }
      shape = .single(hasPresence: isMessage || field.oneof != nil || field.label != .singular)
    } else if case .message(let name) = field.type, let entry = entries[name],
      let key = entry.fields.first(where: { $0.number == 1 })?.type,
      let value = entry.fields.first(where: { $0.number == 2 })?.type
    {
      shape = .map(key: key, value: value)
    } else {
      shape = .list
    }
  }

  /// `askAgainMs` for `ask_again_ms`, as protoc does it.
  fileprivate var camelCasedName: String {
    var result = ""
    var isBehindUnderscore = false
    for character in schema.name {
      if character == "_" {
        isBehindUnderscore = true
      } else {
        result += isBehindUnderscore ? character.uppercased() : String(character)
        isBehindUnderscore = false
      }
    }
    return result
  }
}
