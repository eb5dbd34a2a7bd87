package import Domain
package import Ledger
internal import StoreSupport

/// A store in memory that keeps rows as they are, so that a hundred thousand sales can be run on it.
///
/// It does what ``FakeStore`` does, many times as fast, for it writes no columns; ``reread()`` does.
package final class RowStore: Store {
  package private(set) var head = Head(
    epoch: 1,
    offset: 0,
    batch: 0,
    time: Instant(milliseconds: 0),
    hash: Head.firstHash
  )
  package var clock = Instant(milliseconds: 0)
  private var tables: [ObjectIdentifier: any AnyTable] = [:]
  /// The tables before the batch gave time back; nil where it did not.
  private var before: [ObjectIdentifier: any AnyTable]?

  package init() {}

  package func begin() async throws(StoreFailure) -> LockedHead {
    LockedHead(head: head, clock: clock)
  }

  package func load(_ rows: inout WorkingSet) async throws(StoreFailure) {
    var loader = Loader(store: self)
    rows.visit(&loader)
  }

  package func rows<Element: StoredRow>(
    of queue: Element.Queue,
    from place: Int64,
    max: Int
  ) async throws(StoreFailure) -> [Element] {
    queued(queue, from: place, max: max)
  }

  package func due(at now: Instant, max: Int) async throws(StoreFailure) -> [Reservation.Key] {
    let due = all(Reservation.self).filter { $0.state == .pending && $0.expires <= now }
    return due.sorted { ($0.expires, $0.key.id) < ($1.expires, $1.key.id) }.prefix(max).map(\.key)
  }

  package func giveBack(
    milliseconds: Int64,
    toWhatLivedAt instant: Instant
  ) async throws(StoreFailure) -> GivenBack {
    before = tables.mapValues { $0.copy() }
    let holds = all(Reservation.self).filter { $0.state == .pending && instant < $0.expires }
    for var hold in holds {
      hold.expires = hold.expires.after(milliseconds: milliseconds)
      put(hold)
      guard var seat = row(hold.seatKey, of: TakenSeat.self), let until = seat.until else {
        continue
      }
      seat.until = until.after(milliseconds: milliseconds)
      put(seat)
    }
    let timed = all(Ticket.self).filter { $0.until.map { instant < $0 } ?? false }
    for ticket in timed { put(ticket.later(by: milliseconds)) }
    return GivenBack(tickets: UInt64(timed.count), holds: UInt64(holds.count))
  }

  package func commit(_ batch: Batch) async throws(StoreFailure) {
    var rows = batch.rows
    var saver = Saver(store: self)
    rows.visit(&saver)
    head = batch.head
    before = nil
  }

  package func rollBack() async {
    guard let before else { return }
    tables = before
    self.before = nil
  }

  package func close() async {}
}

// MARK: - Rows

extension RowStore {
  /// All rows of a table, in no particular order.
  package func all<Element: StoredRow>(_ type: Element.Type) -> some Collection<Element> {
    table(type).rows.values
  }

  package func row<Element: StoredRow>(
    _ key: Element.Key,
    of type: Element.Type
  ) -> Element? {
    table(type).rows[key]
  }

  package func put<Element: StoredRow>(_ row: Element) {
    table(Element.self).rows[row.key] = row
  }

  package func remove<Element: StoredRow>(_ key: Element.Key, of type: Element.Type) {
    table(type).rows[key] = nil
  }

  /// Writes every row down and reads it again, as whoever starts anew does: what a row's shape leaves
  /// out is lost.
  package func reread() throws(StoreFailure) {
    var copy = FakeState()
    for table in tables.values { table.write(to: &copy) }
    for table in tables.values { try table.read(from: copy) }
  }

  fileprivate func table<Element: StoredRow>(_ type: Element.Type) -> RowTable<Element> {
    if let table = tables[ObjectIdentifier(type)] as? RowTable<Element> { return table }
    let table = RowTable<Element>()
    tables[ObjectIdentifier(type)] = table
    return table
  }

