import CDescriptor

extension FieldLabel {
  init(_ raw: CField) {
    switch raw.pointee.label {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED: self = .repeated
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED: self = .required
    default: self = raw.pointee.proto3_optional != 0 ? .proto3Optional : .singular
    }
  }
}

extension FieldType {
  /// By the numbers that descriptor.proto gives to types.
  private static let plain: [UInt32: FieldType] = [
    1: .double, 2: .float, 3: .int64, 4: .uint64, 5: .int32, 6: .fixed64, 7: .fixed32, 8: .bool,
    9: .string, 10: .group, 12: .bytes, 13: .uint32, 15: .sfixed32, 16: .sfixed64, 17: .sint32,
    18: .sint64,
  ]

  init(_ raw: CField) {
    let typeName = String(text(raw.pointee.type_name).drop { $0 == "." })
    switch raw.pointee.type {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE: self = .message(typeName)
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM: self = .enumeration(typeName)
    default:
      guard let plain = Self.plain[raw.pointee.type.rawValue] else {
        preconditionFailure("protoc knows a type that is not known here")
      }
      self = plain
    }
  }
}

extension SchemaMethod {
  init(_ raw: CMethod, comment: String) {
    let options = raw.pointee.options
    name = text(raw.pointee.name)
    self.comment = comment
    request = String(text(raw.pointee.input_type).drop { $0 == "." })
    response = String(text(raw.pointee.output_type).drop { $0 == "." })
    streamsRequests = raw.pointee.client_streaming != 0
    streamsResponses = raw.pointee.server_streaming != 0
    effects = Effects(options)
    isAtOnce = options.map { Self.atOnce(in: $0.pointee.base) } ?? false
  }

  /// The option `usher.rpc.v1.at_once`. To protobuf-c an extension is an unknown field.
  private static func atOnce(in options: ProtobufCMessage) -> Bool {
    let unknown = UnsafeBufferPointer(
      start: options.unknown_fields,
      count: Int(options.n_unknown_fields)
    )
    let mark = unknown.last { $0.tag == 50110 && $0.wire_type == PROTOBUF_C_WIRE_TYPE_VARINT }
    return mark.map { $0.len > 0 && $0.data[0] != 0 } ?? false
  }
}

extension SchemaMethod.Effects {
  fileprivate init(_ options: UnsafeMutablePointer<Google__Protobuf__MethodOptions>?) {
    switch options?.pointee.idempotency_level {
    case GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS: self = .none
    case GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__IDEMPOTENT: self = .idempotent
    default: self = .some
    }
  }
}
