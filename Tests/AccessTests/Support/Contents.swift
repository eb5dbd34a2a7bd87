import Domain
import Ledger
import Synchronization
import Threads

/// A store in memory that keeps every table, for a ledger and for readers. Its clock is the test's.
final class MemoryStore: Store {
  /// What the store holds, shared with its readers.
  final class Contents: Sendable {
    fileprivate let state = Guarded(State())

    fileprivate struct State {
      var head = Head(epoch: 1, offset: 0, batch: 0, time: Instant(milliseconds: 0))
      var clock = Instant(milliseconds: 0)
      var tables: [String: [String: any Row]] = [:]
      var failure: StoreFailure?
      var reads = 0
    }

    /// The store's clock.
    var now: Instant {
      get { state.withLock { $0.clock } }
      set { state.withLock { $0.clock = newValue } }
    }

    /// What reads fail with.
    var failure: StoreFailure? {
      get { state.withLock { $0.failure } }
      set { state.withLock { $0.failure = newValue } }
    }

    /// How often it was read.
    var reads: Int { state.withLock { $0.reads } }

    /// The rows of a table in their keys' order.
    func all<Element: StoredRow>(_ type: Element.Type = Element.self) -> [Element] {
      state.withLock { state in
        (state.tables[Element.shape.name] ?? [:]).sorted { $0.key < $1.key }
          .compactMap { $0.value as? Element }
      }
    }

    /// Puts a row there, as another instance's batch would.
    func put<Element: StoredRow>(_ row: Element) {
      state.withLock { state in
        state.tables[Element.shape.name, default: [:]]["\(row.key)"] = row
        state.head.batch += 1
      }
    }
  }

  private let contents: Contents

  init(_ contents: Contents) {
    self.contents = contents
  }

  func begin() -> LockedHead {
    contents.state.withLock { LockedHead(head: $0.head, clock: $0.clock) }
  }

  func load(_ rows: inout WorkingSet) {
    var loading = Loading(tables: contents.state.withLock { $0.tables })
    rows.visit(&loading)
  }

  func due(at now: Instant, max: Int) -> [Reservation.Key] { [] }

  func giveBack(milliseconds: Int64, toHoldsLivingAt instant: Instant) -> UInt64 { 0 }

  func commit(_ batch: Batch) {
    var rows = batch.rows
    var saving = Saving(tables: contents.state.withLock { $0.tables })
    rows.visit(&saving)
    let tables = saving.tables
    contents.state.withLock { state in
      state.tables = tables
      state.head = batch.head
    }
  }

  func rollBack() {}

  func close() {}

  private struct Loading: TableVisitor {
    let tables: [String: [String: any Row]]

    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
      let rows = tables[Element.shape.name] ?? [:]
      table.provide(table.wantedKeys.compactMap { rows["\($0)"] as? Element })
    }
  }

  private struct Saving: TableVisitor {
    var tables: [String: [String: any Row]]

    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
      for (key, row) in table.changes { tables[Element.shape.name, default: [:]]["\(key)"] = row }
    }
  }
}

/// Reads what a store in memory holds.
struct MemoryReader: StoreReader {
  let contents: MemoryStore.Contents

  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) throws(StoreFailure) -> Answer {
    let state = contents.state.withLock { state in
      state.reads += 1
      return state
    }
    if let failure = state.failure { throw failure }
    return try body(MemorySnapshot(head: state.head, tables: state.tables))
  }

  func hold() throws(StoreFailure) -> any HeldSnapshot { throw .unreachable("nothing is held") }

  func waitForCommit(after batch: UInt64, atMost time: Duration) {}

  func close() {}
}

private struct MemorySnapshot: Snapshot {
  let head: Head
  let tables: [String: [String: any Row]]

  func row<Element: StoredRow>(_ key: Element.Key) -> Element? {
    tables[Element.shape.name]?["\(key)"] as? Element
  }

  func rows<Element: StoredRow>(groupOf group: Element.Group) -> [Element] { [] }

  func page<Element: StoredRow>(after key: Element.Key?, max: Int) -> [Element] {
    let rows = (tables[Element.shape.name] ?? [:]).sorted { $0.key < $1.key }
    let rest = rows.drop { row in key.map { row.key <= "\($0)" } ?? false }
    return rest.prefix(max).compactMap { $0.value as? Element }
  }

  func newest<Element: OwnedRow>(
    of user: UserID,
    before id: ID<Element>?,
    state: Int64?,
    max: Int
  ) -> [Element] { [] }

  func log(from offset: UInt64, max: Int) -> [[UInt8]] { [] }
}

/// Runs `body` with a ledger over a store in memory.
func withLedger<Result>(
  over contents: MemoryStore.Contents,
  _ body: (Ledger) async throws -> Result
) async throws -> Result {
  let thread = WorkerThread()
  let seed = Atomic<UInt64>(0)
  let ledger = Ledger(
    store: MemoryStore(contents),
    executor: thread,
    coder: NoCoder(),
    follower: NoFollower(),
    options: LedgerOptions(
      monotonicNanoseconds: { 0 },
      seed: { seed.add(1, ordering: .relaxed).newValue }
    )
  )
  async let running: Void = ledger.run()
  let result = await Swift.Result { () async throws in try await body(ledger) }
  ledger.stop()
  await running
  thread.stop()
  return try result.get()
}

extension Result where Failure == any Error {
  /// What `body` gives or throws.
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

private struct NoCoder: EventCoder {
  func encode(_ event: LoggedEvent) -> [UInt8] { [] }
  func decode(_ bytes: [UInt8]) -> LoggedEvent? { nil }
}

private struct NoFollower: LedgerFollower {
  func committed(_ events: [LoggedEvent], encoded: [[UInt8]], head: Head) {}
  func storeFailed(_ failure: StoreFailure) {}
}
