/// What can go wrong between a ledger and its store, told apart by what is known of the batch.
package enum StoreFailure: Error, Sendable, Hashable {
  /// Nothing of the batch has happened, for sure; the next one may succeed.
  case rolledBack(Cause, String)
  /// The store cannot be reached. Nothing of the batch has happened.
  case unreachable(String)
  /// The batch may or may not have happened, and there was no time left to find out.
  case outcomeUnknown(String)
  /// The store can no longer be trusted with anything: it stops for good.
  case lost(String)

  /// Why a batch was rolled back.
  package enum Cause: Sendable, Hashable {
    /// There is no room to write.
    case full
    /// Someone else was in the way.
    case conflict
    /// This batch, or something in it, cannot be saved.
    case refused
  }
}
