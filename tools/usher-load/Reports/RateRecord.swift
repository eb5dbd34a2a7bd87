package import Measuring
internal import Spelling

/// What was answered while the plan had calls begin at one rate.
///
/// An answer belongs to the window in which it came: where a server falls behind, it may be to a call
/// that began at the rate before.
package struct RateRecord: Codable, Sendable {
  /// The windows that lie wholly within that time, in milliseconds since the start.
  package var fromMs: Int64
  package var toMs: Int64
  /// Calls that were to begin in them.
  package var planned: UInt64
  /// Calls that were answered in OK in them, from the planned moment.
  package var response: Histogram
  /// Calls that failed in them.
  package var errors: UInt64

  package init(
    fromMs: Int64,
    toMs: Int64,
    planned: UInt64,
    response: Histogram,
    errors: UInt64
  ) {
    self.fromMs = fromMs
    self.toMs = toMs
    self.planned = planned
    self.response = response
    self.errors = errors
  }

  /// How long that was.
  var seconds: Double { (Double(toMs) - Double(fromMs)) / 1_000 }
}

extension RunRecord {
  /// What the table of the rates shows.
  static let rateHead = [
    "from, s", "to, s", "planned per s", "OK per s", "p50", "p99", "max", "errors",
  ]

  /// What the numbers of the table are.
  static let rateNote =
    "Answers in OK, in ms from the planned moment and to within 1.6 %, by when they came: where a server "
    + "falls behind, some are to calls that began at the rate before."

  /// A row for each rate of the plan; none where it has but one, of which the steps tell all.
  ///
  /// - Parameter told: Makes of a latency what is shown of it.
  func rateRows(told: (String) -> String = { $0 }) -> [[String]] {
    guard rates.count > 1 else { return [] }
    return rates.map { rate in
      let times = rate.response
      return [
        Numbers.fixed(Double(rate.fromMs) / 1_000, 1), Numbers.fixed(Double(rate.toMs) / 1_000, 1),
        Numbers.rate(rate.planned, seconds: rate.seconds),
        Numbers.rate(times.count, seconds: rate.seconds),
        told(Numbers.milliseconds(times, atShare: 0.5)),
        told(Numbers.milliseconds(times, atShare: 0.99)),
        told(times.isEmpty ? Numbers.none : Numbers.milliseconds(times.max)), rate.errors.grouped,
      ]
    }
  }
}
