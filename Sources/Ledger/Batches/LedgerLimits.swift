/// How much a ledger takes at once.
package struct LedgerLimits: Sendable, Hashable {
  /// Commands that may wait inside; more are refused.
  package var insideMax = 16_384
  /// Commands that may wait at the door; more are refused.
  package var doorMax = 16_384
  /// Commands of one batch.
  package var batchMax = 512
  /// Holds that are lapsed at the start of one batch.
  package var lapsesPerBatchMax = 512
  /// Rows that are remembered from one batch to the next.
  package var rowsKeptMax = 200_000
  /// Times that a batch is tried again after others were in its way.
  package var triesMax = 3
  /// A gap in time longer than this was an outage, which is given back.
  package var outageMilliseconds: Int64 = 5_000

  package static let defaults = LedgerLimits()

  package init() {}
}
