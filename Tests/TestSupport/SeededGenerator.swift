/// Random numbers that a seed repeats (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The numbers of that seed.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension SeededGenerator {
  /// One of `range`.
  public mutating func draw(from range: Range<Int>) -> Int { .random(in: range, using: &self) }

  /// One of `range`.
  public mutating func draw(from range: ClosedRange<Int>) -> Int {
    .random(in: range, using: &self)
  }

  /// Whether something happens that happens once in `count` times.
  public mutating func isOne(in count: Int) -> Bool { draw(from: 0..<count) == 0 }

  /// `count` random bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
