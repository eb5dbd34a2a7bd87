/// A point in the store's time: milliseconds since 1970. Spans of it are half-open.
package struct Instant: Hashable, Comparable, Sendable {
  package let milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package static func < (one: Self, other: Self) -> Bool {
    one.milliseconds < other.milliseconds
  }

  /// The instant this much later; the end of time where that would be past it.
  package func after(milliseconds span: Int64) -> Instant {
    let (sum, overflow) = milliseconds.addingReportingOverflow(span)
    return Instant(milliseconds: overflow ? (span > 0 ? .max : .min) : sum)
  }

  /// How many milliseconds this is after `other`; the most there can be where it is more.
  package func milliseconds(since other: Instant) -> Int64 {
    let (difference, overflow) =
      milliseconds.subtractingReportingOverflow(other.milliseconds)
    return overflow ? (self > other ? .max : .min) : difference
  }
}
