package import Ledger

/// What goes wrong with a fake store, and when.
package struct FakeFault: Sendable {
  /// The step that fails.
  package enum Step: Sendable, Hashable, CaseIterable {
    case begin
    case load
    case due
    case giveBack
    /// Before any of the batch has happened.
    case commit
    /// When all of it has happened.
    case committed
  }

  package enum Times: Sendable, Hashable {
    case once
    case always
  }

  package let step: Step
  package let failure: StoreFailure
  package let times: Times
  /// Only batches fail that ask for this key or have changed its row: one poisoned command.
  package let key: (any Hashable & Sendable)?

  package init(
    _ step: Step,
    _ failure: StoreFailure,
    _ times: Times = .once,
    onlyWith key: (any Hashable & Sendable)? = nil
  ) {
    if step == .committed, case .rolledBack = failure {
      preconditionFailure("what has happened was not rolled back")
    }
    self.step = step
    self.failure = failure
    self.times = times
    self.key = key
  }
}
