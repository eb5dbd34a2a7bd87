internal import Crypto
internal import Foundation

/// A run as one page that needs nothing else: it opens from a disk, prints, and has the data inside.
///
/// What is told in words and tables is in the page's text. Plots are drawn from the data by the page's
/// own script; the page's policy lets no other script run, and nothing be fetched.
package struct HTMLReport {
  let record: RunRecord
  /// What the run is compared with.
  let comparison: RunComparison?

  /// The page of a run, compared with one `before` it if there is such.
  package init(_ record: RunRecord, before: RunRecord? = nil) {
    self.record = record
    comparison = before.map { RunComparison($0, record) }
  }

  /// The page.
  package var html: String {
    get throws {
      let style = Self.text(PackageResources.style_css)
      let script = Self.script
      let json = String(decoding: try record.json(), as: UTF8.self)
      return Markup.fill(
        Self.text(PackageResources.page_html),
        [
          "policy": Self.policy(style: style, script: script), "title": title.escaped,
          "style": style, "script": script, "record": Markup.script(json),
          "comparison": Markup.script(try comparisonJSON), "head": head, "figures": figures,
          "audit": audit, "goals": goals, "facts": facts, "generator": generator,
          "before": before,
          "before-link": comparison == nil ? "" : "<li><a href=\"#before\">Before</a></li>\n",
          "tables": tables, "believable": record.isBelievable ? "yes" : "no",
          "doubt": doubt, "crowd": hasCrowd ? "" : " hidden", "file": fileName.escaped,
        ]
      )
    }
  }

  /// The script is in parts that each fit a screen or two; on the page it is one.
  private static var script: String {
    let parts = [
      PackageResources.numbers_js, PackageResources.draw_js, PackageResources.time_js,
      PackageResources.crowd_js, PackageResources.calls_js, PackageResources.seats_js,
      PackageResources.start_js,
    ]
    return "(() => {\n\"use strict\";\n" + parts.map(text).joined(separator: "\n") + "})();"
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Only this style and this script count, whatever else came onto the page.
  private static func policy(style: String, script: String) -> String {
    func hash(_ text: String) -> String {
      "'sha256-\(Data(SHA256.digest(of: text)).base64EncodedString())'"
    }
    return "default-src 'none'; base-uri 'none'; form-action 'none'; "
      + "style-src \(hash(style)); script-src \(hash(script))"
  }

  private var title: String {
    "\(record.headline.capitalized): \(record.facts.name.isEmpty ? "a run" : record.facts.name)"
  }

  /// Whether there is anything to show of a line and a sale: a run of calls alone has neither.
  private var hasCrowd: Bool {
    let timeline = record.timeline
    return record.people != nil || !timeline.waiting.isEmpty || !timeline.inside.isEmpty
      || !timeline.seatsSold.isEmpty
  }

  /// What the record is called when it is saved from the page.
  private var fileName: String {
    let plain = record.facts.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    return "\(plain.isEmpty ? "run" : String(plain))-\(record.facts.seed).json"
  }

  /// The comparison, and the latencies of the run before for those who draw both.
  private var comparisonJSON: String {
    get throws {
      guard let comparison, comparison.refusal == nil else { return "null" }
      let before = RunRecord(facts: .init(), outcome: comparison.before.outcome, sentence: "")
        .with(steps: comparison.before.steps)
      return "{\"comparison\":\(String(decoding: try comparison.json(), as: UTF8.self)),"
        + "\"before\":\(String(decoding: try before.json(), as: UTF8.self))}"
    }
  }
}

extension RunRecord {
  fileprivate func with(steps: [StepRecord]) -> RunRecord {
    var record = self
    record.steps = steps
    return record
  }
}
