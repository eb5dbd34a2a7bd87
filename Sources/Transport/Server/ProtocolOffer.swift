public import RPCCore
internal import Wire

/// A protocol that a server can speak on its port.
///
/// The first byte of a connection tells which of several is meant. A listener asks these values what
/// to do with a connection, and knows no protocol by name.
public struct ProtocolOffer: Sendable {
  /// Whether a connection that begins with this byte means this protocol.
  public let begins: @Sendable (_ with: UInt8) -> Bool
  /// What speaks on a new connection.
  public let makeSession: @Sendable (_ loop: any Loop, _ scratch: Scratch) -> any Session
  /// The bytes that tell a peer of this protocol why its connection is not taken.
  public let refusal: @Sendable (_ reason: String) -> [UInt8]

  /// A protocol.
  public init(
    begins: @escaping @Sendable (_ with: UInt8) -> Bool,
    makeSession: @escaping @Sendable (_ loop: any Loop, _ scratch: Scratch) -> any Session,
    refusal: @escaping @Sendable (_ reason: String) -> [UInt8]
  ) {
    self.begins = begins
    self.makeSession = makeSession
    self.refusal = refusal
  }

  /// Usher's own protocol: a frame is under 16 MiB, so its first byte is 0.
  public static func usher(_ core: ServerCore) -> ProtocolOffer {
    ProtocolOffer(
      begins: { $0 == 0 },
      makeSession: { core.makeSession(on: $0, scratch: $1) },
      refusal: { reason in
        var frame = OutgoingFrame(.goAway)
        frame.status = .resourceExhausted
        frame.reason = reason
        var bytes = ByteBuffer()
        bytes.append(frame)
        return bytes.withBytes { Array($0) }
      }
    )
  }
}
