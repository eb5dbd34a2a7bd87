package import Domain

/// What a ledger is made with beside its store: every source of time and chance, and every limit.
package struct LedgerOptions: Sendable {
  package var rules: Rules
  package var limits: LedgerLimits
  /// A clock that never goes back, for deadlines and measures.
  package var monotonicNanoseconds: @Sendable () -> Int64
  /// Another number for every batch.
  package var seed: @Sendable () -> UInt64
  /// A secret that nobody can guess, for the key of receipts, where the store has none yet.
  package var receiptSecret: @Sendable () -> [UInt8]

  package init(
    rules: Rules = .defaults,
    limits: LedgerLimits = .defaults,
    monotonicNanoseconds: @escaping @Sendable () -> Int64,
    seed: @escaping @Sendable () -> UInt64,
    receiptSecret: @escaping @Sendable () -> [UInt8]
  ) {
    self.rules = rules
    self.limits = limits
    self.monotonicNanoseconds = monotonicNanoseconds
    self.seed = seed
    self.receiptSecret = receiptSecret
  }
}

/// Whoever wants to know what was committed. Called by the worker, between two batches, so it has to
/// be quick.
package protocol LedgerFollower: Sendable {
  /// A batch was committed. Called before its callers are told.
  func committed(_ events: [LoggedEvent], encoded: [[UInt8]], head: Head)
  /// The store failed, and the callers of a batch are told so.
  func storeFailed(_ failure: StoreFailure)
}
