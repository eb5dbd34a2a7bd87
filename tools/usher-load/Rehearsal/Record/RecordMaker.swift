internal import Measuring
package import Reports
internal import Scenarios
internal import UsherAPI

/// Makes a run's record of what is known of it.
package struct RecordMaker {
  /// What the program knows that the rehearsal does not.
  package struct Circumstances: Sendable {
    package var commandLine = ""
    package var program = ""
    package var address = ""
    package var machine = ""
    /// Milliseconds since 1970.
    package var startedMs: Int64 = 0
    package var workers = 1

    package init() {}
  }

  private static let waitsMax = 4_000
  private static let admissionsMax = 4_000
  /// A generator that is later than this, for one in a hundred, has not done what was planned.
  private static let lateMax: UInt64 = 10_000_000
  private static let lateCountMin: UInt64 = 10
  private static let achievedMin = 0.99

  private let rehearsed: Rehearsed
  private let circumstances: Circumstances

  package init(_ rehearsed: Rehearsed, _ circumstances: Circumstances) {
    self.rehearsed = rehearsed
    self.circumstances = circumstances
  }

  private var results: Results { rehearsed.results }
  private var scenario: Scenario { rehearsed.scenario }

  /// The record, with its outcome.
  package var record: RunRecord {
    var record = RunRecord(facts: facts, outcome: .passed, sentence: "")
    record.verdicts = verdicts
    record.generator = generator
    record.steps = steps
    record.rates = RateMaker(rehearsed).rates
    record.timeline = TimelineMaker(rehearsed).timeline
    record.people = rehearsed.sold.map(people)
    record.marks = results.marks.map {
      RunRecord.Mark(atMs: Int64($0.moment / 1_000_000), text: $0.sentence)
    }
    record.goals = goals(record)
    (record.outcome, record.sentence) = outcome(record)
    return record
  }

  private var facts: RunFacts {
    var facts = RunFacts()
    facts.name = scenario.name
    facts.model = scenario.model.rawValue
    facts.seed = rehearsed.seed
    facts.commandLine = circumstances.commandLine
    facts.startedMs = circumstances.startedMs
    facts.seconds = rehearsed.seconds
    facts.warmUpSeconds = scenario.warmUp / .seconds(1)
    facts.program = circumstances.program
    facts.address = circumstances.address
    if let server = rehearsed.server {
      facts.server = "usherd \(server.version)"
      facts.store = server.store
    }
    facts.machine = circumstances.machine
    facts.workers = circumstances.workers
    facts.eventsBefore = rehearsed.sold?.sale.offsetBefore ?? 0
    facts.scenario = scenario.json
    return facts
  }

  private var verdicts: [VerdictRecord] {
    (rehearsed.judgements ?? []).map { one in
      VerdictRecord(
        name: one.name,
        promise: one.promise,
        found: one.found,
        wanted: one.wanted,
        isKept: one.isKept,
        facts: one.facts,
        factsAre: one.factsAre,
        cases: one.cases.map { VerdictRecord.Case(sentence: $0.sentence, offset: $0.offset) },
        casesTotal: one.casesTotal
      )
    }
  }

  private var steps: [StepRecord] {
    let order = Deed.Step.allCases.map(\.rawValue)
    return results.steps.values.sorted {
      (order.firstIndex(of: $0.name) ?? .max, $0.name)
        < (order.firstIndex(of: $1.name) ?? .max, $1.name)
    }.map { measure in
      var step = StepRecord(name: measure.name, method: measure.method)
      step.response = measure.response
      step.service = measure.service
      step.failed = measure.failed
      step.failures = measure.failures.map { name, failures in
        StepRecord.Failure(name: name, count: failures.count, isError: failures.isError)
      }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
      return step
    }
  }
}

// MARK: - The generator

