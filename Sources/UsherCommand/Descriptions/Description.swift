internal import Descriptors
internal import Reflection

/// What a schema says, for a person to read.
struct Description {
  let catalog: Catalog

  init(_ catalog: Catalog) { self.catalog = catalog }

  /// Everything, in short.
  var lines: [String] {
    let services = catalog.services.flatMap { service in
      [service.fullName] + Self.table(service.methods.map { [$0.name, Self.traits($0)] }) + [""]
    }
    return services + ["usher describe NAME tells more of a service, method, message or enum."]
  }

  /// All of one thing.
  func lines(of entry: CatalogEntry) -> [String] {
    switch entry {
    case .service(let service): lines(of: service)
    case .method(let method): lines(of: method)
    case .message(let message): lines(of: message)
    case .enumeration(let type): lines(of: type)
    }
  }

  private func lines(of service: SchemaService) -> [String] {
    let rows = service.methods.map { method in
      [
        method.name, Self.signature(method, in: service.fullName), Self.traits(method),
        Self.line(method.comment),
      ]
    }
    return Self.head("service", service.fullName, service.comment) + Self.table(rows)
  }

  private func lines(of method: CatalogMethod) -> [String] {
    let schema = method.schema
    var lines = Self.head("method", method.name, schema.comment)
    lines += Self.table([
      ["takes", (schema.streamsRequests ? "a stream of " : "") + schema.request],
      ["gives", (schema.streamsResponses ? "a stream of " : "") + schema.response],
      ["and", Self.traits(schema)],
    ])
    let isSame = schema.request == schema.response
    for name in [schema.request] + (isSame ? [] : [schema.response]) {
      guard let message = catalog.layout(of: name)?.message else { continue }
      lines += [""] + self.lines(of: message)
    }
    return lines
  }

  private func lines(of message: SchemaMessage) -> [String] {
    guard let layout = catalog.layout(of: message.fullName) else { return [] }
    let rows = layout.fields.map { field in
      [
        "\(field.schema.number)", field.schema.name,
        Self.typeName(field, in: message.fullName), Self.line(field.schema.comment),
      ]
    }
    let comments = message.oneofs.filter { !$0.comment.isEmpty }
      .map { "  one of \($0.name): \(Self.line($0.comment))" }
    return Self.head("message", message.fullName, message.comment)
      + (rows.isEmpty ? ["  no fields"] : Self.table(rows)) + comments
  }

  private func lines(of type: SchemaEnum) -> [String] {
    Self.head("enum", type.fullName, type.comment)
      + Self.table(type.values.map { ["\($0.number)", $0.name, Self.line($0.comment)] })
  }
}

// MARK: - Words

extension Description {
  /// `Leaf`, `list of Leaf`, `map of int32 to Leaf`, each with its choice where it has one.
  static func typeName(_ field: FieldLayout, in scope: String) -> String {
    let choice = field.schema.oneof.map { ", one of \($0)" } ?? ""
    switch field.shape {
    case .single: return short(field.schema.type.name, in: scope) + choice
    case .list: return "list of " + short(field.schema.type.name, in: scope)
    case .map(let key, let value):
      return "map of \(key.name) to \(short(value.name, in: scope))"
    }
  }

  /// A name without the package that it shares with `scope`.
  private static func short(_ name: String, in scope: String) -> String {
    let shared = zip(name.split(separator: "."), scope.split(separator: "."))
      .prefix { $0 == $1 && $0.first?.isLowercase == true }.count
    return name.split(separator: ".").dropFirst(shared).joined(separator: ".")
  }

  private static func signature(_ method: SchemaMethod, in service: String) -> String {
    let taken = (method.streamsRequests ? "stream of " : "") + short(method.request, in: service)
    let given = (method.streamsResponses ? "stream of " : "") + short(method.response, in: service)
    return "\(taken) → \(given)"
  }

  /// How many messages go each way, and what the method does to the world.
  static func traits(_ method: SchemaMethod) -> String {
    let effects =
      switch method.effects {
      case .none: "only reads"
      case .idempotent: "may be repeated"
      case .some: "changes something"
      }
    return "\(kind(method)), \(effects)" + (method.isAtOnce ? ", at once" : "")
  }

  /// As gRPC calls it.
  static func kind(_ method: SchemaMethod) -> String {
    switch (method.streamsRequests, method.streamsResponses) {
    case (false, false): "unary"
    case (true, false): "client streaming"
    case (false, true): "server streaming"
    case (true, true): "bidirectional"
    }
  }

  private static func head(_ kind: String, _ name: String, _ comment: String) -> [String] {
    let paragraphs = comment.split(separator: "\n", omittingEmptySubsequences: false)
    return ["\(kind) \(name)"] + (comment.isEmpty ? [] : paragraphs.map { "  \($0)" } + [""])
  }

  /// A comment on one line.
  static func line(_ comment: String) -> String {
    comment.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Rows with their columns aligned; what is empty at a row's end is left out.
  private static func table(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += "  " + cell + String(repeating: " ", count: widths[column] - cell.count)
      }
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
