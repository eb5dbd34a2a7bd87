import Measuring
import RPCCore
@testable import Rehearsal
import Scenarios
import ServicesSupport
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("Calls that are made over and over")
struct CallingTests {
  /// The results of calls over a network that takes some milliseconds each way.
  private func results(
    showing key: String? = nil,
    _ change: (inout Scenario) -> Void
  ) throws -> Results {
    let theatre = try Theatre(connector: { MortalConnector(to: $0, on: $1) })
    var scenario = Scenario.call
    scenario.warmUp = .zero
    change(&scenario)
    var metadata = Metadata()
    try metadata.add(Metadata.Key.authorization, "Bearer \(key ?? theatre.keys.app)")
    let request = try EncodedMessage(ListConcertsRequest().encoded())
    let run = try CallRun(
      of: scenario,
      seed: 1,
      method: ConcertMethods.listConcerts,
      .one(CallRun.Call(request: request, metadata: metadata)),
      on: theatre.grounds,
      connections: 2
    )
    return try theatre.finish(theatre.house.loop.start { try await run.run { _ in } }).results
  }

  @Test("The most that were open at once are counted, not how many there were")
  func openMost() throws {
    let atOnce = try results {
      $0.callers = nil
      $0.people = 7
      $0.arrivals = [.atOnce(nil)]
    }
    #expect(atOnce.steps["call"]?.response.count == 7)
    #expect(atOnce.health.living == 7)
    let oneByOne = try results {
      $0.callers = nil
      $0.people = 7
      $0.arrivals = [.constant(perSecond: 1, for: .seconds(7))]
    }
    #expect(oneByOne.steps["call"]?.response.count == 7)
    #expect(oneByOne.health.living == 1)
    let callers = try results {
      $0.callers = 3
      $0.people = 30
    }
    #expect(callers.steps["call"]?.response.count == 30)
    #expect(callers.health.living == 3)
  }

  @Test(
    "What is planned before measuring begins is no call that counts, answered or refused",
    arguments: [nil, "usher_app_nobody"]
  )
  func warmUp(key: String?) throws {
    let results = try results(showing: key) {
      $0.callers = nil
      $0.people = 10
      $0.warmUp = .milliseconds(4_500)
      $0.arrivals = [.constant(perSecond: 1, for: .seconds(10))]
    }
    #expect(results.steps["call"]?.count == 5)
    #expect(results.steps["call"]?.failed.count == (key == nil ? 0 : 5))
    #expect(results.punctuality.begun == 10)
  }

  @Test("Of a crowd all is seen over time, and nothing counts that was planned before measuring")
  func crowd() throws {
    var scenario = Scenario.small
    scenario.warmUp = scenario.timeLimit - .seconds(1)
    let results = try Theatre().rehearse(scenario).results
    let hold = try #require(results.steps["hold"])
    #expect(hold.windows.cells.contains { !$0.response.isEmpty })
    #expect(hold.windows.cells.contains { !$0.failures.isEmpty })
    for step in results.steps.values {
      #expect(step.count == 0, "\(step.name)")
      #expect(step.failures.isEmpty, "\(step.name)")
    }
    #expect(results.punctuality.lateness.isEmpty)
    #expect(results.counts[.came] == UInt64(scenario.people))
  }
}
