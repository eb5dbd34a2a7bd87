internal import Measuring
internal import Spelling

/// What differs between two runs, and whether that is more than chance and noise.
package struct RunComparison: Sendable {
  /// Differences of fewer percent are noise: so much differs between two runs of the same thing on
  /// one machine. Shares are compared in points, of which this many are noise.
  package static let noisePercent = 5.0
  /// The points of a share that are noise.
  package static let noisePoints = 1.0

  /// Why the two cannot be compared; nil where they can.
  package let refusal: String?
  /// What else is not the same in both, in sentences.
  package let notes: [String]
  /// What was compared; empty where nothing can be.
  package let rows: [Row]
  let before: RunRecord
  let after: RunRecord

  /// One number of both runs.
  package struct Row: Codable, Sendable, Hashable {
    /// The step, or `people`.
    package var subject: String
    /// `p99`, `rate`, `refused`.
    package var measure: String
    /// What both runs have, for a person; a dash where it is not known.
    package var before: String
    /// Likewise.
    package var after: String
    /// Percent, or points of a share.
    package var unit: Unit
    /// How much more `after` is, with an interval that holds the truth in 95 of 100 cases. Nil where
    /// that cannot be told.
    package var difference: Double?
    /// The interval's lower end.
    package var low: Double?
    /// The interval's upper end.
    package var high: Double?
    /// What the difference shows.
    package var finding: Finding

    /// What a difference is in.
    package enum Unit: String, Codable, Sendable { case percent, points }

    /// What a difference shows. `more` and `less` only where the whole interval is beyond the noise.
    package enum Finding: String, Codable, Sendable {
      case more, less
      case noneShown = "no difference shown"
      case untold = "cannot be told"
    }
  }

  /// Compares a run with one before it.
  package init(_ before: RunRecord, _ after: RunRecord) {
    self.before = before
    self.after = after
    refusal = Self.refusal(before, after)
    notes = Self.notes(before, after)
    rows = refusal == nil ? Self.rows(before, after) : []
  }
}

// MARK: - Whether they can be compared

extension RunComparison {
  private static func refusal(_ before: RunRecord, _ after: RunRecord) -> String? {
    guard before.facts.model == after.facts.model else {
      return "one is a run of \(before.facts.model.printable), the other of "
        + after.facts.model.printable
    }
    for (name, run) in [("first", before), ("second", after)] {
      if !run.isBelievable {
        return "the generator of the \(name) run fell behind, so what it measured means little"
      }
      if run.outcome == .failed { return "the \(name) run could not go on" }
    }
    return nil
  }

  private static func notes(_ before: RunRecord, _ after: RunRecord) -> [String] {
    var notes = scenarioNotes(before.facts.scenario, after.facts.scenario)
    let facts: [(String, String, String)] = [
      ("seed", String(before.facts.seed), String(after.facts.seed)),
      ("server", before.facts.server, after.facts.server),
      ("store", before.facts.store, after.facts.store),
      ("machine", before.facts.machine, after.facts.machine),
    ]
    for (name, old, new) in facts where old != new {
      let (old, new) = (told(old, orElse: "unknown"), told(new, orElse: "unknown"))
      notes.append("the \(name) is not the same: \(old), then \(new)")
    }
    for (name, run) in [("first", before), ("second", after)] {
      if run.outcome == .interrupted { notes.append("the \(name) run was interrupted") }
      if run.outcome == .broken { notes.append("the \(name) run broke a promise") }
    }
    return notes
  }
}

extension RunComparison {
  /// How many fields of the scenario are told, and how much of each.
  private static let fieldsMax = 12
  private static let factMax = 80

  private static func scenarioNotes(_ before: String, _ after: String) -> [String] {
    guard before != after else { return [] }
    guard let fields = ScenarioDifference(before, after).fields else {
      return ["the scenario is not the same"]
    }
    // The seed is a fact of every run, and told as such.
    let differing = fields.filter { $0.key != "seed" }
    let notes = differing.prefix(fieldsMax).map { field in
      let (old, new) = (told(field.before, orElse: "not set"), told(field.after, orElse: "not set"))
      return "the scenario differs in \(field.key.printable): \(old), then \(new)"
    }
    let rest = differing.count - notes.count
    return notes + (rest > 0 ? ["the scenario differs in \(rest) more"] : [])
  }

  private static func told(_ fact: String?, orElse none: String) -> String {
    guard let fact, !fact.isEmpty else { return none }
    let text = fact.printable
    return text.count > factMax ? text.prefix(factMax) + "…" : text
  }
}

// MARK: - What differs

