/// How many have come by when, where the rate is a straight line: the integral of the rate, and its
/// inverse. Times are in seconds from the beginning.
struct ArrivalCurve: Sendable, Hashable {
  let from: Double
  let to: Double
  let seconds: Double

  /// A line of rates and a time that are within bounds; what is not is brought there.
  init(from: Double, to: Double, for time: Duration) {
    self.from = Self.bounded(from)
    self.to = Self.bounded(to)
    seconds = time.planSeconds
  }

  /// How many come in all.
  var total: Double { (from + to) / 2 * seconds }

  /// How many have come by then.
  func amount(by time: Double) -> Double {
    guard seconds > 0 else { return 0 }
    let time = min(max(time, 0), seconds)
    return time * (from + (to - from) * time / (2 * seconds))
  }

  /// When that many have come.
  func time(of amount: Double) -> Double {
    guard amount > 0 else { return 0 }
    let slope = seconds > 0 ? (to - from) / seconds : 0
    // The root of the integral, written so that nothing cancels where the slope is small.
    let root = max(from * from + 2 * slope * amount, 0).squareRoot()
    let time = 2 * amount / (from + root)
    return time.isFinite ? min(time, seconds) : seconds
  }

  static func bounded(_ rate: Double) -> Double {
    rate.isFinite ? min(max(rate, 0), ArrivalStage.rateMax) : 0
  }
}