  fileprivate func queued<Element: StoredRow>(
    _ queue: Element.Queue,
    from place: Int64,
    max: Int
  ) -> [Element] {
    let found = all(Element.self).compactMap { row -> (Int64, Element)? in
      guard let standing = row.standing, standing.queue == queue, standing.place >= place else {
        return nil
      }
      return (standing.place, row)
    }
    return found.sorted { $0.0 < $1.0 }.prefix(max).map(\.1)
  }
}

private protocol AnyTable: AnyObject {
  func copy() -> any AnyTable
  func write(to state: inout FakeState)
  func read(from state: FakeState) throws(StoreFailure)
}

private final class RowTable<Element: StoredRow>: AnyTable {
  var rows: [Element.Key: Element] = [:]

  func copy() -> any AnyTable {
    let copy = RowTable()
    copy.rows = rows
    return copy
  }

  func write(to state: inout FakeState) {
    for row in rows.values { state.put(row) }
  }

  func read(from state: FakeState) throws(StoreFailure) {
    let all: [Element] = try state.rows { _ in true }
    rows = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
  }
}

private struct Loader: TableVisitor {
  let store: RowStore

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
    guard !table.wantsNothing else { return }
    let stored = store.table(Element.self).rows
    table.provide(table.wantedKeys.compactMap { stored[$0] })
    let groups = table.wantedGroups
    if !groups.isEmpty {
      table.provideGroups(
        stored.values.filter { row in row.isGrouped && row.group.map(groups.contains) ?? false }
      )
    }
    var queued: [Element.Queue: [Element]] = [:]
    for (queue, wish) in table.wantedQueues {
      queued[queue] = store.queued(queue, from: wish.from, max: wish.count)
    }
    table.provideQueues(queued)
  }
}

extension StoredRow {
  /// Whether it is loaded with its group: what their shapes say of tickets and reservations.
  fileprivate var isGrouped: Bool {
    if let ticket = self as? Ticket { return ticket.state.isLiving }
    guard let reservation = self as? Reservation else { return true }
    return reservation.state == .pending || reservation.state == .paid
  }
}

private struct Saver: TableVisitor {
  let store: RowStore

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
    guard table.hasChanges else { return }
    let stored = store.table(Element.self)
    for change in table.changes { stored.rows[change.key] = change.row }
  }
}

// MARK: - Reading

extension RowStore {
  /// What boards are read from.
  var snapshot: RowSnapshot { RowSnapshot(store: self) }
}

/// The rows as they are now.
struct RowSnapshot: Snapshot {
  let store: RowStore

  var head: Head { store.head }

  func row<Element: StoredRow>(_ key: Element.Key) throws(StoreFailure) -> Element? {
    store.row(key, of: Element.self)
  }

  func rows<Element: StoredRow>(groupOf group: Element.Group) throws(StoreFailure) -> [Element] {
    store.all(Element.self).filter { $0.isGrouped && $0.group == group }
  }

  /// All on one page.
  func page<Element: StoredRow>(
    after key: Element.Key?,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    guard key == nil else { return [] }
    let rows = Array(store.all(Element.self))
    guard let admissions = rows as? [Admission] else { return rows }
    let sorted = admissions.sorted { $0.key.number < $1.key.number }
    return sorted.compactMap { $0 as? Element }
  }

  func newest<Element: OwnedRow>(
    of user: UserID,
    before id: ID<Element>?,
    state: Int64?,
    max: Int
  ) throws(StoreFailure) -> [Element] { [] }

  /// Nobody asks these sales for receipts.
  func seal(endingAtOrAfter offset: UInt64) throws(StoreFailure) -> Seal? { nil }

  func log(from offset: UInt64, max: Int) throws(StoreFailure) -> [[UInt8]] { [] }
}

/// Reads a store in memory. Sendable because one thread runs a whole sale: nobody reads while a batch
/// runs.
struct RowReader: StoreReader, @unchecked Sendable {
  let store: RowStore

  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    try body(store.snapshot)
  }

  func hold() async throws(StoreFailure) -> any HeldSnapshot {
    throw .unreachable("nobody keeps a state of this store")
  }

  func waitForCommit(after batch: UInt64, atMost time: Duration) async {}

  func close() async {}
}
