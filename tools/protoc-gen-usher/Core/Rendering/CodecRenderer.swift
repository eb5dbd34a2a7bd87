import Descriptors

/// Writes how one message is copied from and into its C struct.
struct CodecRenderer {
  let message: SchemaMessage
  let names: TypeNames

  private var structType: String { CNames.type(message.fullName) }
  private var plainFields: [FieldShape] {
    message.fields.filter { $0.oneof == nil && names.mapEntry($0) == nil }
      .map { FieldShape(field: $0, owner: message, names: names) }
  }
  private var maps: [MapShape] {
    message.fields.compactMap { MapShape($0, of: message, names) }
  }
  private var oneofs: [OneofRenderer] {
    message.oneofs.map { OneofRenderer(oneof: $0, message: message, names: names) }
  }

  func write(to source: inout SourceText) {
    source.line()
    source.doc("", else: "The message's full name in its schema.")
    source.line("public static var messageName: String { \"\(message.fullName)\" }")
    source.line()
    source.doc("", else: "What protobuf-c reads and writes this message by.")
    source.block("public static var cDescriptor: UnsafePointer<ProtobufCMessageDescriptor>") {
      $0.line("\(CNames.descriptorAccessor(message.fullName))()")
    }
    source.line()
    source.doc("", else: "Copies what protobuf-c unpacked.")
    source.block(
      "public init(unpacked: UnsafePointer<ProtobufCMessage>) throws(DecodeFailure)"
    ) { writeUnpacking(to: &$0) }
    source.line()
    source.doc("", else: "Builds the struct that protobuf-c packs.")
    source.block(
      "public func makePackable(in arena: Arena) -> UnsafeMutablePointer<ProtobufCMessage>"
    ) { writePacking(to: &$0) }
  }

  private func writeUnpacking(to source: inout SourceText) {
    if message.fields.isEmpty { return }
    source.line("let c = unpacked.of(\(structType).self)")
    for field in plainFields { source.line("self.\(field.property) = \(field.unpacked)") }
    if !maps.isEmpty { source.line("let map = c") }
    for map in maps { map.writeUnpacking(to: &source) }
    for oneof in oneofs { oneof.writeUnpacking(to: &source) }
  }

  private func writePacking(to source: inout SourceText) {
    if message.fields.isEmpty {
      source.line("arena.new(Self.cDescriptor)")
      return
    }
    source.line("let message = arena.new(Self.cDescriptor)")
    source.line("let c = message.of(\(structType).self)")
    for line in plainFields.flatMap(\.packing) { source.line(line) }
    if !maps.isEmpty { source.line("let map = c") }
    for map in maps { map.writePacking(to: &source) }
    for oneof in oneofs { oneof.writePacking(to: &source) }
    source.line("return message")
  }
}
