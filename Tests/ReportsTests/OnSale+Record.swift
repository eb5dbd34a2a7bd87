import Measuring
import Reports

extension OnSale {
  /// What a run of this sale would have written.
  func record() -> RunRecord {
    var record = RunRecord(
      facts: facts,
      outcome: .passed,
      sentence: "All 9 promises were kept and all 3 goals met: 600 of 600 seats were sold to "
        + "600 people."
    )
    record.verdicts = Self.verdicts(admitted: UInt64(admissions.count), events: 12_431)
    record.goals = [
      .init(goal: "p99(enter)<50ms", measured: "3.40 ms", isMet: true),
      .init(goal: "p90(pay)<80ms", measured: "7.42 ms", isMet: true),
      .init(goal: "promises>=90%", measured: "94.3 %", isMet: true),
    ]
    record.generator = generator
    record.generator.processorShare = 0.41
    record.generator.coresMax = 2
    record.generator.memoryBytes = 61_341_696
    record.generator.bytesPerPerson = 4_812
    record.generator.connections = 64
    record.steps = steps
    record.timeline = timeline
    record.people = people
    record.marks = [
      .init(atMs: 30_000, text: "the store stands still for 400 ms"),
      .init(atMs: 45_000, text: "usher gate set spring --session 5m"),
    ]
    return record
  }

  private var facts: RunFacts {
    var facts = RunFacts()
    facts.name = "spring"
    facts.model = "onsale"
    facts.seed = 42
    facts.commandLine = "usher-load onsale --people 5000 --seats 600 --inside 40 --rate 20/1s"
    facts.startedMs = 1_795_255_200_000
    facts.seconds = Double(windows.count)
    facts.program = "usher-load 0.4.0 (3f2c1ab)"
    facts.address = "127.0.0.1:7411"
    facts.server = "usherd 0.4.0 (3f2c1ab)"
    facts.store = "sqlite"
    facts.machine = "2 cores, 8 GiB, Linux 6.1"
    facts.workers = 2
    facts.scenario = "{\n  \"people\": 5000,\n  \"seats\": 600,\n  \"arrive\": \"60s\"\n}"
    return facts
  }

  private static func verdicts(admitted: UInt64, events: UInt64) -> [VerdictRecord] {
    let all: [(String, String, UInt64, String)] = [
      ("sold-once", "No seat is sold twice.", 600, "sales"),
      ("balance", "Every balance is what its entries add up to.", 601, "balances"),
      ("lapsed-hold", "No money moves for a hold that lapsed.", 640, "holds"),
      ("inside", "Never are more inside than allowed.", admitted, "admissions"),
      ("rate", "In no window are more let in than allowed.", admitted, "admissions"),
      ("order", "Nobody is let in before someone ahead.", admitted, "admissions"),
      ("same-answer", "A repeated call gets the same answer.", 212, "repeats"),
      ("kept", "What was acknowledged is in the log.", 4_820, "answers"),
      ("gaps", "The log has no gap.", events, "events"),
    ]
    return all.map { name, promise, facts, factsAre in
      VerdictRecord(
        name: name,
        promise: promise,
        found: 0,
        wanted: 0,
        isKept: true,
        facts: facts,
        factsAre: factsAre
      )
    }
  }

  private var people: PeopleRecord {
    var people = told
    people.waitsTotal = UInt64(people.waits.count)
    let names = ["arrived", "entered the line", "claimed their turn", "held a seat", "bought it"]
    people.funnel = zip(names, reached).map { .init(name: $0, count: UInt64($1)) }
    people.ends = ends.sorted { $0.key < $1.key }.map { .init(name: $0.key, count: $0.value) }
    people.admissions = order
    people.admissionsTotal = UInt64(order.count)
    people.seats = seats
    people.seatsTotal = UInt64(seats.count)
    people.seatsSold = UInt64(sold)
    return people
  }

  private var timeline: Timeline {
    var timeline = Timeline()
    timeline.windows = windows.count
    timeline.planned = windows.map(\.planned)
    timeline.arrived = windows.map(\.planned)
    timeline.lateMaxUs = windows.map(\.lateUs)
    timeline.waiting = windows.map(\.waiting)
    timeline.inside = windows.map(\.inside)
    timeline.insideMost = windows.map(\.insideMost)
    timeline.insideLimit = UInt64(Self.insideLimit)
    timeline.admitted = windows.map(\.admitted)
    timeline.admittedMost = windows.map(\.admittedMost)
    timeline.rateLimit = UInt64(Self.rateLimit)
    timeline.rateIntervalMs = 1_000
    timeline.left = windows.map(\.left)
    timeline.missed = windows.map(\.missed)
    timeline.seatsSold = windows.map(\.sold)
    timeline.seatsHeld = windows.map(\.held)
    timeline.seatsFree = windows.map { UInt64(Self.seats) - $0.sold - $0.held }
    for name in Self.stepNames { timeline.steps[name] = stepTimeline(name) }
    for name in Set(windows.flatMap(\.answers.keys)) {
      timeline.answers[name] = windows.map { $0.answers[name] ?? 0 }
    }
    timeline.server = server
    return timeline
  }

  private func stepTimeline(_ name: String) -> StepTimeline {
    var timeline = StepTimeline()
    for window in windows {
      let calls = window.steps[name] ?? Histogram()
      timeline.count.append(calls.count)
      timeline.p50Us.append(calls.value(atShare: 0.5) / 1_000)
      timeline.p99Us.append(calls.value(atShare: 0.99) / 1_000)
      timeline.maxUs.append(calls.max / 1_000)
      timeline.failed.append(window.failed[name] ?? 0)
      var coarse = Histogram(digitBits: timeline.heatDigitBits)
      for bucket in calls.buckets { coarse.add(bucket.values.lowerBound, times: bucket.count) }
      timeline.heat.append(coarse.buckets.map { [UInt64($0.number), $0.count] })
    }
    return timeline
  }

  private var server: ServerTimeline {
    var draw = Draw(state: 7)
    var server = ServerTimeline()
    for (index, window) in windows.enumerated() {
      let busy = window.answers.values.reduce(0, +)
      let isStill = index == Self.stall.lowerBound / 1_000
      server.commitP50Us.append(900 + busy + UInt64(draw.whole(0...200)))
      server.commitP99Us.append(isStill ? 412_000 : 3_100 + 4 * busy + UInt64(draw.whole(0...900)))
      server.batchMost.append(isStill ? 64 : 3 + busy / 20 + UInt64(draw.whole(0...4)))
      server.queued.append(isStill ? 118 : UInt64(draw.whole(0...3)))
      server.memoryBytes.append(48_000_000 + UInt64(index) * 160_000)
      server.lagMs.append(isStill ? 400 : UInt64(draw.whole(1...6)))
    }
    return server
  }
}
