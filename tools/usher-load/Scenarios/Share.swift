/// A part of a whole, from nothing to all of it, in millionths: `10%` is exactly that and stays it.
public struct Share: Sendable, Hashable, Comparable {
  /// How many of a million.
  public let millionths: UInt32

  /// So many of a million; nil where that is more than all.
  public init?(millionths: UInt32) {
    guard millionths <= Self.whole else { return nil }
    self.millionths = millionths
  }

  /// So many of a hundred; more than all is all.
  public static func percent(_ percent: UInt32) -> Share {
    Share(unchecked: min(percent, 100) * (whole / 100))
  }

  /// Nothing.
  public static let none = Share(unchecked: 0)
  /// The whole.
  public static let all = Share(unchecked: whole)

  /// From 0 to 1.
  public var fraction: Double { Double(millionths) / Double(Self.whole) }

  /// Whether the one is less of the whole.
  public static func < (left: Share, right: Share) -> Bool { left.millionths < right.millionths }

  private static let whole: UInt32 = 1_000_000

  private init(unchecked millionths: UInt32) { self.millionths = millionths }
}
