import RPCCore
import Transport

/// Serves the words at `address` for as long as `body` runs, which is told where that is.
func serving<Result>(
  at address: SocketAddress,
  _ body: ([SocketAddress]) async throws -> Result
) async throws -> Result {
  let loops = EventLoopGroup()
  defer { loops.stop() }
  let core = ServerCore(router: try Router(services: [WordList()]))
  let server = try await Server(
    listeningOn: [address],
    loops: loops,
    offers: [.usher(core)]
  )
  let result = try await body(server.addresses)
  _ = await server.stop(within: .seconds(5))
  return result
}
