package import RPCCore
package import Wire

/// A frame that came, copied.
package struct ReceivedFrame: Sendable {
  package let kind: FrameKind?
  package let call: UInt32
  package let status: StatusCode
  package let reason: String
  package let message: [UInt8]
  package let settings: Settings?
  package let nonce: UInt64

  package init(_ bytes: UnsafeRawBufferPointer) throws {
    let frame = try FrameView(reading: bytes)
    kind = frame.kind
    call = frame.call
    status = frame.status
    reason = frame.reason
    message = Array(frame.message)
    settings = frame.settings
    nonce = frame.nonce
  }
}

/// The bytes of a frame that carries `message`.
package func bytes(_ frame: OutgoingFrame, _ message: (any Message)? = nil) -> [UInt8] {
  var buffer = ByteBuffer()
  let encoded = message.map { $0.encoded() } ?? []
  encoded.withUnsafeBytes { buffer.append(frame, message: $0) }
  return buffer.withBytes { Array($0) }
}

/// The frame that opens a call.
package func open(_ call: UInt32, _ method: MethodDescriptor) -> OutgoingFrame {
  var frame = OutgoingFrame(.open, call: call)
  frame.method = method.path
  frame.isLast = method.kind.takesOneRequest
  return frame
}
