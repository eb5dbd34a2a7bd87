internal import Synchronization

/// All seats of the hall in an order that looks random, each dealt once, so that no two callers ask
/// for the same by chance and what is counted are holds.
final class SeatDeck: Sendable {
  private let count: UInt64
  private let bits: UInt64
  private let next = Atomic<UInt64>(0)

  init(count: Int) {
    self.count = UInt64(count)
    bits = UInt64(max(2, UInt64.bitWidth - (self.count - 1).leadingZeroBitCount))
  }

  /// The next seat; nil when all were dealt.
  func deal() -> Int? {
    while true {
      let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard place < 1 << bits else { return nil }
      let seat = mix(place)
      if seat < count { return Int(seat) }
    }
  }

  private static let oddFactors: [UInt64] = [
    0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB,
  ]

  /// Multiplying by what is odd, and folding the high half into the low, can both be taken back, so
  /// that no two places give one seat.
  private func mix(_ place: UInt64) -> UInt64 {
    let mask: UInt64 = 1 << bits - 1
    var value = place
    for factor in Self.oddFactors {
      value = (value &* factor) & mask
      value ^= value >> ((bits + 1) / 2)
    }
    return value
  }
}
