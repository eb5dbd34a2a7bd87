package import Domain

/// Reads what was committed, beside the ledger and without holding it up.
package protocol StoreReader: Sendable {
  /// Runs `body` on a thread of the reader's, with one consistent state of everything.
  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer

  /// Keeps one state to be read from several times. Whoever holds one has to end it, soon.
  func hold() async throws(StoreFailure) -> any HeldSnapshot

  /// Waits until more than `batch` batches were committed, by anyone, or for this long. Whoever read
  /// a head hands in its batch, so that no commit between the read and the wait is missed.
  func waitForCommit(after batch: UInt64, atMost time: Duration) async

  /// Puts everything away.
  func close() async
}

/// One state of everything, as of the end of a batch.
package protocol Snapshot {
  var head: Head { get }

  /// The row with this key; nil if there is none.
  func row<Element: StoredRow>(_ key: Element.Key) throws(StoreFailure) -> Element?

  /// All rows of a group.
  func rows<Element: StoredRow>(groupOf group: Element.Group) throws(StoreFailure) -> [Element]

  /// The rows after `key` in the order of their keys' columns; from the first where it is nil.
  func page<Element: StoredRow>(
    after key: Element.Key?,
    max: Int
  ) throws(StoreFailure) -> [Element]

  /// A user's rows, newest first, from the one before `id`.
  func newest<Element: OwnedRow>(
    of user: UserID,
    before id: ID<Element>?,
    state: Int64?,
    max: Int
  ) throws(StoreFailure) -> [Element]

  /// Events of the log from `offset`, encoded.
  func log(from offset: UInt64, max: Int) throws(StoreFailure) -> [[UInt8]]

  /// The first seal of a batch whose events end at `offset` or behind it.
  func seal(endingAtOrAfter offset: UInt64) throws(StoreFailure) -> Seal?
}

extension Snapshot {
  /// The seal of the batch that logged the event at `offset`; nil where there is none, as of events
  /// that are older than seals.
  package func seal(of offset: UInt64) throws(StoreFailure) -> Seal? {
    guard let seal = try seal(endingAtOrAfter: offset), seal.offsets.contains(offset) else {
      return nil
    }
    return seal
  }
}

/// A state that is kept between reads.
package protocol HeldSnapshot: Sendable {
  /// Runs `body` with the state.
  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer

  /// Lets go of it.
  func end() async
}
