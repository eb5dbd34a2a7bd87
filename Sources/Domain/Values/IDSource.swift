/// Where new identities come from: UUIDs of version 7, which rise with time, so that what is made
/// together lies together in a store.
///
/// They rise from one batch to the next too, however many there are in a millisecond, so that the
/// order of a user's rows is the order in which they were made. It is a value made from a seed: the
/// same seed, batch and time give the same identities.
package struct IDSource: Sendable {
  private var milliseconds: UInt64
  private let batch: UInt64
  private var counter: UInt64 = 0
  private var state: UInt64

  /// How many of a batch's identities hold its time; those after them are of the millisecond after.
  private static let counted: UInt64 = 1 << 16

  /// Identities for what batch number `batch` makes at `instant`. The seed has to be another for
  /// every batch.
  package init(at instant: Instant, batch: UInt64, seed: UInt64) {
    milliseconds = UInt64(clamping: instant.milliseconds)
    self.batch = batch
    state = seed
  }

  /// The next one, above all before it.
  package mutating func next<Of>(_ type: Of.Type = Of.self) -> ID<Of> {
    if counter == Self.counted {
      // RFC 9562 lets the time run ahead of the clock where one millisecond's numbers are used up.
      counter = 0
      milliseconds += 1
    }
    // The batch's last 28 bits stand on both sides of the version and the variant.
    let high = milliseconds << 16 | 7 << 12 | batch >> 16 & 0xFFF
    let low = 0b10 << 62 | (batch & 0xFFFF) << 46 | counter << 30 | random() >> 34
    counter += 1
    return ID(high: high, low: low)
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
