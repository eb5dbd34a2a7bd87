internal import Measuring
internal import Spelling

/// What a run came to, in lines for a terminal: the verdict first, then what it rests on.
package struct TextReport {
  private let record: RunRecord

  /// The report of a run.
  package init(_ record: RunRecord) { self.record = record }

  /// The lines, without their ends. Sentences are wrapped to `width`; a table that is wider is told in
  /// two.
  package func lines(width: Int = 80) -> [String] {
    let width = max(width, 40)
    let parts = [
      headLines(width), markLines(width), verdictLines(width), goalLines, generatorLines(width),
      stepLines(width), rateLines(width), failureLines, peopleLines(width),
    ]
    return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private func headLines(_ width: Int) -> [String] {
    "\(record.headline) \(record.sentence.printable)".wrapped(to: width, indent: "  ")
  }
}

// MARK: - What happened

extension TextReport {
  private func markLines(_ width: Int) -> [String] {
    record.marks.flatMap { mark in
      let tenths = mark.atMs / 100
      return "at \(tenths / 10).\(abs(tenths % 10)) s  \(mark.text.printable)".wrapped(
        to: width,
        indent: "  "
      )
    }
  }
}

// MARK: - What was promised and wanted

extension TextReport {
  private func verdictLines(_ width: Int) -> [String] {
    let columns = [
      record.verdicts.map(\.name.printable.count).max() ?? 0,
      record.verdicts.map(\.found.grouped.count).max() ?? 0,
      record.verdicts.map(\.wanted.grouped.count).max() ?? 0,
    ]
    let scope = record.verdicts.isEmpty ? "" : record.facts.auditScope
    return record.verdicts.flatMap { verdict in
      let name = verdict.name.printable.padded(to: columns[0])
      let found = verdict.found.grouped.padded(to: columns[1], right: true)
      let wanted = verdict.wanted.grouped.padded(to: columns[2], right: true)
      return ["audit \(name)  \(found) \(wanted)  \(verdict.finding.printable)"]
        + (verdict.isKept ? [] : caseLines(verdict, width))
    } + (scope.isEmpty ? [] : scope.wrapped(to: width, indent: "  "))
  }

  private func caseLines(_ verdict: VerdictRecord, _ width: Int) -> [String] {
    let cases = verdict.cases.prefix(VerdictRecord.casesShown)
    let rest = max(verdict.casesTotal, UInt64(verdict.cases.count)) - UInt64(cases.count)
    return "promised: \(verdict.promise.printable)".wrapped(to: width - 6, indent: "  ")
      .map { "      " + $0 }
      + cases.flatMap { single in
        let place = single.offset.map { "event \($0.grouped): " } ?? ""
        return "\(place)\(single.sentence.printable)".wrapped(to: width - 6, indent: "  ")
          .map { "      " + $0 }
      } + (rest > 0 ? ["      and \(rest.of("case")) more"] : [])
  }

  private var goalLines: [String] {
    let width = record.goals.map(\.goal.printable.count).max() ?? 0
    return record.goals.map { goal in
      let measured =
        goal.measured.map { "measured \($0.printable)\(goal.caveat)" } ?? "nothing measured"
      return "goal  \(goal.goal.printable.padded(to: width))  "
        + "\(goal.isMet ? "ok" : "short")  \(measured)"
    }
  }

  private func generatorLines(_ width: Int) -> [String] {
    let lines = record.generatorLines.map { "  \($0.name.padded(to: 7))\($0.value)" }
    let complaints = record.generator.complaints.flatMap { complaint in
      "  marked \(complaint.printable)".wrapped(to: width, indent: "         ").enumerated()
        .map { $0.offset == 0 ? "  " + $0.element : $0.element }
    }
    return ["generator"] + lines + complaints
  }
}

// MARK: - Calls

extension TextReport {
  private func stepLines(_ width: Int) -> [String] {
    guard !record.steps.isEmpty else { return [] }
    let warmUp = record.facts.warmUpNote
    let head = "latency of answers in OK, ms\(warmUp.isEmpty ? "" : "; \(warmUp)")\(doubt)"
    let whole = table(from: record, responses: true, services: true)
    if whole.width <= width {
      return [head, "  p50 to max from the planned moment, ‹p50› and ‹p99› from sending"]
        + whole.lines
    }
    return [head, "from the planned moment"]
      + table(from: record, responses: true, services: false).lines
      + ["from sending"] + table(from: record, responses: false, services: true).lines
  }

  private func table(from record: RunRecord, responses: Bool, services: Bool) -> TextTable {
    var head = ["step"]
    if responses { head += ["per s", "count"] + RunRecord.shares.map(\.name) + ["max"] }
    if services { head += responses ? ["‹p50›", "‹p99›"] : ["count", "p50", "p99", "max"] }
    var table = TextTable(head: head)
    for step in record.steps {
      var row = [step.name.printable]
      let response = step.response
      let service = step.service
      if responses {
        row += [
          Numbers.rate(response.count, seconds: record.secondsCounted), response.count.grouped,
        ]
        row += RunRecord.shares.map { Numbers.milliseconds(response, atShare: $0.share) }
        row += [maximum(response)]
      }
      if services {
        let middle = Numbers.milliseconds(service, atShare: 0.5)
        let tail = Numbers.milliseconds(service, atShare: 0.99)
        row +=
          responses ? [middle, tail] : [service.count.grouped, middle, tail, maximum(service)]
      }
      table.rows.append(row)
    }
    return table
  }

  private func maximum(_ histogram: Histogram) -> String {
    histogram.isEmpty ? Numbers.none : Numbers.milliseconds(histogram.max)
  }

  private func rateLines(_ width: Int) -> [String] {
    var table = TextTable(head: RunRecord.rateHead)
    table.wordColumns = 0
    table.rows = record.rateRows()
    guard !table.rows.isEmpty else { return [] }
    return ["at each rate of the plan\(doubt)"]
      + RunRecord.rateNote.wrapped(to: width - 2).map { "  " + $0 } + table.lines
  }

  private var doubt: String {
    record.isBelievable ? "" : "; NOT TO BE BELIEVED, the generator fell behind"
  }

  private var failureLines: [String] {
    var table = TextTable(head: ["step", "name", "kind", "count", "share of calls"])
    table.wordColumns = 3
    let failures = record.steps.flatMap { step in step.failures.map { (step, $0) } }
    for (step, failure) in failures.sorted(by: { $0.1.count > $1.1.count }) {
      table.rows.append([
        step.name.printable, failure.name.printable, failure.isError ? "ERROR" : "refusal",
        failure.count.grouped, Numbers.percent(failure.count, of: step.calls),
      ])
    }
    return table.rows.isEmpty ? [] : ["not answered in OK"] + table.lines
  }
}

// MARK: - People

extension TextReport {
  private func peopleLines(_ width: Int) -> [String] {
    guard let people = record.people else { return [] }
    var lines = ["people"] + stageLines(people)
    for (name, times) in [
      ("time in line", people.timeInLine), ("time to seat", people.timeToSeat),
    ] where !times.isEmpty {
      lines.append(
        "  \(name)  p50 \(Numbers.span(times, atShare: 0.5)), "
          + "p90 \(Numbers.span(times, atShare: 0.9)), p99 \(Numbers.span(times, atShare: 0.99)), "
          + "max \(Numbers.span(times.max)) of \(times.count.of("wait"))"
      )
    }
    lines += people.promiseSentence.wrapped(to: width - 16).enumerated().map { index, line in
      (index == 0 ? "  promise       " : String(repeating: " ", count: 16)) + line
    }
    if people.admissionsTotal > 0 {
      lines.append(
        "  order         \(people.inversions.grouped) of \(people.admissionsTotal.of("admission"))"
          + " out of order (wanted 0)"
      )
    }
    return lines
  }

  private func stageLines(_ people: PeopleRecord) -> [String] {
    var table = TextTable(head: ["got as far as", "people", "of all"])
    table.rows = people.funnel.map { stage in
      [
        stage.name.printable, stage.count.grouped,
        Numbers.percent(stage.count, of: people.arrived),
      ]
    }
    var ends = TextTable(head: ["ended without a seat", "people", "of all"])
    ends.rows = people.ends.sorted { $0.count > $1.count }.map { end in
      [end.name.printable, end.count.grouped, Numbers.percent(end.count, of: people.arrived)]
    }
    return table.lines + ends.lines
  }
}

extension String {
  /// With spaces behind it, or before it, up to `width` characters.
  func padded(to width: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return right ? space + self : self + space
  }
}
