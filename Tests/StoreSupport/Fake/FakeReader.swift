internal import Domain
package import Ledger

/// Reads what was committed to a ``FakeDatabase``.
package struct FakeReader: StoreReader {
  private let database: FakeDatabase

  package init(of database: FakeDatabase) {
    self.database = database
  }

  package func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    try body(FakeSnapshot(state: database.state))
  }

  package func hold() async throws(StoreFailure) -> any HeldSnapshot {
    FakeHeldSnapshot(state: database.state)
  }

  package func waitForCommit(after batch: UInt64, atMost time: Duration) async {
    await database.waitForCommit(after: batch, atMost: time)
  }

  package func close() async {}
}

private struct FakeHeldSnapshot: HeldSnapshot {
  let state: FakeState

  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    try body(FakeSnapshot(state: state))
  }

  func end() async {}
}

private struct FakeSnapshot: Snapshot {
  let state: FakeState

  var head: Head { state.head }

  func row<Element: StoredRow>(_ key: Element.Key) throws(StoreFailure) -> Element? {
    try state.row(key)
  }

  func rows<Element: StoredRow>(groupOf group: Element.Group) throws(StoreFailure) -> [Element] {
    try state.rows(groupOf: group)
  }

  func page<Element: StoredRow>(
    after key: Element.Key?,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    let after = key.map(Element.columnValues(of:))
    return try state.rows(max: max) { values in
      guard let after else { return true }
      return after.lexicographicallyPrecedes(values.prefix(after.count))
    }
  }

  func newest<Element: OwnedRow>(
    of user: UserID,
    before id: ID<Element>?,
    state wanted: Int64?,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    let place = Element.stateColumn.map(Element.shape.place(of:))
    let owner = ColumnValue.id(high: user.high, low: user.low)
    return try state.rows(max: max, lastFirst: true) { values in
      guard values[0] == owner else { return false }
      if let id, values[1] >= .id(high: id.high, low: id.low) { return false }
      guard let wanted, let place else { return true }
      return values[place] == .integer(wanted)
    }
  }

  func log(from offset: UInt64, max: Int) throws(StoreFailure) -> [[UInt8]] {
    guard offset <= UInt64(state.log.count) else { return [] }
    return Array(state.log[Int(Swift.max(offset, 1) - 1)...].prefix(max))
  }

  func seal(endingAtOrAfter offset: UInt64) throws(StoreFailure) -> Seal? {
    state.seals.first { $0.offsets.upperBound >= offset }
  }
}
