import Scenarios
import Testing

@Suite struct ArrivalScheduleTests {
  @Test func `A plan says when people come at one rate, as far as no recording tells`() {
    var plan = Scenario.usual(.call)
    plan.arrivals = [
      .constant(perSecond: 5, for: .seconds(1)), .pause(.seconds(2)),
      .ramp(from: 1, to: 9, for: .seconds(3)), .poisson(perSecond: 7, for: .seconds(4)),
      .atOnce(50), .steps(from: 0, to: 8, count: 3, for: .seconds(6)), .recorded(path: "a"),
      .constant(perSecond: 5, for: .seconds(1)),
    ]
    let seconds = plan.steadySpans.map {
      [$0.lowerBound, $0.upperBound].map { $0 / 1_000_000_000 }
    }
    // Of the three steps nobody comes in the first.
    #expect(seconds == [[0, 1], [6, 10], [12, 14], [14, 16]])
  }

  /// A plan of evenly spaced stages and what its rates add up to by each time, in nanoseconds.
  struct Plan {
    var stages: [ArrivalStage] = []
    /// For each stretch its length in nanoseconds and the rates a second at its ends.
    var stretches: [(length: UInt64, from: Double, to: Double)] = []

    init(by random: inout SeededRandom) {
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let milliseconds = Int64.random(in: 1...20_000, using: &random)
        let time = Duration.milliseconds(milliseconds)
        let nanoseconds = UInt64(milliseconds) * 1_000_000
        let from = Double(Int.random(in: 0...3_000, using: &random)) / 10
        let to = Double(Int.random(in: 1...3_000, using: &random)) / 10
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
          stages.append(.constant(perSecond: to, for: time))
          stretches.append((nanoseconds, to, to))
        case 1:
          stages.append(.ramp(from: from, to: to, for: time))
          stretches.append((nanoseconds, from, to))
        case 2:
          let count = Int.random(in: 2...9, using: &random)
          stages.append(.steps(from: from, to: to, count: count, for: time))
          for step in 0..<count {
            let begin = nanoseconds * UInt64(step) / UInt64(count)
            let end = nanoseconds * UInt64(step + 1) / UInt64(count)
            let rate = from + (to - from) * Double(step) / Double(count - 1)
            stretches.append((end - begin, rate, rate))
          }
        default:
          stages.append(.pause(time))
          stretches.append((nanoseconds, 0, 0))
        }
      }
    }

    var length: UInt64 { stretches.reduce(0) { $0 + $1.length } }

    func amount(by time: UInt64) -> Double {
      var left = time
      var amount = 0.0
      for stretch in stretches {
        let spent = Double(min(left, stretch.length)) / 1e9
        let slope = (stretch.to - stretch.from) / (Double(stretch.length) / 1e9)
        amount += spent * (stretch.from + slope * spent / 2)
        left -= min(left, stretch.length)
      }
      return amount
    }
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `By every moment as many have come as the rates add up to, give or take one`(
    seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    let plan = Plan(by: &random)
    let times = Array(
      ArrivalSchedule(stages: plan.stages, people: Scenario.peopleMax, seed: seed)
    )
    #expect(times == times.sorted())
    for _ in 0..<12 {
      let moment = UInt64.random(in: 0...plan.length, using: &random)
      let before = times.count { $0 < moment }
      let amount = plan.amount(by: moment)
      #expect(abs(Double(before) - amount.rounded(.down)) <= 1, "\(plan.stages) by \(moment) ns")
    }
    // Whatever begins at 0 has brought one at its very start, and no more than one too many in all.
    let all = plan.amount(by: plan.length)
    #expect(Double(times.count) >= (all - 1e-6).rounded(.down), "\(plan.stages)")
    #expect(Double(times.count) <= (all + 1e-6).rounded(.up), "\(plan.stages)")
  }

  @Test func `Many short stages bring as many as one long one`() {
    let short = Array(
      repeating: ArrivalStage.constant(perSecond: 3, for: .milliseconds(100)),
      count: 100
    )
    let long = [ArrivalStage.constant(perSecond: 3, for: .seconds(10))]
    let pieces = Array(ArrivalSchedule(stages: short, people: 1_000, seed: 1))
    let whole = Array(ArrivalSchedule(stages: long, people: 1_000, seed: 1))
    #expect(pieces.count == 30)
    #expect(zip(pieces, whole).allSatisfy { $0 > $1 ? $0 - $1 < 1_000 : $1 - $0 < 1_000 })
  }

  @Test func `An even rate does not drift in four hours`() {
    let hours = [ArrivalStage.constant(perSecond: 7, for: .seconds(14_400))]
    var count: UInt64 = 0
    for time in ArrivalSchedule(stages: hours, people: 10_000_000, seed: 0) {
      let exact = count * 1_000_000_000 / 7
      guard time >= exact, time - exact <= 1 else {
        Issue.record("person \(count) comes at \(time) ns, and not at \(exact) ns")
        return
      }
      count += 1
    }
    #expect(count == 7 * 14_400)
  }

  @Test func `Nobody comes beyond the people there are`() {
    let stages: [ArrivalStage] = [
      .constant(perSecond: 100, for: .seconds(60)), .atOnce(nil),
    ]
    for people in [0, 1, 599, 600, 6_000, 6_001, 9_000] {
      #expect(Array(ArrivalSchedule(stages: stages, people: people, seed: 3)).count == people)
    }
  }

  @Test func `All at once come in one moment, and some at once where their stage is`() {
    let stages: [ArrivalStage] = [
      .pause(.seconds(2)), .atOnce(3), .pause(.seconds(1)), .atOnce(nil),
    ]
    let times = Array(ArrivalSchedule(stages: stages, people: 5, seed: 0))
    #expect(times == [2, 2, 2, 3, 3].map { $0 * 1_000_000_000 })
  }

  @Test func `A schedule is the same however often and by whomever it is gone through`() {
    let stages: [ArrivalStage] = [
      .poisson(perSecond: 300, for: .seconds(5)), .ramp(from: 10, to: 90, for: .seconds(5)),
      .poisson(perSecond: 50, for: .seconds(5)),
    ]
    let schedule = ArrivalSchedule(stages: stages, people: 2_000, seed: 42)
    let whole = Array(schedule)
    for workers in [1, 2, 3, 7] {
      var joined = whole.map { _ in UInt64.max }
      for worker in 0..<workers {
        for (number, time) in schedule.enumerated() where number % workers == worker {
          joined[number] = time
        }
      }
      #expect(joined == whole)
    }
    #expect(Array(ArrivalSchedule(stages: stages, people: 2_000, seed: 43)) != whole)
  }

  @Test func `By chance as many come as the rate says, with gaps of every length`() {
    var counts: [Double] = []
    var gaps: [Double] = []
    for seed in 0..<100 as Range<UInt64> {
      // The pause ends the stage in time, however many have come.
      let stages: [ArrivalStage] = [
        .poisson(perSecond: 100, for: .seconds(10)), .pause(.seconds(1)),
      ]
      let times = Array(ArrivalSchedule(stages: stages, people: 10_000, seed: seed))
      #expect(times.last ?? 0 < 10_000_000_000)
      counts.append(Double(times.count))
      gaps += zip(times.dropFirst(), times).map { Double($0 - $1) / 1e9 }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func variance(_ values: [Double]) -> Double {
      let middle = mean(values)
      return mean(values.map { ($0 - middle) * ($0 - middle) })
    }
    // Of 100 runs of about 1,000 the mean is within 3.2 of its own, four times in a million not.
    #expect(abs(mean(counts) - 1_000) < 15)
    #expect((600...1_600).contains(variance(counts)))
    // An exponential gap's deviation is as long as its mean.
    #expect(abs(mean(gaps) * 100 - 1) < 0.02)
    #expect(abs(variance(gaps).squareRoot() * 100 - 1) < 0.03)
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `Chance that comes last brings all who were promised`(seed: UInt64) {
    let stages: [ArrivalStage] = [
      .constant(perSecond: 10, for: .seconds(10)), .poisson(perSecond: 400, for: .seconds(1)),
    ]
    let promised = Array(ArrivalSchedule(stages: stages, people: 500, seed: seed))
    #expect(promised.count == 500)
    let open = Array(ArrivalSchedule(stages: stages, people: Scenario.peopleMax, seed: seed))
    #expect(open.count >= 500)
    #expect(open.starts(with: promised))
  }

  @Test func `A recording comes where its stage begins, and one that is missing is empty`() throws {
    let recording = try RecordedArrivals(reading: Array("0\n5\n5\n20".utf8), file: "a")
    let stages: [ArrivalStage] = [
      .pause(.milliseconds(100)), .recorded(path: "a"), .recorded(path: "b"), .atOnce(1),
    ]
    let schedule = ArrivalSchedule(
      stages: stages,
      people: 10,
      seed: 0,
      recordings: ["a": recording]
    )
    #expect(Array(schedule) == [100, 105, 105, 120, 120].map { $0 * 1_000_000 })
  }

  @Test func `Numbers out of all bounds make a schedule that ends`() {
    let wild: [Double] = [.nan, .infinity, -.infinity, -1, 0, 1e-300, 1e300]
    for rate in wild {
      for time in [Duration.seconds(-5), .zero, .seconds(Int64.max)] {
        let stages: [ArrivalStage] = [
          .constant(perSecond: rate, for: time), .ramp(from: rate, to: 1, for: time),
          .steps(from: rate, to: rate, count: .max, for: time),
          .steps(from: 1, to: rate, count: .min, for: time), .atOnce(.min), .pause(time),
          .poisson(perSecond: rate, for: time),
        ]
        let times = Array(ArrivalSchedule(stages: stages, people: 100, seed: 9))
        #expect(times.count <= 100)
        #expect(times == times.sorted())
      }
    }
    #expect(Array(ArrivalSchedule(stages: [], people: .max, seed: 0)).isEmpty)
    #expect(Array(ArrivalSchedule(stages: [.atOnce(nil)], people: .min, seed: 0)).isEmpty)
  }
}
