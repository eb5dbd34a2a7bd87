internal import Measuring
internal import Spelling

/// What follows from a record, and is told the same way in every report.
extension RunRecord {
  /// The word that the run is told in.
  var headline: String {
    switch outcome {
    case .passed: "PASSED"
    case .short, .broken, .failed: "FAILED"
    case .invalid: "INVALID"
    case .interrupted: "INTERRUPTED"
    case .underWay: "UNDER WAY"
    }
  }

  /// Whether the latencies say something of the server, and not of a generator that fell behind.
  var isBelievable: Bool { outcome != .invalid && generator.complaints.isEmpty }

  /// How long was counted.
  var secondsCounted: Double { Swift.max(0, facts.seconds - facts.warmUpSeconds) }

  /// The percentiles that are told, and what they are called.
  static let shares: [(name: String, share: Double)] = [
    ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999),
  ]

  /// The facts that the run can be repeated from, as names and values; those that are not known are
  /// left out.
  var factLines: [(name: String, value: String)] {
    let length =
      "\(Numbers.fixed(facts.seconds, 1)) s"
      + (facts.warmUpSeconds > 0
        ? ", of which the first \(Numbers.fixed(facts.warmUpSeconds, 1)) s are not counted" : "")
    let all: [(String, String)] = [
      ("scenario", facts.name), ("model", facts.model), ("seed", String(facts.seed)),
      ("command", facts.commandLine),
      ("started", facts.startedMs > 0 ? Numbers.moment(facts.startedMs) : ""), ("length", length),
      ("program", facts.program), ("server", facts.server), ("address", facts.address),
      ("store", facts.store), ("machine", facts.machine), ("workers", facts.workers.grouped),
    ]
    return all.filter { !$0.1.isEmpty }.map { (name: $0.0, value: $0.1) }
  }

  /// How the generator did, as names and values.
  var generatorLines: [(name: String, value: String)] {
    var lines = [
      (
        name: "begun",
        value: "\(generator.achieved.grouped) of \(generator.planned.grouped) planned"
          + " (\(Numbers.percent(generator.achieved, of: generator.planned)); wanted 99 %)"
      )
    ]
    if !generator.lateness.isEmpty {
      let late = generator.lateness
      lines.append(
        (
          name: "late",
          value: "p50 \(Numbers.milliseconds(late, atShare: 0.5)) ms, "
            + "p99 \(Numbers.milliseconds(late, atShare: 0.99)) ms, "
            + "max \(Numbers.milliseconds(late.max)) ms (p99 wanted 10 ms at most)"
        )
      )
    }
    lines.append(
      (
        name: "used",
        value: "\(Numbers.fixed(generator.processorShare * 100, 0)) % of a core, of "
          + generator.coresMax.of("core")
          + (generator.memoryBytes > 0 ? "; \(Numbers.bytes(generator.memoryBytes))" : "")
          + (generator.bytesPerPerson > 0
            ? " (\(Numbers.bytes(generator.bytesPerPerson)) a person)" : "")
          + "; \(generator.connections.of("connection"))"
      )
    )
    return lines
  }
}

extension StepRecord {
  /// All calls: answered in OK, refused and failed.
  var calls: UInt64 { ([response.count] + failures.map(\.count)).total }
}

extension Sequence<UInt64> {
  /// The sum, and never more than there are numbers for: a record may be anyone's.
  var total: UInt64 {
    reduce(0) { sum, value in
      let (next, isOver) = sum.addingReportingOverflow(value)
      return isOver ? .max : next
    }
  }
}

extension RunFacts {
  /// What the audit is of, where that is more than this run.
  var auditScope: String {
    guard eventsBefore > 0 else { return "" }
    return
      "It is of the whole log, the first \(eventsBefore.of("event")) of which are older than this run."
  }

  /// What is not counted in any latency.
  var warmUpNote: String {
    warmUpSeconds > 0 ? "the first \(Numbers.whole(warmUpSeconds)) s are not counted" : ""
  }
}

extension VerdictRecord {
  /// How many cases are told of a promise that was broken.
  static let casesShown = 3

  /// Whether there was anything that it could be seen by.
  var isTested: Bool { facts > 0 || !isKept }

  /// `broken 2 of 600 sales`: what was found, of what it rests on.
  var finding: String {
    let rest = "of \(facts.grouped) \(factsAre.isEmpty ? "facts" : factsAre)"
    guard isTested else { return "not tested, \(rest)" }
    return "\(isKept ? "ok" : "broken") \(rest)"
  }
}

extension PeopleRecord {
  /// The share of the waits that a good promise holds.
  static let promisesWanted = "nine in ten"

  /// Those who came.
  var arrived: UInt64 { funnel.first?.count ?? 0 }

  /// `4,312 of 4,980 waits were inside what was promised (86.6 %; wanted nine in ten)`.
  var promiseSentence: String {
    guard waitsTotal > 0 else { return "no wait that was promised has ended" }
    return "\(promisesKept.grouped) of \(waitsTotal.of("wait")) that ended were as promised "
      + "(\(Numbers.percent(promisesKept, of: waitsTotal)); wanted \(Self.promisesWanted))"
  }
}
