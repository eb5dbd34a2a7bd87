import Measuring
@testable import Rehearsal
import Reports
import Scenarios
import Testing
import UsherAPI

@Suite("What a record is made of")
struct RecordMakerTests {
  /// Ten a second for two seconds and a half, nobody for half a second, twenty a second for two.
  private static var plan: Scenario {
    var plan = Scenario.usual(.call)
    plan.arrivals = [
      .constant(perSecond: 10, for: .milliseconds(2_500)), .pause(.milliseconds(500)),
      .constant(perSecond: 20, for: .seconds(2)),
    ]
    plan.people = 1_000
    plan.warmUp = .zero
    plan.timeLimit = .seconds(60)
    plan.goals = []
    return plan
  }

  /// A run of the plan in which every call is answered after a millisecond, but for the two that come at
  /// 3.5 s and 4.5 s, which fail.
  private func run(
    _ plan: Scenario = plan,
    seconds: Double = 5,
    ending: Rehearsed.Ending = .itself
  ) -> Rehearsed {
    var results = Results()
    var measure = StepMeasure(name: "call", method: "")
    for moment in plan.schedule(seed: 1) {
      results.punctuality.plan(at: moment)
      results.punctuality.begin(planned: moment, at: moment)
      let moments = StepMeasure.Moments(planned: moment, sent: moment, ended: moment + 1_000_000)
      if [3_500_000_000, 4_500_000_000].contains(moment) {
        measure.failed(moments, as: "UNAVAILABLE", isError: true, counted: 0)
      } else {
        measure.succeeded(moments, counted: 0)
      }
    }
    results.steps = ["call": measure]
    return Rehearsed(
      plan,
      seed: 1,
      loops: 1,
      results: results,
      seconds: seconds,
      ending: ending
    )
  }

  private func rates(_ rehearsed: Rehearsed) -> [[UInt64]] {
    RecordMaker(rehearsed, RecordMaker.Circumstances()).record.rates.map { rate in
      [UInt64(rate.fromMs), UInt64(rate.toMs), rate.planned, rate.response.count, rate.errors]
    }
  }

  @Test("Each rate of a plan has what was answered in the windows that are wholly its own")
  func steady() {
    #expect(rates(run()) == [[0, 2_000, 20, 20, 0], [3_000, 5_000, 40, 38, 2]])
  }

  @Test("What is not counted, and what was cut short, is no part of a rate")
  func counted() {
    var plan = Self.plan
    plan.warmUp = .milliseconds(500)
    #expect(rates(run(plan)) == [[1_000, 2_000, 10, 10, 0], [3_000, 5_000, 40, 38, 2]])
    let cut = run(seconds: 4.5, ending: .interrupted)
    #expect(rates(cut) == [[0, 2_000, 20, 20, 0], [3_000, 4_000, 20, 19, 1]])
    plan = Self.plan
    plan.people = 45
    #expect(rates(run(plan)) == [[0, 2_000, 20, 20, 0], [3_000, 4_000, 20, 19, 1]])
  }

  @Test("Callers in a loop have no rate, and a crowd's is not that of calls")
  func none() {
    var plan = Self.plan
    plan.model = .onsale
    #expect(rates(run(plan)).isEmpty)
    plan = Self.plan
    plan.arrivals = []
    plan.callers = 2
    #expect(rates(run(plan)).isEmpty)
  }

  @Test("Where the server was not heard of, nothing is told of it")
  func silence() {
    var rehearsed = run(seconds: 2.5)
    var stats = StatsResponse()
    stats.memoryBytes = 7_000
    rehearsed.samples.count(at: 1_200_000_000) { $0.merge(ServerSample(stats)) }
    let server = RecordMaker(rehearsed, RecordMaker.Circumstances()).record.timeline.server
    #expect(server.memoryBytes == [nil, 7_000, nil])
    // What it said was 0 is 0.
    #expect(server.queued == [nil, 0, nil])
  }

  @Test("A goal is judged on however few calls, and where they say little it says on how many")
  func fewSamples() throws {
    var plan = Self.plan
    // Of 63 answers in OK, 31 lie beyond the middle and none beyond the 99th in a hundred.
    plan.goals = [try Goal(parsing: "p50(call)<5ms"), try Goal(parsing: "p99(call)<500us")]
    let record = RecordMaker(run(plan), RecordMaker.Circumstances()).record
    #expect(record.goals.map(\.fewSamples) == [nil, 63])
    #expect(record.goals.map(\.isMet) == [true, false])
    #expect(record.sentence == "a goal was not met: p99(call)<500us, it was 1 ms on 63 samples")
  }
}