extension RecordMaker {
  private var generator: GeneratorRecord {
    let health = results.health
    var generator = GeneratorRecord()
    generator.planned = results.punctuality.planned
    generator.achieved = results.punctuality.begun
    generator.lateness = results.punctuality.lateness
    generator.processorShare =
      rehearsed.seconds > 0 ? Double(health.processorNanoseconds) / 1e9 / rehearsed.seconds : 0
    generator.coresMax = rehearsed.loops
    generator.memoryBytes = health.memoryBytes
    generator.connections = health.connections
    let grown = health.memoryBytes - min(health.memoryBytes, health.memoryBeforeBytes)
    let came = results.counts[.came]
    generator.bytesPerPerson = came > 0 ? grown / came : 0
    generator.complaints = complaints(generator)
    return generator
  }

  private func complaints(_ generator: GeneratorRecord) -> [String] {
    var complaints = results.complaints
    let late = generator.lateness.value(atShare: 0.99)
    // Of a few, one that is late says nothing.
    if late > Self.lateMax, generator.lateness.beyond(share: 0.99) >= Self.lateCountMin {
      complaints.append(
        "it was late: one call in a hundred began \(late / 1_000_000) ms or more after its moment"
      )
    }
    // Whoever calls in a loop has no plan to fall behind.
    let isBehind =
      Double(generator.achieved) < Self.achievedMin * Double(generator.planned)
    if isBehind {
      complaints.append(
        "it did not keep up: \(generator.achieved) of \(generator.planned) were begun"
      )
    }
    if generator.processorShare > 0.9 * Double(generator.coresMax) {
      complaints.append("it ran out of processor: its loops were busy nine tenths of the time")
    }
    for (cause, sentence) in [
      ("Too many open files", "it ran out of file descriptors: see ulimit -n"),
      ("Cannot assign requested address", "it ran out of ports to connect from"),
    ] where results.marks.contains(where: { $0.text.contains(cause) }) {
      complaints.append(sentence)
    }
    return complaints
  }
}

// MARK: - The people

