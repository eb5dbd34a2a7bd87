package import CDescriptor
import CProtobufC

/// Bytes could not be read as a message of protoc's.
package struct Unreadable: Error {}

/// A message of protoc's as protobuf-c unpacked it, with all its memory: whoever reads it may
/// rewrite it, and everything goes with it at its end. What comes from protoc is trusted.
package struct Unpacked<Struct>: ~Copyable {
  package let message: UnsafeMutablePointer<Struct>
  private let pieces: Pieces

  fileprivate init(
    _ bytes: UnsafePointer<UInt8>?,
    count: Int,
    as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(Unreadable) {
    let pieces = Pieces()
    var allocator = pieces.allocator
    guard let raw = protobuf_c_message_unpack(descriptor, &allocator, count, bytes) else {
      pieces.free()
      throw Unreadable()
    }
    message = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: Struct.self)
    self.pieces = pieces
  }

  deinit { pieces.free() }

  /// Room for one more value that the message shall point to, which lasts as long as the message.
  package func place<Value>(_ value: Value) -> UnsafeMutablePointer<Value> {
    let place = pieces.allocate(MemoryLayout<Value>.size).bindMemory(to: Value.self, capacity: 1)
    place.initialize(to: value)
    return place
  }

  /// The message's bytes as it is now.
  package func packed() -> [UInt8] {
    let base = UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
    return [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(base)) {
      $1 = protobuf_c_message_pack(base, $0.baseAddress)
    }
  }
}

/// All that was allocated for one message. A rewritten message no longer leads to each piece.
private final class Pieces {
  private var pieces: [UnsafeMutableRawPointer] = []

  /// Lets protobuf-c allocate here. Valid as long as this is.
  var allocator: ProtobufCAllocator {
    ProtobufCAllocator(
      alloc: { pieces, size in
        pieces.map { Unmanaged<Pieces>.fromOpaque($0).takeUnretainedValue().allocate(size) }
      },
      // What is given back early goes with the rest.
      free: { _, _ in },
      allocator_data: Unmanaged.passUnretained(self).toOpaque()
    )
  }

  func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    pieces.append(.allocate(byteCount: size, alignment: 16))
    return pieces[pieces.count - 1]
  }

  func free() {
    for piece in pieces { piece.deallocate() }
    pieces = []
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
    try self.init(bytes, count: bytes.count, as: descriptor)
  }

  package var files: [CFile] { items(message.pointee.proto_file, message.pointee.n_proto_file) }
}

extension UnpackedSet {
  package init(set bytes: [UInt8]) throws(Unreadable) {
    try self.init(bytes, count: bytes.count, as: Self.descriptor)
  }

  package init(set bytes: UnsafeRawBufferPointer) throws(Unreadable) {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    try self.init(start, count: bytes.count, as: Self.descriptor)
  }

  private static var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    var empty = Struct()
    google__protobuf__file_descriptor_set__init(&empty)
    return empty.base.descriptor
  }

  package var files: [CFile] { items(message.pointee.file, message.pointee.n_file) }
}
