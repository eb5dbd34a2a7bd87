/// What a server says of itself in its first frame.
public struct Settings: Sendable, Hashable {
  /// The largest frame that it takes, in bytes after the length prefix.
  public var frameBytesMax: UInt32
  /// How many calls may be open at once on the connection.
  public var openCallsMax: UInt32
  /// How much time should pass between two PINGs, in milliseconds.
  public var pingIntervalMsMin: UInt32

  /// Settings with the values that the wire contract gives.
  public init(
    frameBytesMax: UInt32 = 1 << 20,
    openCallsMax: UInt32 = 1_000,
    pingIntervalMsMin: UInt32 = 5_000
  ) {
    self.frameBytesMax = frameBytesMax
    self.openCallsMax = openCallsMax
    self.pingIntervalMsMin = pingIntervalMsMin
  }
}
