public import CProtobufC

/// A message of any type, as the bytes that it travels as.
///
/// It is for callers that know a message by its description alone, and have no Swift type for it.
/// The bytes are fields that can be told apart; whether they are those of the type that is expected,
/// the one who reads them finds out.
public struct EncodedMessage: Message {
  /// The message's bytes.
  public let bytes: [UInt8]

  /// A message of which every field is at its default.
  public init() { bytes = [] }

  /// The message that travels as `bytes`.
  public init(_ bytes: [UInt8]) throws(DecodeFailure) {
    try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(DecodeFailure) in
      try unsafe Self.check(UnsafeRawBufferPointer(bytes))
    }
    self.bytes = bytes
  }

  /// Takes the bytes as they are.
  public init(decoding bytes: UnsafeRawBufferPointer, in _: Arena) throws(DecodeFailure) {
    try unsafe Self.check(bytes)
    unsafe self.bytes = [UInt8](bytes)
  }

  /// Empty: the type is not known here.
  public static var messageName: String { "" }

  /// A message without fields. To protobuf-c all that it holds is unknown, which it keeps.
  public static var cDescriptor: UnsafePointer<ProtobufCMessageDescriptor> { unsafe fieldless }

  /// Packs again what protobuf-c unpacked.
  public init(unpacked: UnsafePointer<ProtobufCMessage>) throws(DecodeFailure) {
    unsafe bytes = [UInt8](
      unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(unpacked)
    ) {
      unsafe $1 = protobuf_c_message_pack(unpacked, $0.baseAddress)
    }
  }

  /// Builds the struct that protobuf-c packs: one unknown field whose content goes on to the end of
  /// the bytes, since to protobuf-c that is a tag and bytes that it copies.
  public func makePackable(in arena: Arena) -> UnsafeMutablePointer<ProtobufCMessage> {
    let message = unsafe arena.new(Self.cDescriptor)
    unsafe bytes.withUnsafeBytes { bytes in
      var cursor = unsafe FieldCursor(bytes)
      // Bytes that could not be read did not become a message.
      guard let tag = try? cursor.varint() else { return }
      let content = unsafe arena.bytes(UnsafeRawBufferPointer(rebasing: bytes[cursor.offset...]))
      unsafe message.pointee.n_unknown_fields = 1
      unsafe message.pointee.unknown_fields = arena.list(1) { _ in
        unsafe ProtobufCMessageUnknownField(
          tag: UInt32(truncatingIfNeeded: tag >> 3),
          wire_type: ProtobufCWireType(rawValue: UInt32(tag & 7)),
          len: content.len,
          data: content.data
        )
      }
    }
    return unsafe message
  }

  private static func check(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
    var cursor = unsafe FieldCursor(bytes)
    while let field = try cursor.next() {
      guard 1...FieldCursor.numberMax ~= field.number else { throw .malformed }
    }
  }
}

/// Made once, and neither changed nor given back, so that every thread may read it.
private nonisolated(unsafe) let fieldless: UnsafePointer<ProtobufCMessageDescriptor> = {
  let descriptor = UnsafeMutablePointer<ProtobufCMessageDescriptor>.allocate(capacity: 1)
  unsafe descriptor.initialize(to: ProtobufCMessageDescriptor())
  unsafe descriptor.pointee.magic = UInt32(PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC)
  unsafe descriptor.pointee.sizeof_message = MemoryLayout<ProtobufCMessage>.size
  return unsafe UnsafePointer(descriptor)
}()
