import Measuring
import Reports
import Testing

@Suite struct TextReportTests {
  private func text(_ record: RunRecord, width: Int = 100) -> [String] {
    TextReport(record).lines(width: width)
  }

  @Test(
    arguments: [
      (RunRecord.Outcome.passed, "PASSED"), (.short, "FAILED"), (.broken, "FAILED"),
      (.failed, "FAILED"), (.invalid, "INVALID"), (.interrupted, "INTERRUPTED"),
    ]
  )
  func `The outcome and its sentence come first`(outcome: RunRecord.Outcome, word: String) {
    var record = Small.record
    record.outcome = outcome
    #expect(text(record)[0] == "\(word) All is well.")
  }

  @Test func `A table has the rate, the counts and the percentiles with ten calls beyond`() {
    let lines = text(Small.record)
    let place = lines.firstIndex { $0.hasPrefix("  step  per s") } ?? 0
    #expect(
      lines[place] == "  step  per s  count   p50   p90  p99  p99.9  p99.99  max  ‹p50›  ‹p99›"
    )
    #expect(
      lines[place + 1] == "  hold   2.00    100  50.0  90.0    –      –       –  100   1.00      –"
    )
  }

  @Test func `On a narrow terminal the table is told in two`() {
    let lines = text(Small.record, width: 60)
    #expect(lines.contains("  hold   2.00    100  50.0  90.0    –      –       –  100"))
    #expect(lines.contains("  hold    100  1.00    –  1.00"))
    #expect(lines.allSatisfy { $0.count <= 66 })
  }

  @Test func `Failures come by count, errors apart from refusals`() {
    let lines = text(Small.record)
    let place = lines.firstIndex(of: "not answered in OK") ?? 0
    #expect(
      Array(lines[(place + 1)...(place + 3)]) == [
        "  step  name         kind     count  share of calls",
        "  hold  UNAVAILABLE  ERROR       70          35.0 %",
        "  hold  SEAT_TAKEN   refusal     30          15.0 %",
      ]
    )
  }

  @Test func `A broken promise has its first three cases with the events they show at`() {
    var record = Small.record
    record.verdicts = [
      .init(
        name: "sold-once",
        promise: "No seat is sold twice.",
        found: 12,
        wanted: 0,
        isKept: false,
        facts: 1_600,
        factsAre: "sales",
        cases: (1...4).map { .init(sentence: "seat \($0) was sold to two", offset: $0 * 1_000) },
        casesTotal: 12
      ),
      .init(
        name: "gaps",
        promise: "The log has no gap.",
        found: 0,
        wanted: 0,
        isKept: true,
        facts: 9,
        factsAre: "events"
      ),
    ]
    #expect(
      Array(text(record)[1...8]) == [
        "", "audit sold-once  12 0  broken of 1,600 sales",
        "      promised: No seat is sold twice.", "      event 1,000: seat 1 was sold to two",
        "      event 2,000: seat 2 was sold to two", "      event 3,000: seat 3 was sold to two",
        "      and 9 cases more", "audit gaps        0 0  ok of 9 events",
      ]
    )
  }

  @Test func `A goal is told with what was measured`() {
    var record = Small.record
    record.goals = [
      .init(goal: "p99(hold)<50ms", measured: "99.0 ms", isMet: false),
      .init(goal: "rate>1/s", measured: nil, isMet: false),
    ]
    #expect(text(record).contains("goal  p99(hold)<50ms  short  measured 99.0 ms"))
    #expect(text(record).contains("goal  rate>1/s        short  nothing measured"))
  }

  @Test func `Latencies are not to be believed where the generator fell behind`() {
    var record = Small.record
    record.generator.complaints = ["p99 of lateness is 40 ms"]
    let lines = text(record)
    #expect(lines.contains("  marked p99 of lateness is 40 ms"))
    #expect(
      lines.contains(
        "latency of answers in OK, ms; NOT TO BE BELIEVED, the generator fell behind"
      )
    )
    #expect(!text(Small.record).joined().contains("BELIEVED"))
  }

  @Test func `What became of the people is told with shares of all and the promise with its aim`() {
    var record = Small.record
    var people = PeopleRecord()
    people.funnel = [.init(name: "arrived", count: 2_000), .init(name: "bought", count: 500)]
    people.ends = [.init(name: "gave up", count: 100), .init(name: "sold out", count: 1_400)]
    people.waitsTotal = 40
    people.promisesKept = 38
    for second in UInt64(1)...40 { people.timeToSeat.add(second * 1_000_000_000) }
    record.people = people
    let lines = text(record)
    #expect(lines.contains("  bought            500   25.0 %"))
    #expect(lines.contains("  sold out               1,400  70.0 %"))
    #expect(
      lines.contains(
        "  promise       38 of 40 waits inside what was promised (95.0 %; wanted nine in ten)"
      )
    )
    #expect(lines.contains("  time to seat  p50 20.0 s, p90 –, p99 –, max 40.0 s of 40 waits"))
  }

  @Test func `A server's words do not steer the terminal`() {
    var record = Small.record
    record.sentence = "red \u{1B}[31m and \u{202E}turned"
    record.steps[0].failures[0].name = "A\u{7}B"
    #expect(text(record)[0] == "PASSED red \u{FFFD}[31m and \u{FFFD}turned")
    #expect(!text(record).joined().contains("\u{7}"))
  }

  @Test func `Nothing is told of what a run does not have`() {
    let bare = RunRecord(facts: .init(), outcome: .interrupted, sentence: "Ended at once.")
    #expect(
      text(bare) == [
        "INTERRUPTED Ended at once.", "", "generator", "  begun  0 of 0 planned (–; wanted 99 %)",
        "  used   0 % of a core, of 1 core; 0 connections",
      ]
    )
  }
}
