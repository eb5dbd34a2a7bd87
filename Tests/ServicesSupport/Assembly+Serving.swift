internal import StoreSupport
internal import TestSupport
internal import Threads
package import Transport

extension Assembly {
  /// Runs `body` with a server at `address` that sells over a store in memory, and where it listens.
  package static func serving(
    at address: SocketAddress,
    _ body: (Assembly, SocketAddress) async throws -> Void
  ) async throws {
    let thread = WorkerThread()
    defer { thread.stop() }
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    let database = FakeDatabase()
    database.clock = House.start
    var random = SeededGenerator(seed: 1)
    let parts = try await Assembly(on: thread, database: database, random: &random)
    let server = try await Server(
      listeningOn: [address],
      loops: loops,
      offers: [.usher(try parts.makeCore())]
    )
    try await body(parts, server.addresses[0])
    _ = await server.stop(within: .seconds(5))
    await parts.close()
  }
}
