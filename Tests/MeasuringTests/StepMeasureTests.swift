import Measuring
import Testing

@Suite struct StepMeasureTests {
  private func measure() -> StepMeasure { StepMeasure(name: "hold", method: "Hold") }

  @Test func `A stalled server's wait counts from the moment that was planned`() {
    var measure = measure()
    // Ten calls, a millisecond apart, of which nothing went out before the stall of a second was over:
    // the server took a millisecond for each, and each had waited for nearly all of the second.
    for number in UInt64(0)..<10 {
      let sent: UInt64 = 1_000_000_000 + number * 1_000_000
      measure.succeeded(
        StepMeasure.Moments(planned: number * 1_000_000, sent: sent, ended: sent + 1_000_000),
        counted: 0
      )
    }
    #expect(measure.response.min == 1_001_000_000)
    #expect(measure.response.max == 1_001_000_000)
    #expect(measure.service.min == 1_000_000)
    #expect(measure.service.max == 1_000_000)
  }

  @Test func `What was sent at its moment counts both ways, beside what was late`() {
    var measure = measure()
    measure.succeeded(.init(planned: 10, sent: 10, ended: 30), counted: 0)
    measure.succeeded(.init(planned: 10, sent: 40, ended: 100), counted: 0)
    #expect(measure.response.count == 2)
    #expect((measure.response.min, measure.response.max) == (20, 90))
    #expect(measure.service.count == 2)
    #expect((measure.service.min, measure.service.max) == (20, 60))
    #expect(measure.count == 2)
  }

  @Test func `A failed call is no response, and its time counts from when it was sent`() {
    var measure = measure()
    let moments = StepMeasure.Moments(planned: 10, sent: 30, ended: 50)
    measure.failed(moments, as: "SEAT_TAKEN", isError: false, counted: 0)
    measure.failed(moments, as: "UNAVAILABLE", isError: true, counted: 0)
    measure.failed(moments, as: "UNAVAILABLE", isError: true, counted: 0)
    #expect(measure.response.isEmpty)
    #expect(measure.failed.count == 3)
    #expect(measure.failed.max == 20)
    #expect(measure.count == 3)
    #expect(measure.errors == 2)
    #expect(measure.failures["SEAT_TAKEN"]?.count == 1)
  }

  @Test func `What was planned before measuring began is seen over time alone`() {
    var measure = measure()
    measure.succeeded(.init(planned: 99, sent: 99, ended: 200), counted: 100)
    measure.failed(.init(planned: 99, sent: 150, ended: 200), as: "X", isError: true, counted: 100)
    #expect(measure.count == 0)
    #expect(measure.countSeen == 2)
    #expect(measure.errors == 0)
    #expect(measure.windows.cells[0].response.count == 1)
    #expect(measure.service.isEmpty)
    #expect(measure.failures.isEmpty)
    #expect(measure.windows.cells[0].failures == ["X": 1])
    // What is planned for that moment is the first that counts.
    measure.succeeded(.init(planned: 100, sent: 100, ended: 200), counted: 100)
    #expect(measure.response.count == 1)
    measure.failed(.init(planned: 100, sent: 150, ended: 200), as: "X", isError: true, counted: 100)
    #expect(measure.failed.count == 1)
  }

  @Test func `A clock that seems to go back makes no wait of it`() {
    var measure = measure()
    measure.succeeded(.init(planned: 100, sent: 100, ended: 90), counted: 0)
    #expect(measure.response.max == 0)
    #expect(measure.service.max == 0)
  }

