import Descriptors

/// How a map looks in Swift and in C.
struct MapShape {
  let field: SchemaField
  let key: FieldShape
  let value: FieldShape
  let entry: SchemaMessage

  init?(_ field: SchemaField, of owner: SchemaMessage, _ names: TypeNames) {
    guard let entry = names.mapEntry(field), entry.fields.count == 2 else { return nil }
    self.field = field
    self.entry = entry
    key = FieldShape(field: entry.fields[0], owner: entry, names: names)
    value = FieldShape(field: entry.fields[1], owner: entry, names: names)
  }

  var property: String { SwiftNames.property(field.name) }
  var type: String { "[\(key.elementType): \(value.elementType)]" }
  private var list: String { "map.pointee.\(SwiftNames.member(CNames.field(field.name)))" }
  private var count: String { "map.pointee.n_\(CNames.field(field.name))" }

  /// Reads the entries out of the C struct `map`.
  func writeUnpacking(to source: inout SourceText) {
    source.line("self.\(property).reserveCapacity(\(count))")
    source.block("for index in 0..<\(count)") { source in
      source.line("guard let c = \(list)[index] else { continue }")
      source.line("self.\(property)[\(key.unpackedSet)] = \(value.unpackedSet)")
    }
  }

  /// Puts the entries into the C struct `map`, sorted by key.
  func writePacking(to source: inout SourceText) {
    let type = CNames.type(entry.fullName)
    source.line("\(count) = self.\(property).count")
    source.line("\(list) = arena.entries(\(count), of: \(type).self)")
    source.block("for (index, (key, value)) in self.\(property).packingOrder.enumerated()") {
      $0.line("let c = arena.new(\(CNames.descriptorAccessor(entry.fullName))()).of(\(type).self)")
      for line in key.packing("key") + value.packing("value") { $0.line(line) }
      $0.line("\(list)[index] = c")
    }
  }
}
