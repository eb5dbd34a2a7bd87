import Descriptors

/// Writes a oneof: the enum that it is in Swift, and how it is copied.
struct OneofRenderer {
  let oneof: SchemaOneof
  let message: SchemaMessage
  let names: TypeNames

  private var property: String { "self.\(SwiftNames.property(oneof.name))" }
  private var caseInC: String { "c.pointee.\(CNames.oneofCase(oneof.name))" }
  private var shapes: [FieldShape] {
    message.fields(of: oneof).map { FieldShape(field: $0, owner: message, names: names) }
  }

  func write(to source: inout SourceText) {
    source.doc(oneof.comment, else: "What `\(oneof.name)` may be.")
    source.block("public enum \(SwiftNames.type(oneof.name)): Sendable, Hashable") { source in
      for shape in shapes {
        source.doc(shape.field.comment, else: "The field `\(shape.field.name)`.")
        source.line("case \(shape.property)(\(shape.elementType))")
      }
    }
  }

  func writeUnpacking(to source: inout SourceText) {
    source.cases("switch \(caseInC).rawValue") { source in
      for shape in shapes {
        let value = "\(property) = .\(shape.property)(\(shape.unpackedSet))"
        source.line("case \(shape.field.number): \(value)")
      }
      source.line("default: break")
    }
  }

  func writePacking(to source: inout SourceText) {
    source.cases("switch \(property)") { source in
      for shape in shapes {
        source.line("case .\(shape.property)(let value)?:")
        source.line("  \(caseInC) = .init(rawValue: \(shape.field.number))")
        for line in shape.packing("value") { source.line("  " + line) }
      }
      source.line("case nil: break")
    }
  }
}
