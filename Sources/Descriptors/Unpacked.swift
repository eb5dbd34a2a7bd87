package import CDescriptor
import CProtobufC

/// Bytes could not be read as a message of protoc's.
package struct Unreadable: Error {}

/// A message of protoc's as protobuf-c unpacked it. What comes from protoc is trusted. The memory is
/// never given back unless ``free()`` is called: the tools that read descriptors run once and
/// briefly.
package struct Unpacked<Struct> {
  package let message: UnsafeMutablePointer<Struct>

  fileprivate init(
    _ bytes: UnsafeRawBufferPointer,
    _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(Unreadable) {
    let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let raw = protobuf_c_message_unpack(descriptor, nil, bytes.count, data) else {
      throw Unreadable()
    }
    message = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: Struct.self)
  }

  /// The message's bytes as it is now.
  package func packed() -> [UInt8] {
    let base = UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
    return [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(base)) {
      $1 = protobuf_c_message_pack(base, $0.baseAddress)
    }
  }

  /// Gives the memory back. Only for a message that is as it was unpacked, and not used again.
  func free() {
    let base = UnsafeMutableRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
    protobuf_c_message_free_unpacked(base, nil)
  }
}

/// What protoc asks of a plugin.
package typealias UnpackedRequest = Unpacked<Google__Protobuf__Compiler__CodeGeneratorRequest>
/// What `protoc --descriptor_set_out` writes.
package typealias UnpackedSet = Unpacked<Google__Protobuf__FileDescriptorSet>

extension UnpackedRequest {
  package init(request bytes: [UInt8]) throws(Unreadable) {
    // Any struct's own init knows its descriptor, whose address Swift cannot take.
    var empty = Struct()
    google__protobuf__compiler__code_generator_request__init(&empty)
    guard let descriptor = empty.base.descriptor else { throw Unreadable() }
    self = try bytes.withUnsafeBufferPointer { (bytes) throws(Unreadable) in
      try Self(UnsafeRawBufferPointer(bytes), descriptor)
    }
  }

  package var files: [CFile] { items(message.pointee.proto_file, message.pointee.n_proto_file) }
}

extension UnpackedSet {
  package init(set bytes: [UInt8]) throws(Unreadable) {
    self = try bytes.withUnsafeBufferPointer { (bytes) throws(Unreadable) in
      try Self(set: UnsafeRawBufferPointer(bytes))
    }
  }

  package init(set bytes: UnsafeRawBufferPointer) throws(Unreadable) {
    var empty = Struct()
    google__protobuf__file_descriptor_set__init(&empty)
    try self.init(bytes, empty.base.descriptor)
  }

  package var files: [CFile] { items(message.pointee.file, message.pointee.n_file) }
}
