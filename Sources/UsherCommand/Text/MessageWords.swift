internal import Wire

/// The values of a schema's enums as words.
enum MessageWords {
  /// The value's name without what all names begin with: `paid`; its number where it has no name.
  static func short<Value: MessageEnum>(_ value: Value) -> String {
    guard let name = value.protoName else { return "\(value.rawValue)" }
    return String(name.dropFirst(Value.protoPrefix.count)).lowercased()
  }
}
