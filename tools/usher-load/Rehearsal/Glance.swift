/// What can be seen of a run at a moment.
package struct Glance: Sendable {
  package let seconds: Double
  package let results: Results
  /// How the sale goes; nil where there are only calls.
  package let sale: Sale?
  /// All that there is of the run so far, for whoever cannot wait for its end.
  package let soFar: @Sendable () -> Rehearsed

  /// How a sale goes, by its log.
  package struct Sale: Sendable {
    package let waiting: UInt64
    package let inside: UInt64
    package let admitted: UInt64
    package let held: UInt64
    package let sold: UInt64
    package let seats: UInt64
    /// The promises about gates, of which the log tells while it grows.
    package let judgements: [Judgement]
    /// When the server was silent so far, and when it answered again.
    package let silences: [Results.Mark]
  }
}
