import Access
import RPCCore
import ServicesSupport
import StoreSupport
import TestSupport
import Threads
import Transport

/// Runs `body` with a server on a socket that has left its keys in the desk's folder.
func withSaleServer(_ body: (Desk, [String]) async throws -> Void) async throws {
  let desk = try Desk()
  let thread = WorkerThread()
  defer { thread.stop() }
  let loops = EventLoopGroup(count: 1)
  defer { loops.stop() }
  let database = FakeDatabase()
  database.clock = House.start
  var random = SeededGenerator(seed: 1)
  let parts = try await Assembly(on: thread, database: database, random: &random)
  let server = try await Server(
    listeningOn: [.unix(path: desk.path("socket"))],
    loops: loops,
    offers: [.usher(try parts.makeCore())]
  )
  _ = try desk.write("operator.key", parts.operatorKey.text + "\n")
  _ = try desk.write("app.key", parts.appKey.text + "\n")
  let place = ["--connect", "unix:\(desk.path("socket"))", "--data", desk.folder, "--quiet"]
  try await body(desk, place)
  _ = await server.stop(within: .seconds(5))
  await parts.close()
}
