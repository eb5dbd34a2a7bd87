internal import Measuring
internal import Spelling

/// The first screen: how it ended, what was promised, what was wanted, and what was run.
extension HTMLReport {
  /// A sign beside each word, so that nothing is told by colour alone.
  private var sign: String {
    switch record.outcome {
    case .passed: "✓"
    case .short, .broken, .failed: "✕"
    case .invalid: "?"
    case .interrupted: "‖"
    case .underWay: "…"
    }
  }

  var head: String {
    let name = record.facts.name.isEmpty ? "a run" : record.facts.name
    let moment = record.facts.startedMs
    let began = moment > 0 ? "<span>\(Numbers.moment(moment))</span>" : ""
    return """
      <p class="kicker">Rehearsal “\(name.escaped)” <span>\(record.facts.model.escaped)</span> \
      <span>seed \(record.facts.seed)</span> \
      \(began)</p>
      <h1><span class="verdict \(record.outcome.rawValue)"><span aria-hidden="true">\(sign)</span> \
      \(record.headline)</span> <span class="sentence">\(record.sentence.escaped)</span></h1>

      """
  }

  /// Said above everything that has latencies in it.
  var doubt: String {
    guard !record.isBelievable else { return "" }
    let why = record.generator.complaints.map { "<li>\($0.escaped)</li>" }.joined()
    return """
      <div class="doubt" role="note"><p><strong>Latencies are not to be believed.</strong> The \
      generator did not do what was planned, so what was measured is its own delay as much as the \
      server’s.</p>\(why.isEmpty ? "" : "<ul>\(why)</ul>")</div>
      """
  }

  /// The few numbers that a reader asks for first.
  var figures: String {
    let figures = record.people.map(crowdFigures) ?? callFigures
    return "<dl class=\"figures\">"
      + figures.map { figure in
        "<div><dt>\(figure.name.escaped)</dt><dd>\(figure.value.escaped)"
          + "<small>\(figure.note.escaped)</small></dd></div>"
      }.joined(separator: "\n") + "</dl>"
  }

  private typealias Figure = (name: String, value: String, note: String)

  private func crowdFigures(_ people: PeopleRecord) -> [Figure] {
    let timeline = record.timeline
    var figures: [Figure] = [
      ("People", people.arrived.grouped, "over \(Numbers.fixed(record.facts.seconds, 0)) s")
    ]
    if people.seatsTotal > 0 {
      // Of seats that are not kept it is not known when they were sold.
      let isWhole = people.seats.count == people.seatsTotal
      let last = isWhole ? people.seats.compactMap(\.soldMs).max() : nil
      let moment = last.map { ", the last at \(Numbers.fixed(Double($0) / 1_000, 1)) s" } ?? ""
      figures.append(
        ("Seats sold", people.seatsSold.grouped, "of \(people.seatsTotal.grouped)\(moment)")
      )
    }
    if timeline.rateLimit > 0, let most = timeline.admittedMost.max() {
      let interval = Numbers.seconds(timeline.rateIntervalMs)
      figures.append(
        (
          "Admitted at most", most.grouped,
          "in any \(interval), \(timeline.rateLimit.grouped) allowed"
        )
      )
    }
    if timeline.insideLimit > 0, let most = (timeline.insideMost + timeline.inside).max() {
      figures.append(
        ("Inside at most", most.grouped, "at a time, \(timeline.insideLimit.grouped) allowed")
      )
    }
    figures.append(
      (
        "Promise kept", Numbers.percent(people.promisesKept, of: people.waitsTotal),
        "of \(people.waitsTotal.of("wait")), wanted \(PeopleRecord.promisesWanted)"
      )
    )
    let times = people.timeToSeat
    let tail = RunRecord.shares.dropFirst().last {
      times.tells(share: $0.share)
    }
    let note = tail.map { "p50; \($0.name) \(Numbers.span(times, atShare: $0.share))" }
    figures.append(("Time to seat", Numbers.span(times, atShare: 0.5), note ?? "p50"))
    return figures
  }

