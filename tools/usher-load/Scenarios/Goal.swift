/// Something that a run is to reach: `p99(hold)<50ms`.
public struct Goal: Sendable, Hashable {
  /// As it was given.
  public let text: String
  /// What is measured.
  public let measure: Measure
  /// Which step it is measured of; nil: of all there is.
  public let subject: String?
  /// How what is measured has to compare with ``bound``.
  public let comparison: Comparison
  /// What it is compared with: nanoseconds, a share from 0 to 1, a rate a second, or a count.
  public let bound: Double

  /// What is measured.
  public enum Measure: Sendable, Hashable {
    /// In nanoseconds: so many of a hundred took no longer.
    case percentile(Double)
    /// In nanoseconds.
    case max
    /// From 0 to 1: the part of the calls that failed as they should not.
    case errors
    /// A second: what was answered in OK.
    case rate
    /// From 0 to 1: the part of the promised waits that were kept.
    case kept
    /// Seats.
    case sold
  }

  /// How a value compares with a bound.
  public enum Comparison: String, Sendable, Hashable, CaseIterable {
    case less = "<"
    case atMost = "<="
    case more = ">"
    case atLeast = ">="
    case equal = "="
  }
}
