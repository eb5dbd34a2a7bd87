internal import Measuring

/// A run's numbers for spreadsheets: a row for each step, and a row for each window of time.
package struct CSVReport {
  private let record: RunRecord

  /// The numbers of a run.
  package init(_ record: RunRecord) { self.record = record }

  /// A row for each step. Times are in milliseconds, and left empty where too few values lie beyond a
  /// percentile. The last columns count failures: one for each name that any step has.
  package var steps: String {
    let names = Set(record.steps.flatMap { $0.failures.map(\.name) }).sorted()
    var rows = [
      ["name", "method", "count", "rate_per_s"]
        + RunRecord.shares.map { "\($0.name)_ms" }
        + ["max_ms", "service_p50_ms", "service_p99_ms", "service_max_ms"]
        + names.map { "failed_\($0)" }
    ]
    for step in record.steps {
      let seconds = record.secondsCounted
      var row = [step.name, step.method, String(step.response.count)]
      row.append(seconds > 0 ? Numbers.fixed(Double(step.response.count) / seconds, 3) : "")
      row += RunRecord.shares.map { percentile(step.response, $0.share) }
      row += [
        largest(step.response), percentile(step.service, 0.5), percentile(step.service, 0.99),
        largest(step.service),
      ]
      row += names.map { name in
        String(step.failures.filter { $0.name == name }.map(\.count).total)
      }
      rows.append(row)
    }
    return Self.text(rows)
  }

  /// A row for each window of time, with the columns that the run has. A cell is empty where nothing was
  /// heard of what it tells.
  package var timeline: String {
    let columns = record.timeline.columns
    var rows = [["from_ms"] + columns.map(\.name)]
    let filled = columns.map(\.values.count).max() ?? 0
    for window in 0..<max(0, min(record.timeline.windows, filled)) {
      let from = Int64(window) &* record.timeline.windowMs
      rows.append(
        [String(from)]
          + columns.map { column in
            guard column.values.indices.contains(window) else { return "" }
            return column.values[window].map { String($0) } ?? ""
          }
      )
    }
    return Self.text(rows)
  }

  private func percentile(_ histogram: Histogram, _ share: Double) -> String {
    guard histogram.tells(share: share) else { return "" }
    return Numbers.fixed(Double(histogram.value(atShare: share)) / 1e6, 6)
  }

  private func largest(_ histogram: Histogram) -> String {
    histogram.isEmpty ? "" : Numbers.fixed(Double(histogram.max) / 1e6, 6)
  }

  private static func text(_ rows: [[String]]) -> String {
    rows.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
  }

  /// Words that a spreadsheet would take for a formula begin with an apostrophe.
  private static func cell(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
    let text = isFormula ? "'" + text : text
    guard text.contains(where: { "\",\r\n".contains($0) || $0 == "\r\n" }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

extension Timeline {
  /// Every column that has values, and what it is called.
  fileprivate var columns: [(name: String, values: [UInt64?])] {
    var all: [(name: String, values: [UInt64?])] = [
      ("planned", planned), ("arrived", arrived), ("late_max_us", lateMaxUs),
      ("waiting", waiting), ("inside", inside), ("inside_most", insideMost),
      ("admitted", admitted), ("admitted_most", admittedMost), ("left", left), ("missed", missed),
      ("seats_free", seatsFree), ("seats_held", seatsHeld), ("seats_sold", seatsSold),
      ("server_commit_p50_us", server.commitP50Us), ("server_commit_p99_us", server.commitP99Us),
      ("server_batch_most", server.batchMost), ("server_queued", server.queued),
      ("server_memory_bytes", server.memoryBytes), ("server_lag_ms", server.lagMs),
    ]
    for (name, step) in steps.sorted(by: { $0.key < $1.key }) {
      all += [
        ("\(name)_count", step.count), ("\(name)_p50_us", step.p50Us),
        ("\(name)_p99_us", step.p99Us), ("\(name)_max_us", step.maxUs),
        ("\(name)_failed", step.failed),
      ]
    }
    all += answers.sorted { $0.key < $1.key }.map { (name: "answers_\($0.key)", values: $0.value) }
    return all.filter { !$0.values.isEmpty }
  }
}
