import Foundation
import LoadCommand
import Measuring
import Reports
import SocketSupport
import Testing
import Transport
import UsherCommand

@Suite("A run that several processes share", .timeLimit(.minutes(5)))
struct CompanyTests {
  /// A sale for which no time has to pass.
  private static let plan = [
    "--people", "30", "--seed", "5", "--arrive", "all at once", "--time-limit", "60s",
    "--set", "sale.inside_max=40", "--set", "sale.rate_count=40",
    "--set", "crowd.browse=1ms to 2ms", "--set", "crowd.choose=1ms to 2ms",
    "--set", "crowd.pay=1ms to 2ms", "--set", "crowd.no_show_share=0%",
    "--set", "crowd.lost_tab_share=0%", "--set", "crowd.lapse_share=0%",
  ]

  @Test("Two workers on several loops bring everyone once, whoever else comes to the coordinator")
  func whole() async throws {
    try await withSaleServer { desk, place in
      let meeting = SocketAddress.unix(path: desk.path("meeting"))
      let place = place.filter { $0 != "--quiet" }
      let files = ["--result", desk.path("run.json")]
      let coordinate = ["onsale", "--coordinator", "\(meeting)", "--workers", "2"]
      async let coordinating = desk.run(coordinate + Self.plan + files + place)
      try await eventually("the coordinator listens") {
        FileManager.default.fileExists(atPath: desk.path("meeting"))
      }
      // One says nothing, and one what no worker would.
      let silent = try RawPeer(to: meeting)
      let loud = try RawPeer(to: meeting)
      try loud.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
      _ = try await loud.rest()
      let workers = [try Desk(), try Desk()]
      let work = ["onsale", "--worker", "\(meeting)", "--loops", "2"] + place
      async let first = workers[0].run(work)
      async let second = workers[1].run(work)
      #expect(await [first, second] == [.done, .done], "\(workers.map(\.remark))")
      // On a machine that others share its own processor may have been the limit.
      #expect([.done, .invalid].contains(await coordinating), "\(desk.answer) \(desk.remark)")
      silent.close()
      #expect(desk.remarks.contains("2 workers have come"))
      let parts = workers.flatMap(\.remarks).filter { $0.hasPrefix("part ") }
      #expect(Set(parts) == ["part 1 of 2", "part 2 of 2"])
      let record = try RunRecord.read(from: desk.path("run.json"))
      #expect(record.facts.workers == 2 && record.generator.achieved == 30)
      let people = try #require(record.people)
      #expect(people.funnel.map(\.count) == Array(repeating: 30, count: 5), "\(people.funnel)")
      #expect(record.steps.first { $0.name == "enter" }?.response.count == 30)
      #expect(!record.verdicts.isEmpty && record.verdicts.allSatisfy(\.isKept))
      #expect(!FileManager.default.fileExists(atPath: desk.path("meeting")))
    }
  }
}
