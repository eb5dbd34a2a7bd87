import Descriptors

extension Schema {
  /// Things of the schema that would get the same name in Swift, or hide a name of Swift's.
  func nameProblems() -> [Problem] {
    var types = Scope(what: "type")
    var files = Scope(what: "file")
    let names = TypeNames(self)
    var problems: [Problem] = []
    for file in generated {
      let baseName = SwiftNames.type(file.baseName)
      problems += files.claim([Claim(file: file, subject: file.path, name: baseName)])
      problems += types.claim(file.topLevelClaims)
      problems += file.allMessages.flatMap { $0.clashes(in: file) }
      problems += file.allEnums.flatMap { $0.clashes(in: file) }
      problems += file.services.flatMap { $0.clashes(in: file) }
      problems += file.messages.flatMap { $0.hidings(in: file, names, behind: []) }
    }
    return problems
  }
}

/// Something that wants a name.
private struct Claim {
  let file: SchemaFile
  let subject: String
  let name: String
}

/// Where a name may be given once.
private struct Scope {
  let what: String
  private var owners: [String: String] = [:]

  init(what: String) { self.what = what }

  mutating func claim(_ claims: [Claim]) -> [Problem] {
    claims.compactMap { claim in
      let owner = owners[claim.name] ?? (hidden.contains(claim.name) ? "one of Swift's" : nil)
      owners[claim.name] = claim.subject
      return owner.map {
        Problem(
          file: claim.file.path,
          subject: claim.subject,
          complaint: "would be the Swift \(what) \(claim.name), and so would \($0)"
        )
      }
    }
  }
}

/// Names that generated code itself uses, and that a type of the schema must not hide.
private let hidden: Set<String> = [
  "Any", "Array", "Bool", "Dictionary", "Double", "Float", "Int32", "Int64", "Optional", "Self",
  "StaticString", "String",
  "Type", "Protocol", "UInt8", "UInt32", "UInt64", "Message", "MessageEnum", "MessageTypes",
  "DecodeFailure", "Arena", "MethodDescriptor", "ServiceDescriptor", "RPCService", "Routes",
  "Reply", "CallContext", "CallOptions", "Caller", "Answer", "RPCFailure", "RequestStream",
  "ResponseWriter", "RequestWriter", "ResponseStream", "ProtobufCMessage", "Sendable", "Hashable",
]

extension SchemaFile {
  fileprivate var topLevelClaims: [Claim] {
    let types =
      messages.map { ($0.fullName, $0.name) } + enums.map { ($0.fullName, $0.name) }
    let services = services.flatMap { service in
      let names = ServiceNames(service)
      return [names.service, names.methods, names.client].map { (service.fullName, $0) }
    }
    return (types + services).map {
      Claim(file: self, subject: $0, name: SwiftNames.type($1))
    }
  }
}

extension SchemaMessage {
  fileprivate func clashes(in file: SchemaFile) -> [Problem] {
    var types = Scope(what: "type")
    var properties = Scope(what: "property")
    var cases = oneofs.map { _ in Scope(what: "case") }
    let nested =
      messages.map { ($0.fullName, $0.name) } + enums.map { ($0.fullName, $0.name) }
      + oneofs.map { ("\(fullName).\($0.name)", $0.name) }
    let plain = fields.filter { $0.oneof == nil }.map(\.name) + oneofs.map(\.name)
    func claim(_ name: String) -> Claim {
      Claim(file: file, subject: "\(fullName).\(name)", name: SwiftNames.property(name))
    }
    return types.claim(
      nested.map { Claim(file: file, subject: $0, name: SwiftNames.type($1)) }
    )
      + properties.claim(plain.map(claim))
      + oneofs.indices.flatMap { index in
        cases[index].claim(fields(of: oneofs[index]).map { claim($0.name) })
      }
  }
}

extension SchemaMessage {
  /// What the names of types mean in this message: something in it, or in one that it is in, is found
  /// before what the schema means. `outer` is what those that it is in contain.
  fileprivate func hidings(
    in file: SchemaFile,
    _ names: TypeNames,
    behind outer: Set<String>
  ) -> [Problem] {
    let inner = messages.filter { !$0.isMapEntry }.map(\.name) + enums.map(\.name)
    let found = outer.union((inner + oneofs.map(\.name)).map(SwiftNames.type))
    return fields.compactMap { field in
      // An entry of a map is no type in Swift; what is in it is looked at below.
      guard names.mapEntry(field) == nil, let type = field.type.typeName.flatMap(names.known),
        let first = type.split(separator: ".").first.map(String.init), found.contains(first)
      else { return nil }
      return Problem(
        file: file.path,
        subject: "\(fullName).\(field.name)",
        complaint: "its Swift type \(type) is hidden by a \(first) within a message"
      )
    } + messages.flatMap { $0.hidings(in: file, names, behind: found) }
  }
}

extension FieldType {
  /// The full name of a message or an enum.
  fileprivate var typeName: String? {
    switch self {
    case .message(let name), .enumeration(let name): name
    default: nil
    }
  }
}

extension SchemaEnum {
  fileprivate func clashes(in file: SchemaFile) -> [Problem] {
    var cases = Scope(what: "case")
    let prefix = SwiftNames.prefix(of: self)
    let own = ["unrecognized", "enumName", "protoPrefix", "knownValues"].map {
      Claim(file: file, subject: "what every enum has", name: $0)
    }
    return cases.claim(
      own
        + values.map {
          Claim(
            file: file,
            subject: "\(fullName).\($0.name)",
            name: SwiftNames.value($0.name, without: prefix)
          )
        }
    )
  }
}

extension SchemaService {
  fileprivate func clashes(in file: SchemaFile) -> [Problem] {
    var scope = Scope(what: "method")
    let own = ["service", "caller"].map {
      Claim(file: file, subject: "what every service has", name: $0)
    }
    return scope.claim(
      own
        + methods.map {
          Claim(
            file: file,
            subject: "\(fullName).\($0.name)",
            name: SwiftNames.method($0.name)
          )
        }
    )
  }
}
