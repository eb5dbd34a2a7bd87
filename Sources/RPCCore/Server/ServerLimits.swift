internal import Wire

/// What one connection may ask of a server.
public struct ServerLimits: Sendable, Hashable {
  /// The largest frame that is taken, in bytes.
  public var frameBytesMax = 1 << 20
  /// The largest frame that is sent, in bytes: what every client takes.
  public var responseFrameBytesMax = 4 << 20
  /// How many calls may be open, or their handlers still running, at once.
  public var openCallsMax = 1_000
  /// How many payload bytes of one call's requests may wait for its handler.
  public var creditBytes = 256 << 10
  /// How many request bytes of all calls may wait for their handlers.
  public var undeliveredBytesMax = 8 << 20
  /// How many bytes may wait to be written before nothing more is read.
  public var outputBytesMax = 1 << 20
  /// How many bytes all connections of a loop may hold of frames whose end has not come.
  public var incompleteBytesMax = 64 << 20
  /// How long a new connection may take to send its first frame.
  public var firstFrameTimeout = Duration.seconds(10)
  /// How long a frame may take from its first byte to its last.
  public var frameTimeout = Duration.seconds(30)
  /// How long output may wait without one byte being taken.
  public var outputTimeout = Duration.seconds(30)
  /// How long a connection may have no open call.
  public var idleTimeout = Duration.seconds(600)
  /// How long a peer with open calls may be silent before it is asked whether it is there.
  public var keepAliveInterval = Duration.seconds(60)
  /// How long it may take to answer.
  public var keepAliveTimeout = Duration.seconds(20)
  /// How long a handler may go on after its call's deadline.
  public var deadlineGrace = Duration.seconds(5)
  /// How much time should pass between two PINGs.
  public var pingInterval = Duration.seconds(5)
  /// How many PINGs may come too early before the connection is ended.
  public var earlyPingsMax = 3

  /// The limits that are right for most.
  public static let defaults = ServerLimits()

  /// Limits at their defaults.
  public init() {}

  /// What a peer is told of them.
  var settings: Settings {
    Settings(
      frameBytesMax: UInt32(frameBytesMax),
      openCallsMax: UInt32(openCallsMax),
      pingIntervalMsMin: UInt32(clamping: pingInterval.wholeNanoseconds / 1_000_000)
    )
  }
}
