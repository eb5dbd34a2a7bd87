import Arguments
import Scenarios
import Testing

@Suite struct ArrivalStageTests {
  @Test(arguments: ArrivalStage.examples)
  func `Every example reads, and what is written of it reads as the same`(example: String) throws {
    let stage = try ArrivalStage(parsing: example)
    #expect(try ArrivalStage(parsing: stage.text) == stage)
    #expect(stage.text == example.replacing("60s", with: "1m"))
  }

  @Test func `Space around words says nothing`() throws {
    let stage = try ArrivalStage(parsing: "  ramp 10/s   to 100/s for\t30s ")
    #expect(stage == .ramp(from: 10, to: 100, for: .seconds(30)))
    #expect(try ArrivalStage(parsing: " file  a b.txt ") == .recorded(path: "a b.txt"))
  }

  @Test func `Stages on one line have commas between them`() throws {
    #expect(
      try ArrivalStage.stages(parsing: "500 at once, pause 10s,0.5/s for 1m")
        == [.atOnce(500), .pause(.seconds(10)), .constant(perSecond: 0.5, for: .seconds(60))]
    )
  }

  @Test(arguments: [
    ("", #""" is no stage of arrivals"#),
    ("poison 5/s for 3s", "a similar one begins with poisson"),
    ("poisson 5 for 3s", #""5": a rate is a number a second"#),
    ("poisson 0/s for 3s", "nobody would come"),
    ("ramp 0/s to 0/s for 3s", "nobody would come"),
    ("nan/s for 3s", #""nan/s": a rate is"#),
    ("inf/s for 3s", #""inf/s": a rate is"#),
    ("-1/s for 3s", #""-1/s": a rate is"#),
    ("1e3/s for 3s", #""1e3/s": a rate is"#),
    ("0.0000001/s for 3s", "from 0.001/s to 1,000,000/s"),
    ("1000001/s for 3s", "from 0.001/s to 1,000,000/s"),
    ("99999999999999999999999999/s for 3s", "a rate is a number a second"),
    ("5/s for 3", "a duration is a number with its unit"),
    ("5/s for 0s", "a stage lasts from 1ms to 24h"),
    ("5/s for 25h", "a stage lasts from 1ms to 24h"),
    ("5/s for 99999999999999999999s", "a duration is"),
    ("steps 1/s to 2/s in 1 for 3s", "steps are 2 to 1,000"),
    ("steps 1/s to 2/s in 1001 for 3s", "steps are 2 to 1,000"),
    ("0 at once", "people are 1 to 10,000,000"),
    ("10000001 at once", "people are 1 to 10,000,000"),
    ("all at twice", "is no stage of arrivals"),
    ("file", "is no stage of arrivals"),
    ("file a,b", "a file's name has no comma"),
    ("5/s for 3s 4s", "is no stage of arrivals"),
  ])
  func `What is no stage is refused for a reason`(text: String, reason: String) {
    let error = #expect(throws: UsageError.self) { try ArrivalStage(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }
}

@Suite struct RecordedArrivalsTests {
  private func read(_ text: String) throws -> [UInt64] {
    try RecordedArrivals(reading: Array(text.utf8), file: "arrivals.txt").times
  }

  @Test func `Milliseconds count from the stage's beginning, and comments say nothing`() throws {
    #expect(
      try read("# first\n100\n\n 100.5 # late\r\n2000\n") == [
        100_000_000, 100_500_000, 2_000_000_000,
      ]
    )
  }

  @Test func `Times of the calendar count from the first, in whatever zone each is`() throws {
    let text = """
      2026-02-28T23:59:59.5Z
      2026-03-01T00:00:00+00:00
      2026-03-01T09:00:01.000000001+09:00
      2026-02-28t20:00:02-04:00
      """
    #expect(try read(text) == [0, 500_000_000, 1_500_000_001, 2_500_000_000])
    #expect(try read("2024-02-29T00:00:00Z\n2024-03-01T00:00:00Z") == [0, 86_400_000_000_000])
  }

  @Test(arguments: [
    ("", "arrivals.txt: nobody arrives"),
    ("# nothing\n\n", "arrivals.txt: nobody arrives"),
    ("1\nx", "arrivals.txt:2: \"x\" is neither"),
    ("1\n2 3", "arrivals.txt:2: \"2 3\" is neither"),
    ("5\n\n4", "arrivals.txt:3: \"4\" is before"),
    ("-1", "arrivals.txt:1: \"-1\" is neither"),
    ("nan", "arrivals.txt:1: \"nan\" is neither"),
    ("1700000000000", "arrivals.txt:1: \"1700000000000\" is more than 24h after"),
    ("999999999999999999999999", "is more than 24h after"),
    ("1\n2026-03-01T00:00:00Z", "arrivals.txt:2: \"2026-03-01T00:00:00Z\" is of another kind"),
    ("2026-03-01T00:00:00Z\n1", "arrivals.txt:2: \"1\" is of another kind"),
    ("2026-03-01T00:00:01Z\n2026-03-01T00:00:00Z", "is before the line above"),
    ("0000-01-01T00:00:00Z\n9999-12-31T23:59:59Z", "is more than 24h after"),
    ("2026-02-29T00:00:00Z", "is neither"),
    ("2026-13-01T00:00:00Z", "is neither"),
    ("2026-03-01T24:00:00Z", "is neither"),
    ("2026-03-01T00:00:00", "is neither"),
    ("2026-03-01T00:00:00.Z", "is neither"),
    ("2026-03-01T00:00:00Zjunk", "is neither"),
    ("2026-03-01", "is neither"),
  ])
  func `A line that is no arrival is told by its number`(text: String, reason: String) {
    let error = #expect(throws: UsageError.self) { try read(text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test func `Bytes that are no text are refused`() {
    #expect(throws: UsageError.self) { try RecordedArrivals(reading: [0xff, 0xfe, 0], file: "a") }
  }
}
