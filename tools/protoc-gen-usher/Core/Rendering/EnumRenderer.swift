import Descriptors

/// Writes one enum.
struct EnumRenderer {
  let type: SchemaEnum

  /// A value that is a case, and one that is another name for it.
  private typealias Value = (name: String, value: SchemaEnumValue)

  private var prefix: String { SwiftNames.prefix(of: type) }

  private var all: [Value] {
    type.values.map { (SwiftNames.value($0.name, without: prefix), $0) }
  }

  /// The first value with each number is a case.
  private var cases: [Value] {
    var seen: Set<Int32> = []
    return all.filter { seen.insert($0.value.number).inserted }
  }

  private var aliases: [(alias: Value, of: String)] {
    all.compactMap { candidate in
      let owner = cases.first { $0.value.number == candidate.value.number }
      guard let owner, owner.value.name != candidate.value.name else { return nil }
      return (candidate, owner.name)
    }
  }

  func write(to source: inout SourceText) {
    source.doc(type.comment, else: "The enum `\(type.fullName)`.")
    source.block("public enum \(SwiftNames.type(type.name)): MessageEnum") { source in
      for (name, value) in cases {
        source.doc(value.comment, else: "The value `\(value.name)`.")
        source.line("case \(name)")
      }
      source.doc("", else: "A value that this side does not know.")
      source.line("case unrecognized(Int32)")
      for (alias, owner) in aliases {
        source.line()
        source.doc(alias.value.comment, else: "Another name, `\(alias.value.name)`.")
        source.line("public static var \(alias.name): Self { .\(owner) }")
      }
      writeNames(to: &source)
      writeRawValue(to: &source)
    }
  }

  private func writeNames(to source: inout SourceText) {
    source.line()
    source.doc("", else: "The enum's full name in its schema.")
    source.line("public static var enumName: String { \"\(type.fullName)\" }")
    source.line()
    source.doc("", else: "What every value's name begins with in the schema.")
    source.line("public static var protoPrefix: String { \"\(prefix)\" }")
    source.line()
    source.doc("", else: "The values that the schema names.")
    source.enclosed("public static let knownValues: [Self] = [", "]") { source in
      for (name, _) in cases { source.line(".\(name),") }
    }
    source.line()
    source.doc("", else: "The value's name in the schema; nil where it has none.")
    source.block("public var protoName: String?") { source in
      source.cases("switch self") { source in
        for (name, value) in cases { source.line("case .\(name): \"\(value.name)\"") }
        source.line("case .unrecognized: nil")
      }
    }
  }

  private func writeRawValue(to source: inout SourceText) {
    source.line()
    source.doc("", else: "The value with this number, known or not.")
    source.block("public init(rawValue: Int32)") { source in
      source.cases("self = switch rawValue") { source in
        for (name, value) in cases { source.line("case \(value.number): .\(name)") }
        source.line("default: .unrecognized(rawValue)")
      }
    }
    source.line()
    source.doc("", else: "The value's number.")
    source.block("public var rawValue: Int32") { source in
      source.cases("switch self") { source in
        for (name, value) in cases { source.line("case .\(name): \(value.number)") }
        source.line("case .unrecognized(let number): number")
      }
    }
  }
}
