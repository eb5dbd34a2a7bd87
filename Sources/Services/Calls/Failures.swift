internal import Access
internal import Domain
internal import Ledger
internal import RPCCore
internal import UsherAPI
internal import Wire

// The one place where what the ledger and its store say becomes what a caller is told.

extension RPCFailure {
  /// A command that was not done.
  init(_ reason: NotDone) {
    switch reason {
    case .refused(let refusal): self.init(refusal)
    case .deadlinePassed: self.init(.deadlineExceeded, "time ran out before this was begun")
    case .withdrawn: self.init(.cancelled, "the call was cancelled before this was begun")
    }
  }

  /// The domain's no. Its numbers are those of the API's list.
  init(_ refusal: Domain.Refusal) {
    self.init(
      UsherAPI.Refusal(rawValue: refusal.reason.rawValue),
      refusal.detail,
      retryAfterMilliseconds: refusal.retryAfterMilliseconds
    )
  }

  /// A read that failed.
  init(_ failure: StoreFailure) {
    switch failure {
    case .rolledBack(_, let detail), .unreachable(let detail):
      self.init(
        .storeDown,
        "the store cannot be read now",
        retryAfterMilliseconds: 1_000
      )
      cause = Detail(text: detail)
    case .outcomeUnknown(let detail), .lost(let detail):
      self.init(.storeDown, "the store cannot be read", retryAfterMilliseconds: nil)
      cause = Detail(text: detail)
    }
  }

  /// What the log is told and the caller is not.
  private struct Detail: Error {
    let text: String
  }
}
