/// A point on a loop's own clock, which never goes back. Only moments of one loop can be compared.
public struct Moment: Sendable, Hashable, Comparable {
  /// Nanoseconds since a start that is the loop's own.
  public let nanoseconds: Int64

  /// The moment that many nanoseconds after the loop's own start.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Whether `left` comes before `right`.
  public static func < (left: Moment, right: Moment) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The moment that much later; the end of time where that would be beyond it.
  public static func + (moment: Moment, duration: Duration) -> Moment {
    moment + Wait(duration)
  }

  /// The moment that much later; the end of time where that would be beyond it.
  static func + (moment: Moment, wait: Wait) -> Moment {
    let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(wait.nanoseconds)
    return Moment(nanoseconds: overflow ? .max : sum)
  }

  /// How much time lies between two moments.
  public static func - (later: Moment, earlier: Moment) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }
}

/// A duration that is added to a moment with every read or call. The library's own counts in 128
/// bits, and dividing those takes longer than all else that such a sum is for.
struct Wait: Comparable {
  let nanoseconds: Int64

  init(_ duration: Duration) { nanoseconds = duration.wholeNanoseconds }

  static func < (left: Wait, right: Wait) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
  /// The duration in nanoseconds, as far as they can be counted in 64 bits.
  public var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, overflow2) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow2 ? (seconds < 0 ? .min : .max) : sum
  }
}
