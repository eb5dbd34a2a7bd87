import Measuring
@testable import Rehearsal
import Scenarios
import Testing

@Suite("What people of a rehearsal do")
struct PathTests {
  @Test("In some seed a journey ends in every way that a sale knows")
  func ends() throws {
    var scenario = Scenario.small
    scenario.crowd.patience = .seconds(3) ... .seconds(12)
    var ends: [String: UInt64] = [:]
    for seed in 1...3 {
      let counts = try Theatre().rehearse(scenario, seed: UInt64(seed)).results.counts
      ends.merge(counts.ends, uniquingKeysWith: +)
      #expect(counts.done == counts[.came])
    }
    for end in [Deed.End.bought, .refunded, .soldOut, .lostPatience, .noShow, .letHoldLapse] {
      #expect(ends[end.rawValue] ?? 0 > 0, "nobody ended as \(end.rawValue): \(ends)")
    }
    for end in [Deed.End.failed, .unfinished, .turnedAway] {
      #expect(ends[end.rawValue] == nil, "somebody ended as \(end.rawValue): \(ends)")
    }
  }

  @Test("Those who fail to get a seat as often as they try, and those whose turn is over, go")
  func unlucky() throws {
    var scenario = Scenario.calm
    scenario.sale.seatsPerDate = 4
    scenario.sale.stopWhenSoldOut = false
    scenario.crowd.lapseShare = .percent(50)
    scenario.crowd.leaveWhenSoldOut = false
    scenario.crowd.triesMax = 1
    let taken = try Theatre().rehearse(scenario).results.counts
    #expect(taken.ends["seats taken too often"] ?? 0 > 0, "\(taken.ends)")
    scenario = .calm
    scenario.sale.sessionTTL = .seconds(2)
    scenario.sale.sessionMax = .seconds(2)
    scenario.crowd.browse = .seconds(3) ... .seconds(3)
    let over = try Theatre().rehearse(scenario).results.counts
    #expect(over.ends["turn was over"] == UInt64(scenario.people), "\(over.ends)")
  }

  @Test("A payment that is sent twice under one key is paid once and answered alike")
  func sameKey() throws {
    var scenario = Scenario.calm
    scenario.crowd.doubleSubmitSameKeyShare = .percent(100)
    let results = try kept(scenario)
    #expect(results.facts.keysRepeated.count == UInt64(scenario.people))
    #expect(results.steps["pay"]?.count == 2 * UInt64(scenario.people))
    #expect(results.steps["pay"]?.errors == 0)
    #expect(results.counts.ends == ["bought": UInt64(scenario.people)])
  }

  @Test("A payment that is sent twice under two keys is paid once and refused once")
  func newKey() throws {
    var scenario = Scenario.calm
    scenario.crowd.doubleSubmitNewKeyShare = .percent(100)
    let results = try kept(scenario)
    let pay = try #require(results.steps["pay"])
    #expect(results.facts.keysRepeated.count == UInt64(scenario.people))
    #expect(pay.response.count == UInt64(scenario.people))
    #expect(pay.failures.values.reduce(0) { $0 + $1.count } == UInt64(scenario.people))
    #expect(pay.errors == 0)
  }

  @Test("Whoever loses a tab enters again from another, has the same place, and buys")
  func lostTab() throws {
    var scenario = Scenario.calm
    scenario.crowd.lostTabShare = .percent(100)
    scenario.crowd.lostTabAfter = .milliseconds(100) ... .milliseconds(200)
    let results = try kept(scenario)
    #expect(results.facts.returned.isEmpty == false)
    #expect(
      results.steps["enter"]?.count == UInt64(results.facts.returned.count)
        + UInt64(scenario.people)
    )
    #expect(results.counts.ends == ["bought": UInt64(scenario.people)])
  }

  @Test("A connection that breaks as was rehearsed is made again, and is no mark of anything wrong")
  func reconnect() throws {
    var scenario = Scenario.calm
    scenario.sale.rateCount = 2
    scenario.crowd.reconnectShare = .percent(100)
    scenario.crowd.reconnectAfter = .milliseconds(200) ... .milliseconds(500)
    let results = try kept(scenario)
    // Each has a connection, and those who waited made another.
    #expect(results.steps["watch"]?.count ?? 0 > 0)
    #expect(results.marks == [])
    #expect(results.counts.ends == ["bought": UInt64(scenario.people)])
  }

  @Test("Those of the priority lane enter like all others, and sooner")
  func priority() throws {
    var scenario = Scenario.calm
    scenario.sale.rateCount = 2
    scenario.sale.priorityShare = .percent(50)
    scenario.crowd.priorityShare = .percent(30)
    let results = try kept(scenario)
    #expect(results.steps["enter"]?.failures.isEmpty == true)
    #expect(results.counts.ends == ["bought": UInt64(scenario.people)])
  }

  @Test("A token is tried by all who are done, and is worth nothing then")
  func deadTokens() throws {
    let results = try kept(.calm)
    #expect(results.facts.deadTokens.count == UInt64(Scenario.calm.people))
    #expect(results.steps["dead-token"]?.errors == 0)
  }

  /// What a rehearsal came to in which every promise was kept.
  private func kept(_ scenario: Scenario) throws -> Results {
    let rehearsed = try Theatre().rehearse(scenario)
    let broken = try #require(rehearsed.judgements).filter { !$0.isKept }
    #expect(broken.isEmpty, "\(broken)")
    return rehearsed.results
  }
}
