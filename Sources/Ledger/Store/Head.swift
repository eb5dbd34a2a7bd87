package import Domain

/// Where the log ends: the one row that every batch locks first.
package struct Head: Sendable, Hashable {
  /// The log's life: another after a restore or a fail-over.
  package var epoch: UInt64
  /// The last event's number; 0 before the first.
  package var offset: UInt64
  /// How many batches were committed. Whoever finds it as they left it knows that nobody has changed
  /// anything since.
  package var batch: UInt64
  /// The time of the last batch. It never goes back.
  package var time: Instant
  /// What the chain of all batches that logged anything has come to: see ``Seal``.
  package var hash: [UInt8]

  /// What the chain begins with.
  package static let firstHash = [UInt8](repeating: 0, count: Seal.hashBytes)

  package init(epoch: UInt64, offset: UInt64, batch: UInt64, time: Instant, hash: [UInt8]) {
    self.epoch = epoch
    self.offset = offset
    self.batch = batch
    self.time = time
    self.hash = hash
  }
}

/// The head as a batch finds it once it has locked it.
package struct LockedHead: Sendable, Hashable {
  package let head: Head
  /// The store's own clock, read after the head was locked.
  package let clock: Instant

  package init(head: Head, clock: Instant) {
    self.head = head
    self.clock = clock
  }
}