extension RecordMaker {
  private func people(_ sold: Rehearsed.Sold) -> PeopleRecord {
    var people = PeopleRecord()
    people.funnel = CrowdCounts.Milestone.allCases.map {
      PeopleRecord.Stage(name: $0.rawValue, count: results.counts[$0])
    }
    let withSeats = [Deed.End.bought, .refunded].map(\.rawValue)
    people.ends = results.counts.ends.filter { !withSeats.contains($0.key) }
      .map { PeopleRecord.Stage(name: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    people.timeToSeat = results.timeToSeat
    addWaits(by: sold.log, to: &people)
    addAdmissions(by: sold.log, to: &people)
    people.inversions = rehearsed.judgement("gate-inversions")?.found ?? 0
    people.seats = seats(of: sold)
    people.seatsTotal = sold.log.seatsTotal
    people.seatsSold = sold.log.sold
    people.seatsThinned = UInt64(sold.log.seats.values.count { $0.changesLeftOut > 0 })
    return people
  }

  /// What each who was let in had been told, and how long it took by the log.
  private func addWaits(by log: SaleLog, to people: inout PeopleRecord) {
    var waits: [WaitRecord] = []
    for entered in results.facts.entered where !entered.isInside {
      guard let ticket = log.tickets[entered.ticket], let admittedMs = ticket.admittedMs
      else { continue }
      let waitedMs = UInt64(max(0, admittedMs &- ticket.enteredMs))
      people.timeInLine.add(waitedMs * 1_000_000)
      guard entered.highMs > 0 else { continue }
      people.waitsTotal += 1
      if UInt64(entered.lowMs)...UInt64(max(entered.lowMs, entered.highMs)) ~= waitedMs {
        people.promisesKept += 1
      }
      waits.append(
        WaitRecord(
          ahead: entered.ahead,
          lowMs: UInt64(entered.lowMs),
          likelyMs: UInt64(entered.likelyMs),
          highMs: UInt64(entered.highMs),
          waitedMs: waitedMs
        )
      )
    }
    people.waits = Self.thinned(waits, to: Self.waitsMax)
  }

  private func addAdmissions(by log: SaleLog, to people: inout PeopleRecord) {
    let admitted = log.tickets.values.filter { $0.admittedMs != nil && $0.admission > 0 }
      .sorted { $0.admission < $1.admission }
    people.admissionsTotal = UInt64(admitted.count)
    people.admissions = Self.thinned(admitted, to: Self.admissionsMax)
      .map { [$0.number, $0.admission] }
  }

  private func seats(of sold: Rehearsed.Sold) -> [SeatRecord] {
    // A page shows no more, whatever a server says that it has.
    sold.log.dates.prefix(1_000).enumerated().flatMap { index, date in
      (1...max(date.seats, 1)).prefix(min(Int(date.seats), 10_000)).map { number in
        let life = sold.log.seats[SaleLog.SeatKey(date: date.id, number: number)]
        return SeatRecord(
          date: index,
          number: number,
          changes: life?.changes ?? [],
          holds: life?.holds ?? 0
        )
      }
    }
  }

  /// Every so many of them, so that no more than `count` are left.
  private static func thinned<Element>(_ all: [Element], to count: Int) -> [Element] {
    guard all.count > count else { return all }
    return (0..<count).map { all[$0 * all.count / count] }
  }
}

// MARK: - The outcome

extension RecordMaker {
  private func goals(_ record: RunRecord) -> [GoalRecord] {
    scenario.goals.map { goal in
      let known = Measured(record, sold: rehearsed.sold?.log.soldNow)
      let (measured, isMet) = goal.judge { known.value(of: $0, $1) }
      return GoalRecord(
        goal: goal.text,
        measured: measured,
        isMet: isMet,
        fewSamples: known.fewSamples(of: goal.measure, goal.subject)
      )
    }
  }

  /// The worst that is true of it, and a sentence.
  private func outcome(_ record: RunRecord) -> (RunRecord.Outcome, String) {
    let broken = record.verdicts.filter { !$0.isKept }
    if let first = broken.first {
      let others = broken.count > 1 ? ", and \(broken.count - 1) more" : ""
      return (.broken, "the server broke a promise: \(first.promise)\(others)")
    }
    if case .failure(let why)? = rehearsed.sold?.judgements { return (.failed, why.description) }
    switch rehearsed.ending {
    case .itself: break
    case .interrupted: return (.interrupted, "it was ended before its time")
    case .underWay:
      let seconds = Int(rehearsed.seconds)
      return (
        .underWay,
        "it goes on; this is what there was after \(seconds) s, and what the log alone shows"
      )
    }
    if let first = record.generator.complaints.first {
      return (
        .invalid,
        "what was measured means little, for the generator or its machine did not keep up: \(first)"
      )
    }
    let short = record.goals.filter { !$0.isMet }
    if let first = short.first {
      let others = short.count > 1 ? ", and \(short.count - 1) more" : ""
      let measured =
        first.measured.map { ", it was \($0)\(first.caveat)" } ?? nothingMeasured
      return (.short, "a goal was not met: \(first.goal)\(measured)\(others)")
    }
    let resting = record.verdicts.count { $0.facts > 0 }
    let unfinished = results.counts.ends[Deed.End.unfinished.rawValue] ?? 0
    let kept = [
      record.verdicts.isEmpty ? nil : Self.count(resting, "promise", "kept"),
      resting == record.verdicts.count
        ? nil : "\(record.verdicts.count - resting) were not put to the test",
      unfinished == 0 ? nil : "\(unfinished) people were not done when time was over",
      record.goals.isEmpty ? nil : Self.count(record.goals.count, "goal", "met"),
    ].compactMap { $0 }
    return (.passed, kept.isEmpty ? "nothing was asked of it" : kept.joined(separator: "; "))
  }
}

extension RecordMaker {
  private var nothingMeasured: String {
    let seen = results.steps.values.contains { !$0.windows.cells.isEmpty }
    return seen && scenario.warmUp > .zero
      ? ", and nothing was measured after the warm-up, which is not counted (warm_up)"
      : ", and nothing was measured"
  }

  private static func count(_ count: Int, _ noun: String, _ done: String) -> String {
    count == 1 ? "1 \(noun) was \(done)" : "\(count) \(noun)s were \(done)"
  }
}

extension Rehearsed {
  /// What is said of the promise of that name.
  package func judgement(_ name: String) -> Judgement? {
    judgements?.first { $0.name == name }
  }
}