extension RunComparison {
  private static func rows(_ before: RunRecord, _ after: RunRecord) -> [Row] {
    var rows: [Row] = []
    for new in after.steps {
      guard let old = before.steps.first(where: { $0.name == new.name }),
        max(old.calls, new.calls) > 0
      else { continue }
      rows.append(rate(new.name, (old, before.secondsCounted), (new, after.secondsCounted)))
      rows += latencies(new.name, old.response, new.response) { "\(Numbers.milliseconds($0)) ms" }
      for (measure, isError) in [("refused", false), ("errors", true)] {
        let (was, now) = (failed(old, isError), failed(new, isError))
        if max(was.0, now.0) > 0 { rows.append(share(new.name, measure, was, now)) }
      }
    }
    if let old = before.people, let new = after.people {
      rows += latencies("time to seat", old.timeToSeat, new.timeToSeat, Numbers.span)
      rows += latencies("time in line", old.timeInLine, new.timeInLine, Numbers.span)
      rows.append(
        share(
          "people",
          "promise kept",
          (old.promisesKept, old.waitsTotal),
          (new.promisesKept, new.waitsTotal)
        )
      )
    }
    // What neither run has is no row.
    return rows.filter { $0.before != Numbers.none || $0.after != Numbers.none }
  }

  private static func latencies(
    _ subject: String,
    _ old: Histogram,
    _ new: Histogram,
    _ words: (UInt64) -> String
  ) -> [Row] {
    var rows = [("p50", 0.5), ("p99", 0.99)].map { measure, share in
      let pair = (Estimate(old, share: share), Estimate(new, share: share))
      let growth: Estimate? =
        if let before = pair.0, let after = pair.1 { Estimate.growth(before, after) } else { nil }
      return row(
        subject,
        measure,
        pair.0.map { words(UInt64(min($0.value, 0x1p63))) },
        pair.1.map { words(UInt64(min($0.value, 0x1p63))) },
        .percent,
        growth
      )
    }
    // The largest of a run has no interval: it is one call.
    var largest = row(
      subject,
      "max",
      old.isEmpty ? nil : words(old.max),
      new.isEmpty ? nil : words(new.max),
      .percent,
      nil
    )
    if old.max > 0, !new.isEmpty {
      largest.difference = (Double(new.max) / Double(old.max) - 1) * 100
    }
    rows.append(largest)
    return rows
  }

  private static func rate(
    _ subject: String,
    _ old: (step: StepRecord, seconds: Double),
    _ new: (step: StepRecord, seconds: Double)
  ) -> Row {
    let before = Estimate(rate: old.step.response.count, seconds: old.seconds)
    let after = Estimate(rate: new.step.response.count, seconds: new.seconds)
    let growth: Estimate? =
      if let before, let after { Estimate.growth(before, after) } else { nil }
    return row(
      subject,
      "rate",
      "\(Numbers.rate(old.step.response.count, seconds: old.seconds))/s",
      "\(Numbers.rate(new.step.response.count, seconds: new.seconds))/s",
      .percent,
      growth
    )
  }

  private static func share(
    _ subject: String,
    _ measure: String,
    _ old: (part: UInt64, whole: UInt64),
    _ new: (part: UInt64, whole: UInt64)
  ) -> Row {
    let before = Estimate(share: old.part, of: old.whole)
    let after = Estimate(share: new.part, of: new.whole)
    let difference: Estimate? =
      if let before, let after { Estimate.difference(before, after) } else { nil }
    return row(
      subject,
      measure,
      Numbers.percent(old.part, of: old.whole),
      Numbers.percent(new.part, of: new.whole),
      .points,
      difference
    )
  }

  private static func failed(_ step: StepRecord, _ isError: Bool) -> (UInt64, UInt64) {
    (step.failures.filter { $0.isError == isError }.map(\.count).total, step.calls)
  }

  private static func row(
    _ subject: String,
    _ measure: String,
    _ before: String?,
    _ after: String?,
    _ unit: Row.Unit,
    _ difference: Estimate?
  ) -> Row {
    let noise = unit == .percent ? noisePercent : noisePoints
    let finding: Row.Finding
    switch difference.map({ ($0.low * 100, $0.high * 100) }) {
    case nil: finding = .untold
    case let (low, _)? where low > noise: finding = .more
    case let (_, high)? where high < -noise: finding = .less
    default: finding = .noneShown
    }
    return Row(
      subject: subject,
      measure: measure,
      before: before ?? Numbers.none,
      after: after ?? Numbers.none,
      unit: unit,
      difference: difference.map { $0.value * 100 },
      low: difference.map { $0.low * 100 },
      high: difference.map { $0.high * 100 },
      finding: finding
    )
  }
}
