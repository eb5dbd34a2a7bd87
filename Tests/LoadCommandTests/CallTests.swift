import LoadCommand
import Measuring
import Reports
import Testing
import UsherCommand

@Suite("Calls from the command line", .timeLimit(.minutes(2)))
struct CallTests {
  @Test("As many calls are made as were asked for, by callers who share them, and are recorded")
  func callers() async throws {
    try await withSaleServer { desk, place in
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
    try await withSaleServer { desk, place in
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
