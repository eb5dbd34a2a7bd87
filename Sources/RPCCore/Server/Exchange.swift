public import CProtobufC
public import Wire

/// Reads requests and writes replies, in the memory of a loop. What is generic here is inlined where
/// the messages are known, so that a call does not have to look their types up.
@usableFromInline
struct Exchange {
  let scratch: Scratch
  let output: OutputBuffer
  let frameBytesMax: Int

  /// Reads a request.
  @inlinable
  static func decode<Request: Message>(
    _ bytes: UnsafeRawBufferPointer,
    in arena: Arena
  ) throws -> Request {
    do throws(DecodeFailure) {
      return try Request(decoding: bytes, in: arena)
    } catch {
      throw failure(error)
    }
  }

  /// Appends the CLOSE that carries `reply`.
  @inlinable
  func close<Response: Message>(_ call: UInt32, _ reply: Reply<Response>) throws {
    switch reply.body {
    case .message(let message): try close(call, message.makePackable(in: packing), reply.trailers)
    case .encoded(let bytes): try close(call, bytes, reply.trailers)
    }
  }

  @usableFromInline
  var unpacking: Arena { scratch.unpacking }

  /// The arena for packing, emptied.
  @usableFromInline
  var packing: Arena {
    scratch.packing.reset()
    return scratch.packing
  }

  @usableFromInline
  func close(
    _ call: UInt32,
    _ packable: UnsafePointer<ProtobufCMessage>,
    _ trailers: Metadata
  ) throws {
    try output.addFrame(atMost: frameBytesMax) { bytes in
      if trailers.isEmpty { return bytes.appendClose(call: call, packing: packable) }
      bytes.append(Self.frame(call, trailers), packing: packable)
    }
  }

  @usableFromInline
  func close(_ call: UInt32, _ encoded: [UInt8], _ trailers: Metadata) throws {
    try output.addFrame(atMost: frameBytesMax) { bytes in
      encoded.withUnsafeBytes { bytes.append(Self.frame(call, trailers), message: $0) }
    }
  }

  @usableFromInline
  static func failure(_ failure: DecodeFailure) -> RPCFailure { RPCFailure(failure) }

  private static func frame(_ call: UInt32, _ trailers: Metadata) -> OutgoingFrame {
    var frame = OutgoingFrame(.close, call: call)
    frame.metadata = trailers
    return frame
  }
}
