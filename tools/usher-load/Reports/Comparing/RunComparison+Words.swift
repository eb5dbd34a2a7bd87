package import Foundation
internal import Spelling

extension RunComparison {
  /// One sentence: what the comparison shows.
  package var sentence: String {
    if let refusal { return "The runs cannot be compared: \(refusal)." }
    let shown = rows.filter { $0.finding == .more || $0.finding == .less }
    guard !shown.isEmpty else { return "No difference shown." }
    return "\(shown.count.of("difference")) shown, of \(rows.count.of("number")) compared."
  }

  /// What the intervals leave out.
  package static let caution =
    "Each side is one run. An interval, at 95 %, covers the chance within these two runs: which calls "
    + "happened to be slow. It does not cover what changes from one run to the next: what else the "
    + "machine did, what was cached, how the crowd fell. Run each side several times, and compare runs "
    + "of one side too: what differs there is no effect. Nothing is shown where an interval touches the "
    + "noise band: ±\(Numbers.fixed(noisePercent, 0)) %, ±\(Numbers.fixed(noisePoints, 0)) point for "
    + "shares."

  /// The comparison in lines for a terminal.
  package func lines(width: Int = 80) -> [String] {
    let width = max(width, 40)
    var lines = [Self.name(before, "before"), Self.name(after, "after")]
      .flatMap { $0.wrapped(to: width, indent: "        ") }
    lines += sentence.wrapped(to: width)
    lines += notes.flatMap { "note: \($0)".wrapped(to: width, indent: "  ") }
    guard refusal == nil else { return lines }
    var table = TextTable(
      head: ["step", "measure", "before", "after", "difference", "95 % interval", "shows"]
    )
    table.wordColumns = 2
    table.rows = rows.map { row in
      [
        row.subject.printable, row.measure, row.before, row.after, row.differenceText,
        row.intervalText, row.finding.rawValue,
      ]
    }
    return lines + [""] + table.lines + [""] + Self.caution.wrapped(to: width)
  }

  /// The comparison as JSON.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(
      File(
        isComparable: refusal == nil,
        sentence: sentence,
        notes: notes,
        noisePercent: Self.noisePercent,
        noisePoints: Self.noisePoints,
        rows: rows,
        before: Run(before),
        after: Run(after)
      )
    )
  }

  /// What a run is called: its scenario, seed and start, and the server. One that may not be asked what
  /// it is, as in a run of calls, is known by its address.
  private static func name(_ run: RunRecord, _ word: String) -> String {
    let facts = run.facts
    let parts = [
      "\(facts.name.printable) seed \(facts.seed)",
      facts.startedMs > 0 ? Numbers.moment(facts.startedMs) : "",
      (facts.server.isEmpty ? facts.address : facts.server).printable,
    ].filter { !$0.isEmpty }
    return "\(word)  \(parts.joined(separator: ", ")): \(run.headline)"
  }

  private struct File: Encodable {
    var isComparable: Bool
    var sentence: String
    var notes: [String]
    var noisePercent: Double
    var noisePoints: Double
    var rows: [Row]
    var before: Run
    var after: Run
  }

  private struct Run: Encodable {
    var name: String
    var seed: UInt64
    var startedMs: Int64
    var server: String
    var outcome: RunRecord.Outcome

    init(_ run: RunRecord) {
      name = run.facts.name
      seed = run.facts.seed
      startedMs = run.facts.startedMs
      server = run.facts.server
      outcome = run.outcome
    }
  }
}

extension RunComparison.Row {
  private var sign: String { unit == .percent ? " %" : " points" }

  /// `+7.9 %`, or a dash.
  var differenceText: String { difference.map { Numbers.signed($0) + sign } ?? Numbers.none }

  /// `+5.1 to +10.8`, or a dash.
  var intervalText: String {
    guard let low, let high else { return Numbers.none }
    return "\(Numbers.signed(low)) to \(Numbers.signed(high))"
  }
}
