internal import Glibc

/// Ranks from 0, of which each is drawn less often than the one before: the k-th, counted from 1, about
/// as `1 / k^exponent`. What is between two ranks goes to the lower, so that drawing takes no table.
struct Zipf {
  let count: Int
  let exponent: Double

  /// The rank that so much of all draws stay below.
  func rank(at share: Double) -> Int {
    let end = Double(count) + 1
    let power = 1 - exponent
    let place =
      abs(power) < 1e-9
      ? pow(end, share)
      : pow(1 + share * (pow(end, power) - 1), 1 / power)
    guard place.isFinite else { return 0 }
    return min(max(Int(place.rounded(.down)) - 1, 0), count - 1)
  }
}
