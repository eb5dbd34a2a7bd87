internal import Arguments
internal import RPCCore
public import Transport

/// A running `usherd`: its services, its sockets, and how it stops.
public final class Daemon: Sendable {
  /// Where it takes calls.
  public var addresses: [SocketAddress] { server.addresses }
  /// How many event loops it has.
  public var loopCount: Int { loops.loops.count }
  /// How many connections it takes.
  public let connectionsMax: Int

  private let health: HealthBoard
  private let loops: EventLoopGroup
  private let server: Server
  private let drain: Duration

  /// Starts. It answers calls once this returns.
  public init(_ options: DaemonOptions) async throws {
    let files = Descriptors.raiseLimit()
    let affordable = max(1, files - Descriptors.reserved)
    connectionsMax = min(options.connectionsMax ?? affordable, affordable)
    drain = options.drain
    loops = EventLoopGroup(count: options.loops)
    health = HealthBoard(services: ["grpc.health.v1.Health"])
    let router = try Router(services: [HealthEndpoint(health)])
    var limits = TransportLimits.defaults
    limits.connectionsMax = connectionsMax
    server = try await Server(
      listeningOn: options.listen,
      loops: loops,
      offers: [.usher(ServerCore(router: router))],
      limits: limits
    )
  }

  /// Stops: says that nothing serves any more, lets open calls finish, and cuts off what takes too
  /// long.
  public func stop() async -> Server.Stopped {
    health.stop()
    let stopped = await server.stop(within: drain)
    loops.stop()
    return stopped
  }
}
