/// How an adaptive rate moves: up by little steps while the ledger keeps up, down by a fifth as soon as
/// it does not, so that it settles just below what the server can bear.
package struct AdaptiveRate: Sendable, Hashable {
  /// What the ledger measures of itself.
  package struct Load: Sendable, Hashable {
    /// How long a command waits and is decided and committed, for all but one in a hundred.
    package let p99Milliseconds: Int64
    /// Commands that wait.
    package let waiting: Int

    package init(p99Milliseconds: Int64, waiting: Int) {
      self.p99Milliseconds = p99Milliseconds
      self.waiting = waiting
    }
  }

  package let count: UInt32
  /// Why it is that, for whoever asks.
  package let reason: String

  /// The rate that follows `current` under that load; nil where it stays.
  package init?(after current: UInt32, _ policy: GatePolicy.Adaptive, _ load: Load) {
    let measured = "p99 \(load.p99Milliseconds) ms, \(load.waiting) waiting"
    if load.p99Milliseconds > policy.targetMilliseconds {
      count = max(policy.floor, current - min(current, max(1, current / 5)))
      reason = "\(measured): over the target of \(policy.targetMilliseconds) ms"
    } else {
      let step = max(1, (policy.ceiling - policy.floor) / 20)
      let (sum, overflow) = current.addingReportingOverflow(step)
      count = min(policy.ceiling, overflow ? .max : sum)
      reason = "\(measured): within the target of \(policy.targetMilliseconds) ms"
    }
    if count == current { return nil }
  }
}
