internal import Arguments
internal import Foundation
internal import Ledger
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

  /// Where everything is kept, and whether it was made just now.
  public let store: (address: StoreAddress, isNew: Bool)
  /// How many events the log had when it started.
  public let events: UInt64
  /// Where it keeps its keys, and the store unless that is elsewhere.
  public let dataDirectory: String
  /// Where keys to call with are.
  public var keyFiles: [String] {
    ["operator.key", "app.key"].map { "\(dataDirectory)/\($0)" }
  }
  /// What receipts are checked with; nil where there is nothing yet.
  public let receiptKey: String?
  /// What is wrong with the keys.
  public let keyNotices: [String]
  /// The demonstration's concert, where there is one.
  public let demoConcert: String?

  private let sale: Sale
  private let health: HealthBoard
  private let loops: EventLoopGroup
  private let server: Server
  private let drain: Duration

  /// Starts. It answers calls once this returns. `log` takes a line for each failure, and `lost` is
  /// called when the store has stopped for good.
  public init(
    _ options: DaemonOptions,
    log write: @escaping @Sendable (String) -> Void,
    lost: @escaping @Sendable (String) -> Void
  ) async throws {
    let files = Descriptors.raiseLimit()
    let affordable = max(1, files - Descriptors.reserved)
    connectionsMax = min(options.connectionsMax ?? affordable, affordable)
    drain = options.drain
    let bound = Result { () throws(SocketFailure) in try BoundAddresses(options.listen) }
    // A start that fails for its address leaves no keys and no store behind. Where they are there
    // already they are opened first: whoever has them in use can be named.
    let isNew = !FileManager.default.fileExists(atPath: "\(options.dataDirectory)/app.key")
    if isNew { _ = try bound.get() }
    let log = ServerLog(monotonicNanoseconds: Clocks.monotonic, write: write)
    let sale = try await Sale(
      SaleOptions(
        directory: options.dataDirectory,
        store: options.storeAddress,
        makesOperatorKey: options.makesOperatorKey
      ),
      failed: { failure in
        log.storeFailed(failure)
        guard case .lost(let detail) = failure else { return }
        lost(detail)
      },
      works: log.storeWorks
    )
    self.sale = sale
    store = (options.storeAddress, sale.isNew)
    events = sale.boards.at.offset
    keyNotices = sale.keyWarnings
    receiptKey = sale.receiptKey
    dataDirectory = options.dataDirectory
    demoConcert = try await Self.openDemo(options, sale)
    loops = EventLoopGroup(count: options.loops)
    let services = sale.services { log.traffic }
    let offered = try Router(services: services).services
    health = HealthBoard(services: offered + ["grpc.health.v1.Health"])
    let router = try Router(services: services + [HealthEndpoint(health)])
    var limits = TransportLimits.defaults
    limits.connectionsMax = connectionsMax
    server = try await Server(
      listeningOn: try bound.get(),
      loops: loops,
      offers: [.usher(ServerCore(router: router, screen: sale.screen, events: log))],
      limits: limits
    )
  }

  private static func openDemo(_ options: DaemonOptions, _ sale: Sale) async throws -> String? {
    guard options.demo else { return nil }
    return try await sale.openDemo()
  }

  /// Stops: says that nothing serves any more, lets open calls finish, and cuts off what takes too
  /// long.
  public func stop() async -> Server.Stopped {
    health.stop()
    let stopped = await server.stop(within: drain)
    loops.stop()
    await sale.stop()
    return stopped
  }
}