  @Test(arguments: [1, 2, 3])
  func `Parts add up to the whole`(seed: UInt64) {
    var draw = Draw(state: seed)
    var (whole, parts) = (measure(), [measure(), measure(), measure()])
    for _ in 0..<2_000 {
      let planned = UInt64.random(in: 0..<30_000_000_000, using: &draw)
      let sent = planned + UInt64.random(in: 0..<1_000_000, using: &draw)
      let ended = sent + UInt64.random(in: 0..<9_000_000, using: &draw)
      let moments = StepMeasure.Moments(planned: planned, sent: sent, ended: ended)
      let part = Int.random(in: 0..<3, using: &draw)
      let failure = ["", "", "A", "B"].randomElement(using: &draw) ?? ""
      func count(in measure: inout StepMeasure) {
        if failure.isEmpty {
          measure.succeeded(moments, counted: 5_000_000_000)
        } else {
          measure.failed(moments, as: failure, isError: failure == "B", counted: 5_000_000_000)
        }
      }
      count(in: &whole)
      count(in: &parts[part])
    }
    var sum = parts[2]
    sum.merge(parts[0])
    sum.merge(parts[1])
    #expect(sum.response == whole.response)
    #expect(sum.service == whole.service)
    #expect(sum.failed == whole.failed)
    #expect(sum.failures == whole.failures)
    #expect(sum.windows.cells.map(\.response) == whole.windows.cells.map(\.response))
    #expect(sum.windows.cells.map(\.failures) == whole.windows.cells.map(\.failures))
  }
}

@Suite struct PunctualityTests {
  @Test func `What was begun is counted with how late it was, in the window in which it began`() {
    var punctuality = Punctuality()
    for moment in [0, 500_000_000, 1_500_000_000] as [UInt64] { punctuality.plan(at: moment) }
    punctuality.begin(planned: 0, at: 0)
    punctuality.begin(planned: 500_000_000, at: 1_200_000_000)
    #expect(punctuality.planned == 3)
    #expect(punctuality.begun == 2)
    #expect(punctuality.lateness.max == 700_000_000)
    #expect(punctuality.windows.cells.map(\.planned) == [2, 1])
    #expect(punctuality.windows.cells.map(\.begun) == [1, 1])
    #expect(punctuality.windows.cells.map(\.lateMost) == [0, 700_000_000])
  }

  @Test func `What follows from another is judged by how late it was, and is no arrival`() {
    var punctuality = Punctuality()
    punctuality.follow(planned: 10, at: 25)
    #expect(punctuality.planned == 0)
    #expect(punctuality.begun == 0)
    #expect(punctuality.lateness.count == 1)
    #expect(punctuality.windows.cells[0].lateMost == 15)
  }

  @Test func `What was planned before measuring began is late over time alone`() {
    var punctuality = Punctuality()
    punctuality.begin(planned: 1_000, at: 9_000, counted: 2_000)
    punctuality.follow(planned: 1_500, at: 9_500, counted: 2_000)
    punctuality.begin(planned: 2_000, at: 2_030, counted: 2_000)
    #expect(punctuality.begun == 2)
    #expect(punctuality.lateness.count == 1)
    #expect(punctuality.lateness.max == 30)
    #expect(punctuality.windows.cells[0].lateMost == 8_000)
  }

  @Test func `A window tells of the latest of all that it saw, on any loop`() {
    func late(begun: UInt64, followed: UInt64) -> Punctuality {
      var punctuality = Punctuality()
      punctuality.begin(planned: 1_000, at: 1_000 + begun)
      punctuality.follow(planned: 1_000, at: 1_000 + followed)
      return punctuality
    }
    #expect(late(begun: 700, followed: 300).windows.cells[0].lateMost == 700)
    #expect(late(begun: 300, followed: 700).windows.cells[0].lateMost == 700)
    var (one, other) = (late(begun: 5, followed: 9), late(begun: 7, followed: 2))
    one.merge(other)
    other.merge(late(begun: 1, followed: 8))
    #expect(one.windows.cells[0].lateMost == 9)
    #expect(other.windows.cells[0].lateMost == 8)
  }

  @Test func `Whoever is early is on time, and loops add up`() {
    var (one, other) = (Punctuality(), Punctuality())
    one.plan(at: 100)
    one.begin(planned: 100, at: 90)
    other.plan(at: 3_000_000_000)
    other.begin(planned: 3_000_000_000, at: 3_000_000_007)
    one.merge(other)
    #expect(one.planned == 2)
    #expect(one.begun == 2)
    #expect(one.lateness.min == 0)
    #expect(one.lateness.max == 7)
    #expect(one.windows.cells.map(\.begun) == [1, 0, 0, 1])
  }
}
