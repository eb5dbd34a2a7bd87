internal import Foundation
internal import Measuring

/// What was estimated, and the interval that holds the truth in 95 of 100 runs of this kind.
struct Estimate {
  let value: Double
  let low: Double
  let high: Double

  /// The normal distribution's bound for 95 %.
  static let z = 1.959964

  /// A percentile of what a histogram is a sample of.
  ///
  /// The ranks of the bounds follow from the binomial distribution, whatever the values are
  /// distributed like. Nil where fewer than ten values lie on either side.
  init?(_ histogram: Histogram, share: Double) {
    let count = Double(histogram.count)
    guard histogram.tells(share: share), count * share >= Double(Histogram.beyondMin)
    else { return nil }
    let spread = Self.z * (count * share * (1 - share)).squareRoot()
    value = Double(histogram.value(atShare: share))
    low = Double(histogram.value(atShare: max(0, (count * share - spread) / count)))
    high = Double(histogram.value(atShare: min(1, (count * share + spread + 1) / count)))
  }

  /// Something counted, over a time. Nil where too little was.
  init?(rate count: UInt64, seconds: Double) {
    guard count >= Histogram.beyondMin, seconds > 0 else { return nil }
    let spread = exp(Self.z / Double(count).squareRoot())
    value = Double(count) / seconds
    low = value / spread
    high = value * spread
  }

  /// A share of cases, after Wilson. Nil where there are none.
  init?(share part: UInt64, of whole: UInt64) {
    guard whole > 0 else { return nil }
    let count = Double(whole)
    let share = Double(part) / count
    let square = Self.z * Self.z
    let middle = (share + square / (2 * count)) / (1 + square / count)
    let inner = share * (1 - share) / count + square / (4 * count * count)
    let spread = Self.z / (1 + square / count) * inner.squareRoot()
    value = share
    low = max(0, middle - spread)
    high = min(1, middle + spread)
  }

  private init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }

  /// How much `after` is more than `before`. Each bound combines the distances of both estimates to
  /// their bounds, as independent errors add up.
  static func difference(_ before: Estimate, _ after: Estimate) -> Estimate {
    let value = after.value - before.value
    let down = hypot(after.value - after.low, before.high - before.value)
    let up = hypot(after.high - after.value, before.value - before.low)
    return Estimate(value: value, low: value - down, high: value + up)
  }

  /// How many times `before` is in `after`, less one; nil where either is nothing.
  static func growth(_ before: Estimate, _ after: Estimate) -> Estimate? {
    guard before.low > 0, after.low > 0 else { return nil }
    let grown = difference(before.logarithm, after.logarithm)
    return Estimate(
      value: exp(grown.value) - 1,
      low: exp(grown.low) - 1,
      high: exp(grown.high) - 1
    )
  }

  private var logarithm: Estimate {
    Estimate(value: log(value), low: log(low), high: log(high))
  }
}
