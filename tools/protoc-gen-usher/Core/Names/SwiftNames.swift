package import Descriptors

/// The names that Swift code gives to things.
package enum SwiftNames {
  /// A field: `hold_ttl_ms` is `holdTTLMs`, `default` is escaped.
  package static func property(_ name: String) -> String { escaped(lowerCamel(name)) }

  /// A method: `ListDates` is `listDates`.
  package static func method(_ name: String) -> String {
    escaped(name.contains("_") ? lowerCamel(name) : lowerFirst(name))
  }

  /// A message, an enum, or a oneof's enum: `seat_prices` is `SeatPrices`.
  package static func type(_ name: String) -> String {
    name.split(separator: "_").map { upperFirst(String($0)) }.joined()
  }

  /// What the names of all values begin with, empty if they share nothing or nothing would be left.
  package static func prefix(of type: SchemaEnum) -> String {
    let prefix = upperSnake(type.name) + "_"
    let isShared = type.values.allSatisfy { value in
      value.name.hasPrefix(prefix)
        && value.name.dropFirst(prefix.count).first.map { $0.isLetter } ?? false
    }
    return isShared ? prefix : ""
  }

  /// An enum's value: `SEAT_STATE_FREE` of `SeatState` is `free`.
  package static func value(_ name: String, without prefix: String) -> String {
    let rest = String(name.dropFirst(prefix.count))
    // A name that is not all upper case already has humps to keep.
    return escaped(lowerCamel(rest == rest.uppercased() ? rest.lowercased() : rest))
  }

  private static func lowerCamel(_ name: String) -> String {
    let words = name.split(separator: "_").map(String.init)
    guard let first = words.first else { return "_" }
    return lowerFirst(first) + words.dropFirst().map { shorthands[$0] ?? upperFirst($0) }.joined()
  }

  private static func upperSnake(_ name: String) -> String {
    var result = ""
    var previous: Character = "_"
    for character in name {
      if character.isUppercase && (previous.isLowercase || previous.isNumber) { result += "_" }
      result += character.uppercased()
      previous = character
    }
    return result
  }

  private static func upperFirst(_ name: String) -> String {
    name.prefix(1).uppercased() + name.dropFirst()
  }

  private static func lowerFirst(_ name: String) -> String {
    name.prefix(1).lowercased() + name.dropFirst()
  }

  /// Swift's words get backticks; those that even backticks do not free get a line after them.
  private static func escaped(_ name: String) -> String {
    if unusable.contains(name) { return name + "_" }
    return keywords.contains(name) ? "`\(name)`" : name
  }

  private static let shorthands = [
    "id": "ID", "ids": "IDs", "ttl": "TTL", "url": "URL", "uuid": "UUID",
  ]

  private static let unusable: Set<String> = ["self", "init", "hashValue", "rawValue"]

  private static let keywords: Set<String> = [
    "as", "associatedtype", "async", "await", "borrowing", "break", "case", "catch", "class",
    "consume", "consuming", "continue", "copy", "default", "defer", "deinit", "do", "each", "else",
    "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
    "import", "in", "inout", "internal", "is", "let", "nil", "open", "operator", "package",
    "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "some",
    "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try",
    "typealias", "var", "where", "while",
  ]
}

extension SwiftNames {
  /// A member of a C struct, after a dot.
  static func member(_ name: String) -> String {
    name == "self" || name == "init" ? "`\(name)`" : name
  }
}
