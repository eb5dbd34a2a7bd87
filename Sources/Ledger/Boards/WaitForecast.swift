internal import Domain

/// How long someone will wait: a range in which nine in ten should find themselves.
package struct WaitForecast: Sendable, Hashable {
  package enum Reason: Sendable, Hashable {
    case notOpenYet, paused, rateLowered, soldOut, peopleStay
  }

  /// Nil where nothing is known that it could be told from.
  package let milliseconds: Range?
  /// Why it is long, or has grown.
  package let reason: Reason?

  /// Nobody waits who comes in at once.
  static let none = WaitForecast(milliseconds: Range(low: 0, likely: 0, high: 0), reason: nil)

  package struct Range: Sendable, Hashable {
    package let low: Int64
    package let likely: Int64
    package let high: Int64
  }
}

/// How fast a gate admits, as far as it was seen lately, or else as its policy lets expect.
struct AdmissionPace {
  /// Admissions in a millisecond.
  let rate: Double
  /// How uneven they come: the variance of counts over their mean; 1 where they come by chance.
  let dispersion: Double
  /// How many admissions this was seen from; 0 where it is only expected.
  let seen: Double

  /// Nil where nothing can be expected.
  init?(of gate: Gate, _ flow: AdmissionFlow, at now: Instant) {
    let recent = flow.recent(since: gate.opened ?? now, at: now)
    if recent.count >= Self.seenMin {
      rate = Double(recent.count) / Double(max(1_000, now.milliseconds(since: recent.since)))
      seen = Double(recent.count)
      dispersion = recent.dispersion
      return
    }
    guard let expected = Self.expected(of: gate.policy) else { return nil }
    rate = expected
    seen = 0
    dispersion = 1
  }

  /// Fewer admissions than these say little.
  private static let seenMin = 5

  /// What the policy alone lets expect: the rate that it allows, and everyone inside for half their
  /// session.
  private static func expected(of policy: GatePolicy) -> Double? {
    var rates: [Double] = []
    if policy.rateCount > 0 {
      rates.append(Double(policy.rateCount) / Double(policy.rateMilliseconds))
    }
    if policy.insideMax > 0 {
      rates.append(Double(policy.insideMax) / (Double(policy.sessionMilliseconds) / 2))
    }
    return rates.min()
  }

  /// How long it takes until so many more are admitted.
  func wait(for admissions: UInt64) -> WaitForecast.Range {
    let count = Double(admissions)
    let likely = count / rate
    // Chance in the admissions to come, and doubt about the rate itself.
    let chance = (count * dispersion).squareRoot() / rate
    let doubt = seen > 0 ? likely * (dispersion / seen).squareRoot() : likely / 2
    let half = 1.645 * (chance * chance + doubt * doubt).squareRoot()
    return WaitForecast.Range(
      low: Self.whole(likely - half),
      likely: Self.whole(likely),
      high: Self.whole(likely + half)
    )
  }

  private static func whole(_ milliseconds: Double) -> Int64 {
    Int64(max(0, min(milliseconds, 4_000_000_000)))
  }
}
