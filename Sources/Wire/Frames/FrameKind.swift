/// What a frame is for. Kinds that are not listed are ignored by whoever receives them.
public enum FrameKind: UInt32, Sendable {
  /// Client: starts a call.
  case open = 1
  /// Either side: one message of a stream.
  case message = 2
  /// Server: ends a call.
  case close = 3
  /// Client: ends a call early.
  case cancel = 4
  /// Either side: more payload bytes may be sent on a call.
  case credit = 5
  /// Either side: asks for a PONG.
  case ping = 6
  /// The answer to a PING, with its nonce.
  case pong = 7
  /// Either side: takes no new calls.
  case goAway = 8
  /// Client: no more messages come on a call.
  case end = 9
  /// Server: its first frame.
  case settings = 10
}
