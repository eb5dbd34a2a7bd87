package import Domain
package import Ledger

/// What goes wrong in a sale behind the audit's back: in what the domain is told, in what it tells, or
/// in the store.
package struct Tampering: Sendable {
  /// The policy that the domain works by, where it is not what the audit is told.
  package var policy: (@Sendable (GatePolicy) -> GatePolicy)?
  /// What an operator does, as the domain hears it.
  package var action: (@Sendable (ChangeGate.Action) -> ChangeGate.Action)?
  /// The log as the audit reads it.
  package var events: (@Sendable ([LoggedEvent]) -> [LoggedEvent])?
  /// The store, as whoever starts anew finds it.
  package var restart: (@Sendable (RowStore) -> Void)?
  /// The store after each batch.
  package var commit: (@Sendable (RowStore) -> Void)?
  /// Whether the audit sees the store and boards, or the log alone.
  package var showsRows = true

  package init() {}

  package static let none = Tampering()
}