  private var callFigures: [Figure] {
    let calls = record.steps.map(\.calls).total
    let failures = record.steps.flatMap(\.failures)
    let errors = failures.filter(\.isError).map(\.count).total
    let refusals = failures.filter { !$0.isError }.map(\.count).total
    var figures: [Figure] = [
      (
        "Calls", calls.grouped,
        calls == 0
          ? "nothing was called"
          : "\(Numbers.rate(calls, seconds: record.secondsCounted)) a second"
      ),
      ("Errors", errors.grouped, "\(Numbers.percent(errors, of: calls)) of calls"),
      ("Refusals", refusals.grouped, "\(Numbers.percent(refusals, of: calls)) of calls"),
    ]
    let told = record.steps.filter { $0.response.tells(share: 0.99) }
    if let slowest = told.max(by: {
      $0.response.value(atShare: 0.99) < $1.response.value(atShare: 0.99)
    }) {
      let p99 = Numbers.milliseconds(slowest.response.value(atShare: 0.99))
      let note = record.isBelievable ? "" : ", not to be believed"
      figures.append(("Slowest p99", "\(p99) ms", slowest.name + note))
    }
    return figures
  }
}

// MARK: - Audit, goals and facts

extension HTMLReport {
  private static func mark(_ isGood: Bool, _ good: String, _ bad: String) -> String {
    isGood
      ? "<span class=\"ok\"><span aria-hidden=\"true\">✓</span> \(good)</span>"
      : "<span class=\"bad\"><span aria-hidden=\"true\">✕</span> \(bad)</span>"
  }

  private static func small(_ text: String) -> String {
    text.isEmpty ? "" : "<small>\(text.escaped)</small>"
  }

  var audit: String {
    Markup.table(
      "What the audit found",
      note: record.facts.auditScope,
      head: ["Promise", "Verdict", "Found", "Wanted", "Rests on"],
      words: 2,
      stacks: true,
      rows: record.verdicts.map { verdict in
        [
          "\(verdict.name.escaped)<small>\(verdict.promise.escaped)</small>\(cases(verdict))",
          verdict.isTested ? Self.mark(verdict.isKept, "ok", "broken") : "– not tested",
          verdict.found.grouped,
          verdict.wanted.grouped, "\(verdict.facts.grouped) \(verdict.factsAre.escaped)",
        ]
      },
      empty: "Nothing was audited in this run."
    )
  }

  private func cases(_ verdict: VerdictRecord) -> String {
    guard !verdict.isKept, !verdict.cases.isEmpty else { return "" }
    let shown = verdict.cases.prefix(VerdictRecord.casesShown)
    let rest = max(verdict.casesTotal, UInt64(verdict.cases.count)) - UInt64(shown.count)
    return "<ol class=\"cases\">"
      + shown.map { single in
        let place = single.offset.map { "<b>event \($0.grouped)</b> " } ?? ""
        return "<li>\(place)\(single.sentence.escaped)</li>"
      }.joined() + "</ol>" + (rest > 0 ? "<small>and \(rest.of("case")) more</small>" : "")
  }

  var goals: String {
    Markup.table(
      "Goals",
      head: ["Goal", "Verdict", "Measured"],
      words: 2,
      stacks: true,
      rows: record.goals.map { goal in
        [
          "<code>\(goal.goal.escaped)</code>", Self.mark(goal.isMet, "met", "short"),
          goal.measured.map { $0.escaped + Self.small(goal.caveat) } ?? "nothing",
        ]
      },
      empty: "No goal was set for this run."
    )
  }

  var facts: String {
    Markup.list(record.factLines)
      + (record.facts.scenario.isEmpty
        ? ""
        : "<details><summary>The scenario, with all defaults</summary>"
          + "<pre tabindex=\"0\">\(scenario)</pre></details>")
  }

  /// Line by line: all else that steers is made visible.
  private var scenario: String {
    record.facts.scenario.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).escaped }.joined(separator: "\n")
  }

  var generator: String {
    Markup.list(record.generatorLines)
      + (record.generator.complaints.isEmpty
        ? "<p class=\"quiet\">It had nothing to complain of.</p>" : "")
  }
}
