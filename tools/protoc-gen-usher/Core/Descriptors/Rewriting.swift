import CDescriptor
import CProtobufC
import Descriptors

extension UnpackedSet {
  /// Makes the set into one that protoc-c turns into the C that we want:
  ///
  /// - strings are bytes, since protobuf-c loses a string's length at its first NUL;
  /// - maps are lists of entries, which C has for them anyway, since a map may not have bytes as keys;
  /// - services and our own options are gone, with the import of the file that defines them: C has no
  ///   use for them, and would include a header that nobody installs;
  /// - the functions that pack and unpack one type are left out: descriptors do.
  package func rewriteForC() {
    for file in files {
      for message in items(file.pointee.message_type, file.pointee.n_message_type) {
        rewrite(message)
      }
      file.pointee.n_service = 0
      dropImports(of: file)
      leaveOutPackHelpers(of: file)
    }
    keepFiles { !isOnlyForOptions(text($0.pointee.name)) }
  }

  private func rewrite(_ message: CMessage) {
    for field in items(message.pointee.field, message.pointee.n_field)
    where field.pointee.type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING {
      field.pointee.type = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES
    }
    if let options = message.pointee.options {
      options.pointee.has_map_entry = 0
      options.pointee.map_entry = 0
    }
    for nested in items(message.pointee.nested_type, message.pointee.n_nested_type) {
      rewrite(nested)
    }
  }

  private func dropImports(of file: CFile) {
    guard let imports = file.pointee.dependency else { return }
    let kept = UnsafeBufferPointer(start: imports, count: file.pointee.n_dependency)
      .filter { !isOnlyForOptions(text($0)) }
    for (index, path) in kept.enumerated() { imports[index] = path }
    file.pointee.n_dependency = kept.count
    // These are places in the list above; which import is public or weak means nothing to C.
    file.pointee.n_public_dependency = 0
    file.pointee.n_weak_dependency = 0
  }

  /// Sets protoc-c's own option, `(pb_c_file).gen_pack_helpers = false`.
  private func leaveOutPackHelpers(of file: CFile) {
    // A length, and field 2 of ProtobufCFileOptions.
    let option: (UInt8, UInt8, UInt8) = (2, 2 << 3, 0)
    let unknown = ProtobufCMessageUnknownField(
      tag: 1019,
      wire_type: PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
      len: MemoryLayout.size(ofValue: option),
      data: UnsafeMutableRawPointer(place(option)).assumingMemoryBound(to: UInt8.self)
    )
    let options = place(Google__Protobuf__FileOptions())
    google__protobuf__file_options__init(options)
    options.pointee.base.n_unknown_fields = 1
    options.pointee.base.unknown_fields = place(unknown)
    file.pointee.options = options
  }

  private func isOnlyForOptions(_ path: String) -> Bool {
    path.hasPrefix("google/protobuf/") || path == "usher/rpc/v1/options.proto"
  }

  private func keepFiles(_ isKept: (CFile) -> Bool) {
    let kept = files.filter(isKept)
    for (index, file) in kept.enumerated() { message.pointee.file[index] = file }
    message.pointee.n_file = kept.count
  }
}
