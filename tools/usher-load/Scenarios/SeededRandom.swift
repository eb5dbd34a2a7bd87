/// Numbers that look drawn and follow from a seed alone, so that a run can be repeated.
///
/// Each person and each part of a plan draws from a sequence of its own: what one of them does changes
/// nothing for the others, in whatever order they come and on whichever worker.
public struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  /// The sequence of `seed`, or of the part of it that has that number.
  public init(seed: UInt64, part: UInt64 = 0) {
    // Mixed first, so that neighbouring parts share nothing.
    state = Self.mix(seed &+ Self.mix(part &+ Self.step))
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= Self.step
    return Self.mix(state)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// A share from 0 to below 1.
  public mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Whether something that happens in this share of all cases does in this one.
  public mutating func happens(_ share: Double) -> Bool { self.share() < share }
}
