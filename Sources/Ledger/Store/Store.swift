package import Domain

/// Where everything is kept. One ledger owns it and runs one batch after the other.
///
/// A batch is ``begin()``, any number of loads, and ``commit(_:)`` or ``rollBack()``. Between begin
/// and its end nobody else, in this process or another, runs a batch on the same database. A store
/// is used from one place at a time and may block its caller, who is on a thread made for that.
package protocol Store: AnyObject {
  /// Opens a transaction and locks the head. Where the database was lost it is found again here.
  func begin() async throws(StoreFailure) -> LockedHead

  /// Gives `rows` every row, group and front of a queue that it wants.
  func load(_ rows: inout WorkingSet) async throws(StoreFailure)

  /// The rows of a queue that stand at `place` or behind it, in order, at most `max`.
  func rows<Element: StoredRow>(
    of queue: Element.Queue,
    from place: Int64,
    max: Int
  ) async throws(StoreFailure) -> [Element]

  /// Holds that are still pending and whose time is over, those first that ended first.
  func due(at now: Instant, max: Int) async throws(StoreFailure) -> [Reservation.Key]

  /// Adds `milliseconds` to the time of every hold that lived at `instant`, of its seat too, and of
  /// every ticket that time would have ended after it. Past the end of time it is the end of time.
  func giveBack(
    milliseconds: Int64,
    toWhatLivedAt instant: Instant
  ) async throws(StoreFailure) -> GivenBack

  /// Saves the changes, appends to the log with the batch's seal, moves the head and commits. Once it returns all of it is
  /// durable. Where it throws, the batch has ended too.
  func commit(_ batch: Batch) async throws(StoreFailure)

  /// Ends the transaction as if it had never begun. Does nothing where there is none.
  func rollBack() async

  /// Puts everything away. The last thing that is called.
  func close() async
}

/// How many were given time back.
package struct GivenBack: Sendable, Hashable {
  package let tickets: UInt64
  package let holds: UInt64

  package init(tickets: UInt64, holds: UInt64) {
    self.tickets = tickets
    self.holds = holds
  }
}

/// What a batch leaves behind.
package struct Batch: Sendable {
  /// The rows that it worked on; those that were changed are saved.
  package var rows: WorkingSet
  /// The new end of the log.
  package let head: Head
  /// What happened, encoded, in order; the last one's offset is the head's.
  package let log: [[UInt8]]
  /// What makes its events provable; nil where it has none.
  package let seal: Seal?
  /// Records of idempotency keys that were made before this are forgotten, some at a time.
  package let forgetRepeatsBefore: Instant

  package init(
    rows: WorkingSet,
    head: Head,
    log: [[UInt8]],
    seal: Seal? = nil,
    forgetRepeatsBefore: Instant
  ) {
    self.rows = rows
    self.head = head
    self.log = log
    self.seal = seal
    self.forgetRepeatsBefore = forgetRepeatsBefore
  }
}
