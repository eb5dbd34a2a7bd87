/// How a client behaves towards its servers.
public struct ClientLimits: Sendable, Hashable {
  /// The largest frame that is taken, in bytes.
  public var frameBytesMax = 4 << 20
  /// How long a frame may take from its first byte to its last.
  public var frameTimeout = Duration.seconds(30)
  /// How many connections are kept to each address.
  public var connectionsPerAddress = 1
  /// How long making a connection may take.
  public var connectTimeout = Duration.seconds(5)
  /// The wait after a first connection that could not be made; it doubles with each that follows.
  public var backoffMin = Duration.milliseconds(100)
  /// The longest such wait.
  public var backoffMax = Duration.seconds(10)
  /// How many calls may wait for a connection.
  public var waitingCallsMax = 10_000
  /// How many payload bytes of one call's responses may wait for whoever reads them.
  public var creditBytes = 256 << 10
  /// How many response bytes of all calls of a connection may wait for whoever reads them.
  public var undeliveredBytesMax = 8 << 20
  /// How many bytes may wait to be written before a stream has to wait.
  public var outputBytesMax = 1 << 20
  /// How long a server may be silent while calls are open before it is asked whether it is there.
  public var keepAliveInterval = Duration.seconds(30)
  /// How long it may take to answer.
  public var keepAliveTimeout = Duration.seconds(10)
  /// How long after its deadline a call that changes something waits to hear what became of it.
  public var outcomeGrace = Duration.seconds(2)
  /// How often one call is made at most, the first time included.
  public var attemptsMax = 3
  /// How many calls it takes to earn the right to one retry.
  public var callsPerRetry = 10

  /// The limits that are right for most.
  public static let defaults = ClientLimits()

  /// Limits at their defaults.
  public init() {}
}
