public import Arguments

extension CallPlan.Pair {
  /// Reads `name=value`.
  public init(parsing text: String) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let isName = parts[0].utf8.allSatisfy { character in
      switch character {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard parts.count == 2, isName, (1...100).contains(parts[0].utf8.count) else {
      throw UsageError(
        "\(shown(text)): NAME=VALUE is expected, the name in small letters, digits, -, _ and ."
      )
    }
    let value = String(parts[1])
    guard value.utf8.count <= 8_192, value.utf8.allSatisfy({ 0x20..<0x7f ~= $0 }) else {
      throw UsageError("\(shown(text)): a value is at most 8,192 characters that can be printed")
    }
    _ = try PayloadTemplate(parsing: value)
    self.init(name: String(parts[0]), value: value)
  }

  /// `name=value`.
  public var text: String { "\(name)=\(value)" }
}

extension Notation where Value == String {
  /// A method's full name.
  static let method = Notation(
    forms: [.text],
    read: { (text) throws(UsageError) in
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      let isPlain = text.utf8.allSatisfy { 0x21..<0x7f ~= $0 }
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain, text.utf8.count <= 256
      else {
        throw UsageError(
          "\(shown(text)): PACKAGE.SERVICE/METHOD is expected, as in usher.v1.GateService/Check"
        )
      }
      return text
    },
    write: { .text($0) }
  )

  /// JSON with placeholders.
  static let request = Notation(
    forms: [.text],
    read: { (text) throws(UsageError) in
      try PayloadTemplate(parsing: text).checkJSON()
      return text
    },
    write: { .text($0) }
  )
}
