import Domain
import Ledger
import StoreSupport
import Testing

@Suite("What tests make a store in memory do")
struct FakeStoreTests {
  private func batch(from locked: LockedHead, _ change: (inout WorkingSet) -> Void) -> Batch {
    var rows = WorkingSet()
    change(&rows)
    var head = locked.head
    head.batch += 1
    return Batch(
      rows: rows,
      head: head,
      log: [],
      forgetRepeatsBefore: Instant(milliseconds: .min)
    )
  }

  @Test("Its clock shows what the test has set")
  func clock() async throws {
    let store = FakeStore()
    store.database.clock = Instant(milliseconds: 42)
    #expect(try await store.begin().clock == Instant(milliseconds: 42))
  }

  @Test("Of two stores on one database one waits until the other's batch has ended")
  func exclusion() async throws {
    let database = FakeDatabase()
    let (one, other) = (FakeStore(on: database), FakeStore(on: database))
    let locked = try await one.begin()
    async let waiting = other.begin()
    while database.waitingForHeadCount == 0 { await Task.yield() }
    try await one.commit(batch(from: locked) { _ in })
    #expect(try await waiting.head.batch == 1)
    await other.rollBack()
  }

  @Test(
    "A step that is to fail once fails once, and nothing of the batch has happened",
    arguments: [
      StoreFailure.rolledBack(.full, ""), .rolledBack(.conflict, ""), .rolledBack(.refused, ""),
      .unreachable(""),
    ]
  )
  func failsOnce(_ failure: StoreFailure) async throws {
    for step in FakeFault.Step.allCases where step != .committed {
      let store = FakeStore()
      store.fail(FakeFault(step, failure))
      await #expect(throws: failure, "\(step)") { try await runAll(on: store) }
      await store.rollBack()
      #expect(store.database.state.head.batch == 0)
      try await runAll(on: store)
      #expect(store.database.state.head.batch == 1)
    }
  }

  private func runAll(on store: FakeStore) async throws {
    let locked = try await store.begin()
    var rows = WorkingSet()
    try await store.load(&rows)
    _ = try await store.due(at: locked.clock, max: 1)
    _ = try await store.giveBack(milliseconds: 1, toWhatLivedAt: locked.clock)
    try await store.commit(batch(from: locked) { _ in })
  }

  @Test("A commit whose outcome is unknown may have happened or not")
  func outcomeUnknown() async throws {
    for (step, batches) in [(FakeFault.Step.commit, UInt64(0)), (.committed, 1)] {
      let store = FakeStore()
      store.fail(FakeFault(step, .outcomeUnknown("")))
      let batch = batch(from: try await store.begin()) { _ in }
      await #expect(throws: StoreFailure.outcomeUnknown("")) { try await store.commit(batch) }
      #expect(store.database.state.head.batch == batches)
    }
  }

  @Test("A store that is lost stays lost")
  func lost() async throws {
    let store = FakeStore()
    store.fail(FakeFault(.load, .lost("")))
    await #expect(throws: StoreFailure.lost("")) { try await runAll(on: store) }
    await store.rollBack()
    store.heal()
    await #expect(throws: StoreFailure.lost("")) { try await store.begin() }
  }

  @Test("Every batch fails that holds a poisoned key, and no other")
  func poison() async throws {
    let store = FakeStore()
    let poisoned = User(id: ID(high: 1, low: 1), name: "", created: Instant(milliseconds: 0))
    let other = User(id: ID(high: 1, low: 2), name: "", created: Instant(milliseconds: 0))
    store.fail(FakeFault(.commit, .rolledBack(.refused, ""), .always, onlyWith: poisoned.id))
    for _ in 0..<2 {
      let batch = batch(from: try await store.begin()) { $0.users.put(poisoned) }
      await #expect(throws: StoreFailure.rolledBack(.refused, "")) { try await store.commit(batch) }
    }
    try await store.commit(batch(from: try await store.begin()) { $0.users.put(other) })
    #expect(store.database.state.head.batch == 1)
  }

  @Test("Whoever waits for a commit waits no longer than the database's clock says")
  func waitingEnds() async throws {
    let database = FakeDatabase()
    async let waited: Void = FakeReader(of: database).waitForCommit(after: 0, atMost: .seconds(2))
    while database.waitingForCommitCount == 0 { await Task.yield() }
    database.clock = Instant(milliseconds: 1_999)
    #expect(database.waitingForCommitCount == 1)
    database.clock = Instant(milliseconds: 2_000)
    await waited
  }
}
