internal import Wire

/// Connects a client to a server in the same process, without a socket: the bytes that one side
/// writes are handed to the other in a later turn of the loop.
///
/// Everything but the socket is as it is in production, frames and credit and limits included, so a
/// test of a service over this is a test of the service on the wire.
public struct InProcessConnector: Connector {
  private let core: ServerCore
  private let loop: any Loop

  /// Connects to a server with that core, with both ends on `loop`.
  public init(to core: ServerCore, on loop: any Loop) {
    self.core = core
    self.loop = loop
  }

  /// One server.
  public var addressCount: Int { 1 }

  /// How the server is written.
  public func name(ofAddress index: Int) -> String { "in process" }

  /// The one loop.
  public func nextLoop() -> any Loop { loop }

  /// Connects, at once.
  public func connect(
    toAddress index: Int,
    on loop: any Loop,
    timeout: Duration,
    speak: @escaping (Scratch) -> any Session,
    completed: @escaping (String?) -> Void
  ) {
    let scratch = Scratch()
    let client = speak(scratch)
    MemoryLink.connect(client, core.makeSession(on: loop, scratch: scratch), on: loop)
    completed(nil)
  }
}
