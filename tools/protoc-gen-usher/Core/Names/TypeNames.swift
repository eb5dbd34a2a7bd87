package import Descriptors

/// Where the types of a schema are found in Swift.
package struct TypeNames {
  private var swift: [String: String] = [:]
  private var mapEntries: [String: SchemaMessage] = [:]

  package init(_ schema: Schema) {
    for file in schema.generated {
      for type in file.enums { swift[type.fullName] = SwiftNames.type(type.name) }
      for message in file.messages { add(message, in: "") }
    }
  }

  private mutating func add(_ message: SchemaMessage, in scope: String) {
    if message.isMapEntry { mapEntries[message.fullName] = message }
    let path = scope + SwiftNames.type(message.name)
    swift[message.fullName] = path
    for type in message.enums { swift[type.fullName] = path + "." + SwiftNames.type(type.name) }
    for nested in message.messages { add(nested, in: path + ".") }
  }

  /// The Swift type of the message or enum with this full name; nil if none is generated.
  package func known(_ fullName: String) -> String? { swift[fullName] }

  /// The same, for names that the checks have found to be known.
  func type(_ fullName: String) -> String {
    guard let name = swift[fullName] else { preconditionFailure("\(fullName) went unchecked") }
    return name
  }

  /// The entries' message, where a field is a map.
  package func mapEntry(_ field: SchemaField) -> SchemaMessage? {
    guard field.label == .repeated, case .message(let name) = field.type else { return nil }
    return mapEntries[name]
  }
}
