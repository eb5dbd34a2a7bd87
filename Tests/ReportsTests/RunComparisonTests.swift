import Foundation
import Measuring
import Reports
import Testing

@Suite struct RunComparisonTests {
  private func row(_ comparison: RunComparison, _ measure: String) throws -> RunComparison.Row {
    try #require(comparison.rows.first { $0.subject == "hold" && $0.measure == measure })
  }

  private func isNear(_ value: Double?, _ wanted: Double, by: Double) -> Bool {
    value.map { abs($0 - wanted) <= by } ?? false
  }

  @Test func `Between a run and itself no difference is shown`() {
    let comparison = RunComparison(Small.record(1...1_000), Small.record(1...1_000))
    #expect(comparison.sentence == "No difference shown.")
    #expect(comparison.rows.allSatisfy { $0.difference.map { $0 == 0 } ?? true })
  }

  @Test func `Twice as long is more, with the interval of the ranks`() throws {
    let comparison = RunComparison(
      Small.record(1...1_000),
      Small.record((1...1_000).map { $0 * 2 })
    )
    let p50 = try row(comparison, "p50")
    // 95 % of the ranks of the middle of 1,000 are 470 to 532; the logarithms' distances to 500 add
    // up to 0.0876 in both directions.
    #expect(isNear(p50.difference, 100, by: 0.3))
    #expect(isNear(p50.low, 83.2, by: 0.3))
    #expect(isNear(p50.high, 118.3, by: 0.3))
    #expect(p50.finding == .more)
    #expect((p50.before, p50.after) == ("0.50 ms", "1.00 ms"))
    #expect(try row(comparison, "max").finding == .untold)
    #expect(try row(comparison, "rate").finding == .noneShown)
  }

  @Test func `A difference within the noise is not shown, however sure it is`() throws {
    let before = (UInt64(1)...200_000).map { 10_000 + $0 % 100 }
    let comparison = RunComparison(
      Small.record(before),
      Small.record(before.map { $0 + 300 })
    )
    let p50 = try row(comparison, "p50")
    #expect(isNear(p50.difference, 3, by: 0.2))
    #expect((p50.low ?? 0) > 2.5)
    #expect(p50.finding == .noneShown)
  }

  @Test func `Nothing is told of a percentile that fewer than ten calls lie beyond`() throws {
    let p99 = try row(RunComparison(Small.record(1...900), Small.record(1...2_000)), "p99")
    #expect((p99.before, p99.finding) == ("–", .untold))
    #expect(p99.difference == nil)
  }

  @Test func `Shares are compared in points`() throws {
    let comparison = RunComparison(
      Small.record((1...100).map { $0 * 10 }),
      Small.record(1...50, refused: 50)
    )
    let refused = try row(comparison, "refused")
    // After Wilson 0 of 100 is 0 to 3.70 %, and 50 of 100 is 40.38 to 59.62 %.
    #expect(refused.unit == .points)
    #expect(isNear(refused.difference, 50, by: 0.001))
    #expect(isNear(refused.low, 39.70, by: 0.01))
    #expect(isNear(refused.high, 59.62, by: 0.01))
    #expect(refused.finding == .more)
  }

  @Test func `Runs of two models, and runs that mean nothing, are not compared`() {
    let one = Small.record(1...100)
    var other = one
    other.facts.model = "onsale"
    #expect(
      RunComparison(one, other).sentence
        == "The runs cannot be compared: one is a run of call, the other of onsale."
    )
    other = one
    other.outcome = .invalid
    #expect(RunComparison(one, other).refusal?.contains("the second run fell behind") == true)
    #expect(RunComparison(other, one).refusal?.contains("the first run fell behind") == true)
    #expect(RunComparison(one, other).rows.isEmpty)
  }

  @Test func `What else is not the same is noted`() {
    var other = Small.record(1...100)
    other.facts.seed = 7
    other.facts.store = "postgres"
    other.outcome = .interrupted
    #expect(
      RunComparison(Small.record(1...100), other).notes == [
        "the seed is not the same: 0, then 7", "the store is not the same: unknown, then postgres",
        "the second run was interrupted",
      ]
    )
  }

  @Test func `What differs between two scenarios is named, with both values`() {
    var (one, other) = (Small.record(1...100), Small.record(1...100))
    one.facts.scenario = """
      {"seed": 1, "people": 500, "arrivals": ["all at once"], "sale": {"inside_max": 40, "open": true}}
      """
    other.facts.scenario = """
      {"seed": 2, "people": 500, "arrivals": ["5/s for 9s"], "sale": {"inside_max": 0.5, "open": true},
      "callers": 3}
      """
    // The seed is a fact of its own.
    #expect(
      RunComparison(one, other).notes == [
        #"the scenario differs in arrivals: ["all at once"], then ["5/s for 9s"]"#,
        "the scenario differs in callers: not set, then 3",
        "the scenario differs in sale.inside_max: 40, then 0.5",
      ]
    )
    other.facts.scenario = "{"
    #expect(RunComparison(one, other).notes == ["the scenario is not the same"])
  }

  @Test func `Of scenarios that have little in common the first differences are told`() {
    var (one, other) = (Small.record(1...100), Small.record(1...100))
    let long = String(repeating: "x", count: 100)
    let keys = (10..<30).map { "\"key\($0)\": \"\(long)\"" }
    one.facts.scenario = "{\(keys.joined(separator: ","))}"
    other.facts.scenario = "{}"
    let notes = RunComparison(one, other).notes
    #expect(notes.count == 13)
    #expect(notes.last == "the scenario differs in 8 more")
    #expect(notes[0].hasSuffix("xxx…, then not set"))
    #expect(notes.allSatisfy { $0.count < 160 })
  }

  @Test func `A server that may not be asked is known by its address`() {
    var (one, other) = (Small.record(1...100), Small.record(1...100))
    one.facts.server = "usherd 1.0"
    one.facts.address = "127.0.0.1:9000"
    other.facts.address = "127.0.0.1:9001"
    let lines = RunComparison(one, other).lines(width: 200)
    #expect(lines[0] == "before small seed 0, usherd 1.0: PASSED")
    #expect(lines[1] == "after small seed 0, 127.0.0.1:9001: PASSED")
    #expect(RunComparison(Small.record, Small.record).lines()[0] == "before small seed 0: PASSED")
  }

  @Test func `It says what an interval covers, and what it does not`() {
    let said = RunComparison(Small.record, Small.record).lines(width: 1_000).joined(separator: "\n")
    #expect(said.contains("Each side is one run."))
    #expect(said.contains("It does not cover what changes from one run to the next"))
  }

  @Test func `Lines and JSON say the same`() throws {
    let comparison = RunComparison(
      Small.record(1...1_000),
      Small.record((1...1_000).map { $0 * 2 })
    )
    let line = try #require(comparison.lines(width: 100).first { $0.contains("p50") })
    #expect(line.split(separator: "  ").map { $0.filter { $0 != " " } }.first == "hold")
    #expect(line.hasSuffix("more"))
    let json = try JSONSerialization.jsonObject(with: comparison.json()) as? [String: Any]
    #expect(json?["is_comparable"] as? Bool == true)
    #expect(json?["noise_percent"] as? Double == 5)
    #expect((json?["rows"] as? [[String: Any]])?.count == comparison.rows.count)
  }
}
