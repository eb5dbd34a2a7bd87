/// Why a decision stopped short of an outcome.
package enum Interruption: Error, Hashable, Sendable {
  /// The answer is no, and nothing has changed.
  case refused(Refusal)
  /// It needs rows that are not loaded; their tables know which. It will be decided again.
  case missing

  /// A refusal.
  package static func no(_ reason: Refusal.Reason, _ detail: String) -> Interruption {
    .refused(Refusal(reason, detail))
  }
}
