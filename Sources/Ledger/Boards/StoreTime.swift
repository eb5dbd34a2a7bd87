package import Domain
internal import Threads

/// The store's time between batches, told from the last reading and a clock that never goes back.
package final class StoreTime: Sendable {
  /// The store's clock and the monotonic one, read together.
  package struct Reading: Sendable, Hashable {
    package let store: Instant
    package let monotonicNanoseconds: Int64

    package init(store: Instant, monotonicNanoseconds: Int64) {
      self.store = store
      self.monotonicNanoseconds = monotonicNanoseconds
    }
  }

  private let reading: Guarded<Reading>
  private let monotonicNanoseconds: @Sendable () -> Int64

  package init(_ first: Reading, monotonicNanoseconds: @escaping @Sendable () -> Int64) {
    reading = Guarded(first)
    self.monotonicNanoseconds = monotonicNanoseconds
  }

  /// The store's time now, as far as can be told from here. It never goes back.
  package var now: Instant {
    let monotonic = monotonicNanoseconds()
    return reading.withLock { Self.extend($0, to: monotonic) }
  }

  /// Takes the store's time as a batch that was just committed has it.
  package func read(_ store: Instant) {
    read(Reading(store: store, monotonicNanoseconds: monotonicNanoseconds()))
  }

  /// Takes a new reading.
  package func read(_ new: Reading) {
    reading.withLock { reading in
      let expected = Self.extend(reading, to: new.monotonicNanoseconds)
      reading = Reading(
        store: max(expected, new.store),
        monotonicNanoseconds: new.monotonicNanoseconds
      )
    }
  }

  private static func extend(_ reading: Reading, to monotonic: Int64) -> Instant {
    let passed = max(0, monotonic - reading.monotonicNanoseconds)
    return reading.store.after(milliseconds: passed / 1_000_000)
  }
}
