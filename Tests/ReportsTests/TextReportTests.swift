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

  @Test func `A promise that nothing was seen of is not called kept`() {
    var record = Small.record
    let untested = VerdictRecord(
      name: "dead-tokens",
      promise: "A token that is over is refused.",
      found: 0,
      wanted: 0,
      isKept: true,
      facts: 0,
      factsAre: "tokens tried"
    )
    record.verdicts = [untested]
    #expect(text(record).contains("audit dead-tokens  0 0  not tested, of 0 tokens tried"))
  }

  @Test func `An audit of more than the run, and a time that is not counted, are told`() {
    var record = Small.record
    record.verdicts = [
      .init(
        name: "gaps",
        promise: "",
        found: 0,
        wanted: 0,
        isKept: true,
        facts: 9,
        factsAre: "events"
      )
    ]
    let note = "It is of the whole log, the first 4,000 events of which are older than this run."
    #expect(!text(record).contains(note))
    record.facts.eventsBefore = 4_000
    #expect(text(record).contains(note))
    #expect(text(record).contains { $0.hasSuffix("ms; the first 10 s are not counted") })
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

  @Test func `A goal that was judged on few calls says on how many`() {
    var record = Small.record
    record.goals = [
      .init(goal: "p99(hold)<50ms", measured: "49.0 ms", isMet: true, fewSamples: 100)
    ]
    #expect(text(record).contains("goal  p99(hold)<50ms  ok  measured 49.0 ms on 100 samples"))
  }

  /// Forty calls of 1 ms at ten a second, then eighty of 2 ms at twenty-five, of which fifteen fail.
  private var climbing: RunRecord {
    var record = Small.record
    var (slow, fast) = (Histogram(), Histogram())
    slow.add(1_000_000, times: 40)
    fast.add(2_000_000, times: 80)
    record.rates = [
      .init(fromMs: 0, toMs: 4_000, planned: 40, response: slow, errors: 0),
      .init(fromMs: 4_000, toMs: 8_000, planned: 100, response: fast, errors: 15),
    ]
    return record
  }

  @Test func `Each rate of a plan is told, with what was planned, answered and failed at it`() {
    let lines = text(climbing)
    let place = lines.firstIndex(of: "at each rate of the plan") ?? 0
    #expect(lines[place + 1].hasPrefix("  Answers in OK, in ms from the planned moment"))
    #expect(
      Array(lines[(place + 3)...(place + 5)]) == [
        "  from, s  to, s  planned per s  OK per s   p50  p99   max  errors",
        "      0.0    4.0           10.0      10.0  1.00    –  1.00       0",
        "      4.0    8.0           25.0      20.0  2.00    –  2.00      15",
      ]
    )
    #expect(text(climbing, width: 60).allSatisfy { $0.count <= 66 })
  }

  @Test func `A plan of one rate has no table of rates, for the steps tell all of it`() {
    var record = climbing
    record.rates.removeLast()
    #expect(!text(record).contains("at each rate of the plan"))
  }

  @Test func `Rates at which the generator fell behind are not to be believed`() {
    var record = climbing
    record.generator.complaints = ["p99 of lateness is 40 ms"]
    #expect(text(record).contains { $0.hasPrefix("at each rate of the plan; NOT TO BE BELIEVED") })
  }

  @Test func `Latencies are not to be believed where the generator fell behind`() {
    var record = Small.record
    record.generator.complaints = ["p99 of lateness is 40 ms"]
    let lines = text(record)
    #expect(lines.contains("  marked p99 of lateness is 40 ms"))
    #expect(
      lines.contains(
        "latency of answers in OK, ms; the first 10 s are not counted; NOT TO BE BELIEVED, the generator fell behind"
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
        "  promise       38 of 40 waits that ended were as promised (95.0 %; wanted nine in ten)"
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
