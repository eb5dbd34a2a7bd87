import Access
import LoadCommand
import Measuring
import RPCCore
import Reports
import ServicesSupport
import StoreSupport
import TestSupport
import Testing
import Threads
import Transport
import UsherCommand

@Suite("Calls from the command line", .timeLimit(.minutes(2)))
struct CallTests {
  /// Runs `body` with a server on a socket that has left its keys in the desk's folder.
  private func withServer(_ body: (Desk, [String]) async throws -> Void) async throws {
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

  @Test("As many calls are made as were asked for, by callers who share them, and are recorded")
  func callers() async throws {
    try await withServer { desk, place in
      let plan = ["--people", "300", "--callers", "7", "--warm-up", "0s", "--expect", "errors<1%"]
      let files = ["--result", desk.path("run.json")]
      let call = ["call", "usher.v1.ConcertService/ListConcerts"]
      let code = await desk.run(call + plan + files + place)
      // On a machine that others share its own processor may have been the limit.
      #expect([.done, .invalid].contains(code), "\(desk.answer) \(desk.remark)")
      let record = try RunRecord.read(from: desk.path("run.json"))
      #expect(record.steps.map(\.name) == ["call"])
      #expect(record.steps.map(\.response.count) == [300])
      #expect(record.steps[0].failures.isEmpty)
    }
  }

  @Test("A goal that is not met has a code of its own, and so have errors that a goal is about")
  func codes() async throws {
    try await withServer { desk, place in
      let call = ["call", "usher.v1.ConcertService/ListConcerts", "--warm-up", "0s"]
      let goal = ["--people", "20", "--callers", "2", "--expect", "max(call)<1us"]
      let code = await desk.run(call + goal + place)
      #expect([.short, .invalid].contains(code), "\(desk.answer)")
      #expect(desk.answer.contains("max(call)<1us"))
      let stats = [
        "call", "usher.v1.OperatorService/Stats", "--metadata", "authorization=Bearer x",
      ]
      let refused = [
        "--people", "20", "--callers", "2", "--warm-up", "0s", "--expect", "errors<1%",
      ]
      let refusedCode = await desk.run(stats + refused + place)
      #expect([.short, .invalid].contains(refusedCode), "\(desk.answer)")
      #expect(desk.answer.contains("CREDENTIALS_INVALID"), "\(desk.answer)")
    }
  }
}
