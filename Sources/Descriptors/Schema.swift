/// What a set of `.proto` files says, as far as the generator and reflection care.
package struct Schema: Hashable, Sendable {
  /// The files, each after those that it imports.
  package var files: [SchemaFile]

  /// The files that code is wanted for. Google's own are only ever imported.
  package var generated: [SchemaFile] { files.filter(\.isGenerated) }
}

/// One `.proto` file.
package struct SchemaFile: Hashable, Sendable {
  /// As it is imported, such as `usher/v1/gates.proto`.
  package var path: String
  package var package: String
  package var syntax: String
  package var isGenerated: Bool
  package var messages: [SchemaMessage]
  package var enums: [SchemaEnum]
  package var services: [SchemaService]

  /// Every message with those nested in it, outer ones first.
  package var allMessages: [SchemaMessage] { messages.flatMap(\.withNested) }

  /// Every enum, at the top first, then as messages hold them.
  package var allEnums: [SchemaEnum] { enums + allMessages.flatMap(\.enums) }

  /// The path's last part without its ending.
  package var baseName: String {
    let last = path.split(separator: "/").last ?? ""
    return String(last.hasSuffix(".proto") ? last.dropLast(6) : last)
  }
}

/// One message.
package struct SchemaMessage: Hashable, Sendable {
  package var name: String
  package var fullName: String
  package var comment: String
  /// Whether protoc made it up for the entries of a map.
  package var isMapEntry: Bool
  /// In the order of their numbers.
  package var fields: [SchemaField]
  package var oneofs: [SchemaOneof]
  package var messages: [SchemaMessage]
  package var enums: [SchemaEnum]

  package var withNested: [SchemaMessage] { [self] + messages.flatMap(\.withNested) }

  /// The fields that make up a oneof.
  package func fields(of oneof: SchemaOneof) -> [SchemaField] {
    fields.filter { $0.oneof == oneof.name }
  }
}

/// One choice between fields.
package struct SchemaOneof: Hashable, Sendable {
  package var name: String
  package var comment: String
}

/// One field.
package struct SchemaField: Hashable, Sendable {
  package var name: String
  package var number: Int32
  package var comment: String
  package var type: FieldType
  package var label: FieldLabel
  /// The oneof that it belongs to.
  package var oneof: String?
}

/// How often a field may be there.
package enum FieldLabel: Hashable, Sendable {
  case singular, repeated, required, proto3Optional
}

/// What a field holds.
package enum FieldType: Hashable, Sendable {
  case double, float, int32, int64, uint32, uint64, sint32, sint64
  case fixed32, fixed64, sfixed32, sfixed64, bool, string, bytes, group
  /// With the type's full name.
  case message(String), enumeration(String)
}

/// One enum.
package struct SchemaEnum: Hashable, Sendable {
  package var name: String
  package var fullName: String
  package var comment: String
  package var values: [SchemaEnumValue]
}

/// One value of an enum.
package struct SchemaEnumValue: Hashable, Sendable {
  package var name: String
  package var number: Int32
  package var comment: String
}

/// One service.
package struct SchemaService: Hashable, Sendable {
  package var name: String
  package var fullName: String
  package var comment: String
  package var methods: [SchemaMethod]
}

/// One method.
package struct SchemaMethod: Hashable, Sendable {
  package enum Effects: String, Hashable, Sendable { case none, idempotent, some }

  package var name: String
  package var comment: String
  /// Full names of the messages that it takes and gives.
  package var request: String
  package var response: String
  package var streamsRequests: Bool
  package var streamsResponses: Bool
  package var effects: Effects
  package var isAtOnce: Bool
}
