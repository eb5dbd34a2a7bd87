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
  /// By what factor the rate may be wrong, either way, where nobody has seen it yet.
  private let guess: Double?
  /// Whether not even a least wait is known: people may stay for a moment only.
  private let isGuessedFromStay: Bool
  /// How uneven they come: the variance of counts over their mean; 1 where they come by chance.
  private let dispersion: Double
  /// How many admissions this was seen from.
  private let seen: Double
  /// For how long nobody comes in at a time, since as many came together as may in so long.
  private let grain: Double
  /// Which part of itself a pace may change by while someone waits, for reasons that nobody knows: people
  /// stay longer, seats come back. A pace that was seen for a short while may be that of a beginning.
  private let drift: Double

  /// Nil where nothing can be expected. `limit` is what holds the line back now.
  init?(of gate: Gate, _ flow: AdmissionFlow, heldBackBy limit: Room.Limit, at now: Instant) {
    let recent = flow.pace(at: now)
    let allowed = Self.allowed(by: gate.policy)
    grain = limit == .rate ? Double(gate.policy.rateMilliseconds) : 0
    seen = Double(recent.count)
    dispersion = recent.dispersion
    // Those who leave first stayed short: a cap's pace is that of all only after a while.
    let settled = Double(limit == .inside ? 30_000 : 10_000)
    drift = 0.1 * (1 + min(5, settled / Double(max(1_000, recent.milliseconds))))
    if recent.count >= Self.seenMin {
      let seenRate = seen / Double(max(1_000, recent.milliseconds))
      // However fast the line moved before, it moves no faster than it may.
      rate = min(seenRate, allowed ?? seenRate)
      guess = nil
      isGuessedFromStay = false
    } else if limit == .rate || gate.policy.insideMax == 0, let allowed {
      // Others may stay too long for it.
      rate = allowed
      guess = 2
      isGuessedFromStay = false
    } else if gate.policy.insideMax > 0 {
      // Nobody knows yet how long people stay: from a moment to their whole session, and that is wide.
      let stay = Double(gate.policy.sessionMilliseconds) / Self.stayGuess
      rate = min(Double(gate.policy.insideMax) / stay, allowed ?? .infinity)
      guess = Self.stayGuess
      isGuessedFromStay = true
    } else {
      return nil
    }
  }

  /// Fewer admissions than these say little.
  private static let seenMin = 5
  /// The part of a session that people are taken to stay as long as none was seen to leave; it is
  /// between the whole and the same part of that part.
  private static let stayGuess = 6.0

  /// The rate that a policy sets; nil where it sets none.
  static func allowed(by policy: GatePolicy) -> Double? {
    guard policy.rateCount > 0, policy.rateMilliseconds > 0 else { return nil }
    return Double(policy.rateCount) / Double(policy.rateMilliseconds)
  }

  /// How long it takes until so many more are admitted.
  func wait(for admissions: UInt64) -> WaitForecast.Range {
    let count = Double(admissions)
    let likely = count / rate
    if let guess {
      return WaitForecast.Range(
        low: isGuessedFromStay ? 0 : Self.whole(likely / guess - grain),
        likely: Self.whole(likely),
        high: Self.whole(likely * guess + grain)
      )
    }
    // Chance in the admissions to come, doubt about the rate itself, and that it may change.
    let chance = (count * dispersion).squareRoot() / rate
    let doubt = likely * (dispersion / seen).squareRoot()
    let change = likely * drift
    let half = 1.645 * (chance * chance + doubt * doubt + change * change).squareRoot()
    return WaitForecast.Range(
      low: Self.whole(likely - half - grain),
      likely: Self.whole(likely),
      high: Self.whole(likely + half + grain)
    )
  }

  private static func whole(_ milliseconds: Double) -> Int64 {
    Int64(max(0, min(milliseconds, 4_000_000_000)))
  }
}
