public import RPCCore

/// Connects a client to sockets.
public struct SocketConnector: Connector {
  private let addresses: [SocketAddress]
  private let loops: EventLoopGroup

  /// Connects to `addresses`, each of which serves the same, with connections on `loops`.
  public init(to addresses: [SocketAddress], loops: EventLoopGroup) {
    precondition(!addresses.isEmpty, "a client needs an address")
    self.addresses = addresses
    self.loops = loops
  }

  /// How many addresses there are to connect to.
  public var addressCount: Int { addresses.count }

  /// How an address is written.
  public func name(ofAddress index: Int) -> String { "\(addresses[index])" }

  /// One loop after the other.
  public func nextLoop() -> any Loop { loops.next() }

  /// Connects to an address.
  public func connect(
    toAddress index: Int,
    on loop: any Loop,
    timeout: Duration,
    speak: @escaping (Scratch) -> any Session,
    completed: @escaping (String?) -> Void
  ) {
    guard let loop = loop as? EventLoop else {
      return completed("a socket lives on an event loop, and this is another kind")
    }
    ConnectAttempt(on: loop, timeout: timeout) { box, poll in
      guard let socket = box.take() else { return }
      Connection(
        id: 0,
        socket: socket,
        poll: poll,
        loop: loop,
        session: speak(loop.scratch),
        onClosed: { _ in }
      ).start()
    } completed: { failure in
      completed(failure)
    }.begin(addresses[index])
  }
}

extension Client {
  /// A client of the servers at `addresses`, with its connections on `loops`.
  public convenience init(
    to addresses: [SocketAddress],
    loops: EventLoopGroup,
    limits: ClientLimits = .defaults,
    interceptors: [any ClientInterceptor] = []
  ) {
    self.init(
      connector: SocketConnector(to: addresses, loops: loops),
      limits: limits,
      interceptors: interceptors
    )
  }
}

/// Runs `body` with a client of the servers at `addresses`, on a loop of its own.
public func withClient<Result>(
  to addresses: [SocketAddress],
  limits: ClientLimits = .defaults,
  interceptors: [any ClientInterceptor] = [],
  _ body: (Client) async throws -> Result
) async throws -> Result {
  let loops = EventLoopGroup(count: 1, name: "usher-client")
  defer { loops.stop() }
  return try await withClient(
    connector: SocketConnector(to: addresses, loops: loops),
    limits: limits,
    interceptors: interceptors,
    body
  )
}
