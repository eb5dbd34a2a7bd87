import CDescriptor

extension Schema {
  /// Reads what protoc asks; code is wanted for those files that `isWanted` accepts by path.
  package init(_ request: borrowing UnpackedRequest, generating isWanted: (String) -> Bool) {
    self.init(request.files, generating: isWanted)
  }

  /// Reads what protoc says; code is wanted for those files that `isWanted` accepts by path.
  package init(_ set: borrowing UnpackedSet, generating isWanted: (String) -> Bool) {
    self.init(set.files, generating: isWanted)
  }

  /// Reads a serialized `google.protobuf.FileDescriptorSet` that protoc has made. All files count as
  /// generated but for Google's own.
  package init(descriptorSet bytes: UnsafeRawBufferPointer) throws(Unreadable) {
    self.init(try UnpackedSet(set: bytes)) { !$0.hasPrefix("google/") }
  }

  /// The files belong to a message, which has to last meanwhile.
  private init(_ files: [CFile], generating isWanted: (String) -> Bool) {
    self.files = files.map { file in
      SchemaReader(file: file).read(isGenerated: isWanted(text(file.pointee.name)))
    }
  }
}

/// Turns one file's descriptor into plain values.
private struct SchemaReader {
  typealias Step = Comments.Step

  let file: CFile
  let comments: Comments
  let package: String

  init(file: CFile) {
    self.file = file
    comments = Comments(of: file)
    package = text(file.pointee.package)
  }

  func read(isGenerated: Bool) -> SchemaFile {
    let syntax = text(file.pointee.syntax)
    return SchemaFile(
      path: text(file.pointee.name),
      package: package,
      syntax: syntax.isEmpty ? "proto2" : syntax,
      isGenerated: isGenerated,
      messages: numbered(items(file.pointee.message_type, file.pointee.n_message_type)) {
        message($0, in: package, at: [Step.fileMessage, $1])
      },
      enums: numbered(items(file.pointee.enum_type, file.pointee.n_enum_type)) {
        enumeration($0, in: package, at: [Step.fileEnum, $1])
      },
      services: numbered(items(file.pointee.service, file.pointee.n_service)) {
        service($0, at: [Step.fileService, $1])
      }
    )
  }

  private func message(_ raw: CMessage, in scope: String, at path: [Int32]) -> SchemaMessage {
    let name = text(raw.pointee.name)
    let fullName = joined(scope, name)
    let oneofs = items(raw.pointee.oneof_decl, raw.pointee.n_oneof_decl).map {
      text($0.pointee.name)
    }
    let fields = numbered(items(raw.pointee.field, raw.pointee.n_field)) {
      field($0, oneofs: oneofs, at: path + [Step.messageField, $1])
    }
    return SchemaMessage(
      name: name,
      fullName: fullName,
      comment: comments[path],
      isMapEntry: raw.pointee.options?.pointee.map_entry == 1,
      fields: fields.sorted { $0.number < $1.number },
      oneofs: numbered(oneofs) {
        SchemaOneof(name: $0, comment: comments[path + [Step.messageOneof, $1]])
      }.filter { oneof in fields.contains { $0.oneof == oneof.name } },
      messages: numbered(items(raw.pointee.nested_type, raw.pointee.n_nested_type)) {
        message($0, in: fullName, at: path + [Step.messageMessage, $1])
      },
      enums: numbered(items(raw.pointee.enum_type, raw.pointee.n_enum_type)) {
        enumeration($0, in: fullName, at: path + [Step.messageEnum, $1])
      }
    )
  }

  private func field(_ raw: CField, oneofs: [String], at path: [Int32]) -> SchemaField {
    let oneof =
      raw.pointee.has_oneof_index != 0 && raw.pointee.proto3_optional == 0
      ? oneofs[Int(raw.pointee.oneof_index)] : nil
    return SchemaField(
      name: text(raw.pointee.name),
      number: raw.pointee.number,
      comment: comments[path],
      type: FieldType(raw),
      label: FieldLabel(raw),
      oneof: oneof
    )
  }

  private func enumeration(_ raw: CEnum, in scope: String, at path: [Int32]) -> SchemaEnum {
    let name = text(raw.pointee.name)
    return SchemaEnum(
      name: name,
      fullName: joined(scope, name),
      comment: comments[path],
      values: numbered(items(raw.pointee.value, raw.pointee.n_value)) {
        SchemaEnumValue(
          name: text($0.pointee.name),
          number: $0.pointee.number,
          comment: comments[path + [Step.enumValue, $1]]
        )
      }
    )
  }

  private func service(_ raw: CService, at path: [Int32]) -> SchemaService {
    let name = text(raw.pointee.name)
    return SchemaService(
      name: name,
      fullName: joined(package, name),
      comment: comments[path],
      methods: numbered(items(raw.pointee.method, raw.pointee.n_method)) {
        SchemaMethod($0, comment: comments[path + [Step.serviceMethod, $1]])
      }
    )
  }

  private func joined(_ scope: String, _ name: String) -> String {
    scope.isEmpty ? name : scope + "." + name
  }

  /// Each with its place in the list, which is a step of its comment's path.
  private func numbered<Raw, Read>(_ raws: [Raw], _ read: (Raw, Int32) -> Read) -> [Read] {
    raws.enumerated().map { read($1, Int32($0)) }
  }
}
