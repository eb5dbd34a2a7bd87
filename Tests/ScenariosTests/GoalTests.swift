import Arguments
import Scenarios
import Testing

@Suite struct GoalTests {
  @Test func `A goal reads as what is measured, of which step, and how much it may be`() throws {
    let hold = try Goal(parsing: "p99.9(hold)<=1.5s")
    #expect(hold.measure == .percentile(99.9))
    #expect(hold.subject == "hold")
    #expect(hold.comparison == .atMost)
    #expect(hold.bound == 1.5e9)
    let errors = try Goal(parsing: " errors < 0.1 % ")
    #expect(errors.text == " errors < 0.1 % ")
    #expect(errors.subject == nil)
    #expect(errors.bound == 0.001)
    #expect(try Goal(parsing: "rate( hold ) >= 500/s").bound == 500)
    #expect(try Goal(parsing: "max(pay)<500us").bound == 500_000)
    #expect(try Goal(parsing: "p50(line)<2m").bound == 120e9)
    #expect(try Goal(parsing: "sold=600").bound == 600)
  }

  @Test(arguments: Goal.examples)
  func `Every example is a goal`(example: String) throws {
    #expect(try Goal(parsing: example).text == example)
  }

  @Test(arguments: [
    ("", #""", column 1: a measure is expected"#),
    ("p99(hld)<50ms", #"column 5: there is no step "hld"; a similar one exists: hold"#),
    ("p99<50ms", "column 4: (STEP) is expected"),
    ("p0(hold)<50ms", "column 1: a percentile is above 0 and below 100"),
    ("p100(hold)<50ms", "column 1: a percentile is above 0 and below 100"),
    ("p1e1(hold)<50ms", "column 1: there is no measure"),
    ("eror<1%", #"column 1: there is no measure "eror"; a similar one exists: errors"#),
    ("errors(seat)<1%", "column 8: seat is no call"),
    ("kept(hold)>1%", "column 5: this is measured of the whole run"),
    ("p99(hold", "column 9: ) is expected"),
    ("p99(hold)50ms", "column 10: one of <, <=, >, >= and = is expected"),
    ("p99(hold)<>50ms", "column 10: one of <, <=, >, >= and = is expected"),
    ("p99(hold)=50ms", "column 10: a time or a rate is never exactly"),
    ("p99(hold)<", "column 11: a number is expected"),
    ("p99(hold)<-5ms", "column 11: a number is expected"),
    ("p99(hold)<50", "column 13: us, ms, s or m is expected"),
    ("p99(hold)<50%", "column 13: us, ms, s or m is expected"),
    ("errors<50ms", "column 10: % is expected"),
    ("errors<101%", "column 8: a share is at most 100%"),
    ("rate(hold)>1", "column 13: /s is expected"),
    ("sold=1.5", "column 6: a whole number is expected"),
    ("sold=600 seats", "column 10: nothing more is expected"),
    ("sold=99999999999999999999999999999999", "column 6: a number is expected"),
    ("max(hold)<99999999999s", "column 11: a time is at most 24h"),
    ("p99(hold)<\u{0661}ms", "column 11: a number is expected"),
  ])
  func `What is no goal is refused where it stops being one`(text: String, reason: String) {
    let error = #expect(throws: UsageError.self) { try Goal(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("p99(hold)<50ms", 49.9e6, true, "49.9 ms"), ("p99(hold)<50ms", 50e6, false, "50 ms"),
    ("p99(hold)<=50ms", 50e6, true, "50 ms"),
    ("p99(hold)<=50ms", 50_000_001, false, "50.000001 ms"),
    ("p99(hold)<50ms", 49_990_000, true, "49.99 ms"),
    ("max(seat)<30s", 12_345_678_901, true, "12.3 s"), ("max(hold)<1ms", 875_432, true, "875 us"),
    ("errors<0.1%", 0.0004321, true, "0.0432%"), ("errors<0.1%", 0.001, false, "0.1%"),
    ("errors=0%", 0, true, "0%"), ("kept>90%", 0.97, true, "97%"),
    ("rate(hold)>500/s", 612.34, true, "612/s"), ("rate(hold)>500/s", 499.99, false, "499.99/s"),
    ("sold=600", 600, true, "600"), ("sold=600", 599, false, "599"),
    ("sold>=12345", 123_456, true, "123456"),
  ])
  func `A goal is met or not, and says by what`(
    text: String,
    value: Double,
    isMet: Bool,
    measured: String
  ) throws {
    let goal = try Goal(parsing: text)
    let judged = goal.judge { measure, subject in
      #expect(measure == goal.measure)
      #expect(subject == goal.subject)
      return value
    }
    #expect(judged.isMet == isMet)
    #expect(judged.measured == measured)
  }

  @Test(arguments: [nil, Double.nan, .infinity])
  func `What nobody measured meets no goal`(value: Double?) throws {
    let judged = try Goal(parsing: "p99(hold)<50ms").judge { _, _ in value }
    #expect(judged.measured == nil)
    #expect(!judged.isMet)
  }

  @Test func `Values of every size have a text`() throws {
    for example in Goal.examples {
      let goal = try Goal(parsing: example)
      for power in -320...308 {
        let value = Double("1.23456e\(power)") ?? 0
        #expect(goal.judge { _, _ in value }.measured?.isEmpty == false)
      }
    }
  }
}
