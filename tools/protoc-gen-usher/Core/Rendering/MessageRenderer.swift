import Descriptors

/// Writes one message, and what is nested in it.
struct MessageRenderer {
  let message: SchemaMessage
  let names: TypeNames

  /// One stored property.
  private struct Property {
    let name, type, initial, comment, neutral: String
  }

  /// In the order of the numbers; a oneof stands where its first field does.
  private var properties: [Property] {
    var seen: Set<String> = []
    return message.fields.compactMap { field in
      if let oneof = message.oneofs.first(where: { $0.name == field.oneof }) {
        guard seen.insert(oneof.name).inserted else { return nil }
        return Property(
          name: SwiftNames.property(oneof.name),
          type: SwiftNames.type(oneof.name) + "?",
          initial: "nil",
          comment: oneof.comment,
          neutral: "The choice `\(oneof.name)`."
        )
      }
      let neutral = "The field `\(field.name)`."
      if let map = MapShape(field, of: message, names) {
        return Property(
          name: map.property,
          type: map.type,
          initial: "[:]",
          comment: field.comment,
          neutral: neutral
        )
      }
      let shape = FieldShape(field: field, owner: message, names: names)
      return Property(
        name: shape.property,
        type: shape.type,
        initial: shape.initial,
        comment: field.comment,
        neutral: neutral
      )
    }
  }

  func write(to source: inout SourceText) {
    source.doc(message.comment, else: "The message `\(message.fullName)`.")
    source.block("public struct \(SwiftNames.type(message.name)): Message") { source in
      writeProperties(to: &source)
      writeInits(to: &source)
      for oneof in message.oneofs {
        source.line()
        OneofRenderer(oneof: oneof, message: message, names: names).write(to: &source)
      }
      for type in message.enums {
        source.line()
        EnumRenderer(type: type).write(to: &source)
      }
      for nested in message.messages where !nested.isMapEntry {
        source.line()
        MessageRenderer(message: nested, names: names).write(to: &source)
      }
      CodecRenderer(message: message, names: names).write(to: &source)
    }
  }

  private func writeProperties(to source: inout SourceText) {
    for property in properties {
      source.doc(property.comment, else: property.neutral)
      source.line("public var \(property.name): \(property.type) = \(property.initial)")
    }
    if !properties.isEmpty { source.line() }
  }

  private func writeInits(to source: inout SourceText) {
    source.doc("", else: "The message with every field at its default.")
    source.line("public init() {}")
    if properties.isEmpty { return }
    source.line()
    source.doc("", else: "The message with these fields, and the rest at their defaults.")
    source.enclosed("public init(", ") {") { source in
      for (index, property) in properties.enumerated() {
        let comma = index == properties.count - 1 ? "" : ","
        source.line("\(property.name): \(property.type) = \(property.initial)\(comma)")
      }
    }
    for property in properties { source.line("  self.\(property.name) = \(property.name)") }
    source.line("}")
  }
}
