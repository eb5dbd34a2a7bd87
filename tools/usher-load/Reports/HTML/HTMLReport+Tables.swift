internal import Measuring
internal import Spelling

/// The numbers behind the plots, with the count behind each percentile.
extension HTMLReport {
  var tables: String {
    latencies("From the planned moment, ms", \.response)
      + latencies("From the moment of sending, ms: the naive figure", \.service)
      + latencies("Not answered in OK, from the moment of sending, ms", \.failed)
      + rates + beyond + failures + people + marks
  }

  /// Struck through where the generator fell behind.
  private func told(_ text: String) -> String {
    record.isBelievable || text == Numbers.none ? text : "<s>\(text)</s>"
  }

  private func latencies(_ caption: String, _ histogram: KeyPath<StepRecord, Histogram>) -> String {
    Markup.table(
      caption,
      head: ["Step", "Method", "Count", "Per s"] + RunRecord.shares.map(\.name) + ["max"],
      words: 2,
      rows: record.steps.map { step in
        let times = step[keyPath: histogram]
        return [
          step.name.escaped, "<code>\(step.method.escaped)</code>", times.count.grouped,
          Numbers.rate(times.count, seconds: record.secondsCounted),
        ] + RunRecord.shares.map { told(Numbers.milliseconds(times, atShare: $0.share)) }
          + [times.isEmpty ? Numbers.none : told(Numbers.milliseconds(times.max))]
      },
      empty: "There were no calls."
    )
  }

  private var rates: String {
    let rows = record.rateRows(told: told)
    guard !rows.isEmpty else { return "" }
    return Markup.table(
      "At each rate of the plan",
      note: RunRecord.rateNote,
      head: RunRecord.rateHead,
      rows: rows,
      empty: ""
    )
  }

  private var beyond: String {
    Markup.table(
      "Calls beyond each percentile; with fewer than ten it is left out",
      head: ["Step", "Count"] + RunRecord.shares.map(\.name),
      rows: record.steps.map { step in
        [step.name.escaped, step.response.count.grouped]
          + RunRecord.shares.map { step.response.beyond(share: $0.share).grouped }
      },
      empty: "There were no calls."
    )
  }

  private var failures: String {
    let all = record.steps.flatMap { step in step.failures.map { (step: step, failure: $0) } }
    return Markup.table(
      "Refusals and errors by name",
      head: ["Step", "Name", "Kind", "Count", "Share of calls"],
      words: 3,
      rows: all.sorted { $0.failure.count > $1.failure.count }.map { step, failure in
        [
          step.name.escaped, "<code>\(failure.name.escaped)</code>",
          failure.isError ? "<strong>error</strong>" : "refusal", failure.count.grouped,
          Numbers.percent(failure.count, of: step.calls),
        ]
      },
      empty: "Every call was answered in OK."
    )
  }

  private var people: String {
    guard let people = record.people else { return "" }
    func share(_ stage: PeopleRecord.Stage) -> [String] {
      [
        stage.name.escaped, stage.count.grouped,
        Numbers.percent(stage.count, of: people.arrived),
      ]
    }
    let times = [("In line", people.timeInLine), ("To a seat", people.timeToSeat)]
    return Markup.table(
      "How far people got",
      head: ["Stage", "People", "Of all"],
      rows: people.funnel.map(share),
      empty: "Nobody came."
    )
      + Markup.table(
        "Why those without a seat have none",
        head: ["Reason", "People", "Of all"],
        rows: people.ends.sorted { $0.count > $1.count }.map(share),
        empty: "Everybody has one."
      )
      + Markup.table(
        "Time in line and time to a seat",
        head: ["Time", "Count", "p50", "p90", "p99", "max"],
        rows: times.map { name, histogram in
          [name, histogram.count.grouped]
            + [0.5, 0.9, 0.99].map { Numbers.span(histogram, atShare: $0) }
            + [histogram.isEmpty ? Numbers.none : Numbers.span(histogram.max)]
        },
        empty: ""
      )
  }

  private var marks: String {
    Markup.table(
      "Marks on the time axes",
      head: ["What happened", "At, s"],
      rows: record.marks.sorted { $0.atMs < $1.atMs }.map { mark in
        [mark.text.escaped, Numbers.fixed(Double(mark.atMs) / 1_000, 1)]
      },
      empty: "Nothing was marked."
    )
  }

  /// The comparison with the run before, where there is one.
  var before: String {
    guard let comparison else { return "" }
    let notes = (comparison.notes).map { "<li>\($0.escaped)</li>" }.joined()
    let table = Markup.table(
      "Before and after",
      head: ["Of", "Measure", "Shows", "Before", "After", "Difference", "95 % interval"],
      words: 3,
      rows: comparison.rows.map { row in
        [
          row.subject.escaped, row.measure, row.finding.rawValue, row.before.escaped,
          row.after.escaped, row.differenceText, row.intervalText,
        ]
      },
      empty: "Nothing can be compared."
    )
    return """
      <section id="before" aria-labelledby="before-head">
      <h2 id="before-head">Against the run before</h2>
      <p class="lede">\(comparison.sentence.escaped)</p>
      \(notes.isEmpty ? "" : "<ul class=\"notes\">\(notes)</ul>")
      <figure data-plot="difference"><figcaption><h3>Differences</h3>\
      <p>\(RunComparison.caution.escaped)</p></figcaption><div class="panels"></div></figure>
      \(table)</section>
      """
  }
}
