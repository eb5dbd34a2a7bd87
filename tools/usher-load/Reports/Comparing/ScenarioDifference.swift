internal import Foundation

/// What differs between two scenarios, each written as JSON.
struct ScenarioDifference {
  /// A key, as `--set` takes it, and what it is in both; nil where one has no such key.
  struct Field {
    let key: String
    let before: String?
    let after: String?
  }

  /// In the keys' order; nil where one of the two cannot be read, and nothing is known.
  let fields: [Field]?

  init(_ before: String, _ after: String) {
    guard let old = Self.values(in: before), let new = Self.values(in: after) else {
      fields = nil
      return
    }
    fields = Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }
      .map { Field(key: $0, before: old[$0], after: new[$0]) }
  }

  /// Every key with its value, both as they are written.
  private static func values(in json: String) -> [String: String]? {
    do {
      let whole = try JSONSerialization.jsonObject(with: Data(json.utf8))
      var values: [String: String] = [:]
      try add(whole, under: "", to: &values)
      return values
    } catch {
      // Then it is only known that they are not the same.
      return nil
    }
  }

  private static func add(
    _ value: Any,
    under key: String,
    to values: inout [String: String]
  ) throws {
    if let fields = value as? [String: Any] {
      for (name, field) in fields {
        try add(field, under: key.isEmpty ? name : "\(key).\(name)", to: &values)
      }
    } else {
      let text = try JSONSerialization.data(
        withJSONObject: value,
        options: [.fragmentsAllowed, .withoutEscapingSlashes]
      )
      values[key] = String(decoding: text, as: UTF8.self)
    }
  }
}
