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
  /// A draw that a batch wants.
  func draw(for key: Draws.Key) -> DrawState
}

extension LedgerFollower {
  /// Whoever only listens draws nothing.
  package func draw(for key: Draws.Key) -> DrawState { .unknown }
}

/// How far a draw has come that a batch wants.
package enum DrawState: Sendable {
  case made(Draw)
  /// It takes a while, in which the gate lets nobody in, and all else goes on.
  case making
  /// Nobody else makes it: it is made of what the store has, and the batch waits.
  case unknown
}
