package import Domain
package import Ledger
internal import Threads

/// A store in memory that does what tests tell it to, failures included.
package final class FakeStore: Store, Sendable {
  private struct Mine {
    /// The batch that is open: what the database will be.
    var open: FakeState?
    var faults: [FakeFault] = []
    var lost: StoreFailure?
    var isClosed = false
    var steps: [FakeFault.Step] = []
  }

  /// How many old records one batch forgets.
  package static let forgottenMax = 64

  package let database: FakeDatabase
  private let mine = Guarded(Mine())

  package init(on database: FakeDatabase = FakeDatabase()) {
    self.database = database
  }

  // MARK: - What tests say

  /// From now on this goes wrong.
  package func fail(_ fault: FakeFault) {
    mine.withLock { $0.faults.append(fault) }
  }

  /// From now on nothing goes wrong.
  package func heal() {
    mine.withLock { $0.faults.removeAll() }
  }

  /// What it was asked to do, in order.
  package var steps: [FakeFault.Step] { mine.withLock { $0.steps } }
  package var isClosed: Bool { mine.withLock { $0.isClosed } }

  /// Readers of the same database.
  package func reader() -> FakeReader { FakeReader(of: database) }

  // MARK: - Store

  package func begin() async throws(StoreFailure) -> LockedHead {
    try check(.begin) { _ in true }
    await database.lockHead()
    let state = database.state
    mine.withLock { mine in
      precondition(mine.open == nil, "a batch began inside another")
      mine.open = state
    }
    return LockedHead(head: state.head, clock: database.clock)
  }

  package func load(_ rows: inout WorkingSet) async throws(StoreFailure) {
    let keys = Self.keys(of: &rows)
    try check(.load, isMeant: keys.contains)
    var loader = Loader(state: openState())
    try rows.visit(&loader)
  }

  package func rows<Element: StoredRow>(
    of queue: Element.Queue,
    from place: Int64,
    max: Int
  ) async throws(StoreFailure) -> [Element] {
    try check(.load) { _ in true }
    return try openState().rows(of: queue, from: place, max: max)
  }

  package func due(at now: Instant, max: Int) async throws(StoreFailure) -> [Reservation.Key] {
    try check(.due) { _ in true }
    return try openState().due(at: now, max: max)
  }

  package func giveBack(
    milliseconds: Int64,
    toWhatLivedAt instant: Instant
  ) async throws(StoreFailure) -> GivenBack {
    try check(.giveBack) { _ in true }
    var state = openState()
    let count = try state.giveBack(milliseconds: milliseconds, toWhatLivedAt: instant)
    mine.withLock { $0.open = state }
    return count
  }

  package func commit(_ batch: Batch) async throws(StoreFailure) {
    var rows = batch.rows
    let keys = Self.keys(of: &rows)
    var saver = Saver(state: openState())
    do throws(StoreFailure) {
      try check(.commit, isMeant: keys.contains)
      rows.visit(&saver)
      try saver.state.forgetRepeats(before: batch.forgetRepeatsBefore, max: Self.forgottenMax)
      saver.state.append(batch.log, sealed: batch.seal, upTo: batch.head)
    } catch {
      await rollBack()
      throw error
    }
    database.commit(saver.state)
    await rollBack()
    try check(.committed, isMeant: keys.contains)
  }

  package func rollBack() async {
    let wasOpen = mine.withLock { mine in
      defer { mine.open = nil }
      return mine.open != nil
    }
    if wasOpen { database.unlockHead() }
  }

  package func close() async {
    await rollBack()
    mine.withLock { $0.isClosed = true }
  }

  // MARK: - Failing

  private func check(
    _ step: FakeFault.Step,
    isMeant: (AnyHashable) -> Bool
  ) throws(StoreFailure) {
    let failure = mine.withLock { mine -> StoreFailure? in
      precondition(!mine.isClosed, "a store was used after it was closed")
      mine.steps.append(step)
      if let lost = mine.lost { return lost }
      let found = mine.faults.firstIndex { fault in
        guard fault.step == step else { return false }
        guard let key = fault.key else { return true }
        return isMeant(AnyHashable(key))
      }
      guard let found else { return nil }
      let fault = mine.faults[found]
      if fault.times == .once { mine.faults.remove(at: found) }
      if case .lost = fault.failure { mine.lost = fault.failure }
      return fault.failure
    }
    if let failure { throw failure }
  }

  private func openState() -> FakeState {
    guard let state = mine.withLock({ $0.open }) else {
      preconditionFailure("no batch was begun")
    }
    return state
  }

  private static func keys(of rows: inout WorkingSet) -> Set<AnyHashable> {
    var collector = KeyCollector()
    rows.visit(&collector)
    return collector.keys
  }
}

// MARK: - What is done with every table

/// The keys that a batch asks for or has changed.
private struct KeyCollector: TableVisitor {
  var keys: Set<AnyHashable> = []

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
    for key in table.wantedKeys { keys.insert(AnyHashable(key)) }
    for change in table.changes { keys.insert(AnyHashable(change.key)) }
  }
}

private struct Loader: TableVisitor {
  let state: FakeState

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(StoreFailure) {
    var rows: [Element] = []
    for key in table.wantedKeys {
      if let row: Element = try state.row(key) { rows.append(row) }
    }
    var members: [Element] = []
    for group in table.wantedGroups { members += try state.rows(groupOf: group) }
    table.provide(rows)
    table.provideGroups(members)
    var queued: [Element.Queue: [Element]] = [:]
    for (queue, wish) in table.wantedQueues {
      queued[queue] = try state.rows(of: queue, from: wish.from, max: wish.count)
    }
    table.provideQueues(queued)
  }
}

private struct Saver: TableVisitor {
  var state: FakeState

  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
    for change in table.changes {
      if let row = change.row { state.put(row) } else { state.remove(change.key, of: Element.self) }
    }
  }
}
