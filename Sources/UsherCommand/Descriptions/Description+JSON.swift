internal import Descriptors
internal import Reflection

extension Description {
  /// Everything, in full.
  var json: JSON {
    .object([
      ("services", .array(catalog.services.map(json))),
      ("messages", .array(catalog.messages.map(json))),
      ("enums", .array(catalog.enums.map(json))),
    ])
  }

  /// All of one thing.
  func json(of entry: CatalogEntry) -> JSON {
    switch entry {
    case .service(let service): json(service)
    case .method(let method): json(method.schema, of: method.service)
    case .message(let message): json(message)
    case .enumeration(let type): json(type)
    }
  }

  private func json(_ service: SchemaService) -> JSON {
    .object([
      ("kind", .string("service")), ("name", .string(service.fullName)),
      ("comment", .string(service.comment)),
      ("methods", .array(service.methods.map { json($0, of: service.fullName) })),
    ])
  }

  private func json(_ method: SchemaMethod, of service: String) -> JSON {
    .object([
      ("kind", .string("method")), ("name", .string("\(service)/\(method.name)")),
      ("comment", .string(method.comment)), ("calls", .string(Self.kind(method))),
      ("request", .string(method.request)), ("response", .string(method.response)),
      ("effects", .string(method.effects.rawValue)), ("at_once", .bool(method.isAtOnce)),
    ])
  }

  private func json(_ message: SchemaMessage) -> JSON {
    let fields = catalog.layout(of: message.fullName)?.fields ?? []
    return .object([
      ("kind", .string("message")), ("name", .string(message.fullName)),
      ("comment", .string(message.comment)), ("fields", .array(fields.map(json))),
    ])
  }

  private func json(_ field: FieldLayout) -> JSON {
    var members: [(String, JSON)] = [
      ("name", .string(field.schema.name)), ("number", .number(Int64(field.schema.number))),
    ]
    switch field.shape {
    case .single: members.append(("type", .string(field.schema.type.name)))
    case .list: members += [("type", .string(field.schema.type.name)), ("is_list", .bool(true))]
    case .map(let key, let value):
      members += [("key_type", .string(key.name)), ("type", .string(value.name))]
    }
    if let choice = field.schema.oneof { members.append(("one_of", .string(choice))) }
    return .object(members + [("comment", .string(field.schema.comment))])
  }

  private func json(_ type: SchemaEnum) -> JSON {
    let values = type.values.map { value in
      JSON.object([
        ("name", .string(value.name)), ("number", .number(Int64(value.number))),
        ("comment", .string(value.comment)),
      ])
    }
    return .object([
      ("kind", .string("enum")), ("name", .string(type.fullName)),
      ("comment", .string(type.comment)), ("values", .array(values)),
    ])
  }
}
