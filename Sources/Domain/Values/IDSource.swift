/// Where new identities come from: UUIDs of version 7, which rise with time, so that what is made
/// together lies together in a store.
///
/// It is a value made from a seed: the same seed and time give the same identities.
package struct IDSource: Sendable {
  private var milliseconds: UInt64
  private var counter: UInt64 = 0
  private var state: UInt64

  /// Identities for what happens at `instant`. The seed has to be another for every batch.
  package init(at instant: Instant, seed: UInt64) {
    milliseconds = UInt64(clamping: instant.milliseconds)
    state = seed
  }

  /// The next one, above all before it.
  package mutating func next<Of>(_ type: Of.Type = Of.self) -> ID<Of> {
    if counter == 1 << 12 {
      // RFC 9562 lets the time run ahead of the clock where one millisecond's numbers are used up.
      counter = 0
      milliseconds += 1
    }
    let high = milliseconds << 16 | 7 << 12 | counter
    counter += 1
    return ID(high: high, low: 0b10 << 62 | random() >> 2)
  }

  /// SplitMix64: well mixed from any seed.
  private mutating func random() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
