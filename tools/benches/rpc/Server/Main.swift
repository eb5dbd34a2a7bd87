internal import Arguments
internal import Daemon
internal import Glibc
internal import RPCCore
internal import Transport
internal import UsherAPI
internal import Wire

/// Health/Check once more, through a handler that is a task.
struct WaitingHealth: RPCService {
  let board: HealthBoard

  func register(in routes: inout Routes) {
    let check = HealthMethods.check
    let method = MethodDescriptor(
      service: check.service,
      name: check.name,
      kind: .unary,
      effects: .none,
      isAtOnce: false
    )
    routes.unary(method) { (request: HealthCheckRequest, context) async throws in
      guard let status = board.status(of: request.service) else {
        throw RPCFailure(.notFound, "there is no service \(request.service)")
      }
      return Reply(HealthCheckResponse(status: status))
    }
  }
}

/// A server with the health service and nothing else, whose handler is of either kind.
@main
enum Main {
  static let flags = [
    Flag("listen", "ADDRESS", help: "where calls are taken"),
    Flag("handler", "KIND", help: "at-once or async"),
    Flag("loops", "N", help: "event loops"),
  ]

  static func main() async throws {
    let arguments = try ParsedArguments(Array(CommandLine.arguments.dropFirst()), flags: flags)
    let board = HealthBoard(services: [])
    let service: any RPCService =
      arguments["handler"] == "async" ? WaitingHealth(board: board) : HealthEndpoint(board)
    let core = ServerCore(router: try Router(services: [service]))
    var limits = TransportLimits.defaults
    limits.connectionsMax = 20_000
    let server = try await Server(
      listeningOn: [try SocketAddress(parsing: arguments["listen"] ?? "127.0.0.1:0")],
      loops: EventLoopGroup(count: Int(arguments["loops"] ?? "1") ?? 1),
      offers: [.usher(core)],
      limits: limits
    )
    for case .tcp(_, let port) in server.addresses { print(port) }
    fflush(nil)
    while getchar() != EOF {}
  }
}
