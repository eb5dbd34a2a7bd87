public import CProtobufC

/// A value that travels as a protobuf message.
///
/// Conformances are generated. On the wire side protobuf-c does the work, on structs that live in an
/// ``Arena``; on this side a message is a plain value that owns what it holds.
public protocol Message: Sendable, Hashable {
  /// The message's full name in its schema, such as `usher.v1.Concert`.
  static var messageName: String { get }

  /// What protobuf-c reads and writes this message by.
  static var cDescriptor: UnsafePointer<ProtobufCMessageDescriptor> { get }

  /// The message with every field at its default.
  init()

  /// Reads the message from `bytes`. What unpacking costs is taken from the arena and its budget.
  init(decoding bytes: UnsafeRawBufferPointer, in arena: Arena) throws(DecodeFailure)

  /// Copies what protobuf-c unpacked: `unpacked` is a struct of ``cDescriptor``'s type.
  init(unpacked: UnsafePointer<ProtobufCMessage>) throws(DecodeFailure)

  /// Builds the struct that protobuf-c packs, in `arena`.
  func makePackable(in arena: Arena) -> UnsafeMutablePointer<ProtobufCMessage>
}

/// Why bytes are not the message they should be.
public enum DecodeFailure: Error, Hashable {
  /// They do not parse.
  case malformed
  /// A string field is not UTF-8, or holds a NUL.
  case invalidText(field: String)
  /// Unpacking them would cost more memory than was allowed.
  case overBudget
}

extension Message {
  /// Reads the message from `bytes` by ``cDescriptor``.
  @inlinable
  public init(
    decoding bytes: UnsafeRawBufferPointer,
    in arena: Arena
  ) throws(DecodeFailure) {
    unsafe try self.init(unpacked: arena.unpack(bytes, as: Self.cDescriptor))
  }

  /// Appends the message's bytes to `buffer` and returns how many they are.
  @discardableResult
  public func encode(into buffer: inout ByteBuffer, using arena: Arena) -> Int {
    let packable = unsafe makePackable(in: arena)
    let size = unsafe protobuf_c_message_get_packed_size(packable)
    unsafe buffer.appending(atMost: size) { room in
      unsafe protobuf_c_message_pack(packable, room.assumingMemoryBound(to: UInt8.self))
    }
    return size
  }
}

extension Arena {
  /// Unpacks `bytes` as the message that `descriptor` describes.
  public func unpack(
    _ bytes: UnsafeRawBufferPointer,
    as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(DecodeFailure) -> UnsafePointer<ProtobufCMessage> {
    let unpacked = unsafe protobuf_c_message_unpack(
      descriptor,
      allocator,
      bytes.count,
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    )
    guard let unpacked = unsafe unpacked else { throw isOverBudget ? .overBudget : .malformed }
    return unsafe UnsafePointer(unpacked)
  }
}
