import Domain
import Ledger
import StorePostgres
import StoreSupport
import Threads

/// A store on a thread of its own, as ledgers have them: one that waits keeps nobody else.
actor Teller {
  private let thread = WorkerThread()
  private let store: PostgresStore

  init(_ settings: PostgresSettings) throws(StoreFailure) {
    store = try PostgresStore(settings)
  }

  deinit {
    // Nobody is left who could give the thread another job.
    thread.stop()
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  @discardableResult
  func begin() async throws(StoreFailure) -> LockedHead { try await store.begin() }

  func rollBack() async { await store.rollBack() }

  func close() async { await store.close() }

  /// Commits a batch that was begun with this head.
  @discardableResult
  func commit(
    after head: Head,
    log: [[UInt8]] = [],
    _ change: @Sendable (inout WorkingSet) -> Void = { _ in }
  ) async throws(StoreFailure) -> Head {
    var rows = WorkingSet()
    change(&rows)
    let next = Head(
      epoch: head.epoch,
      offset: head.offset + UInt64(log.count),
      batch: head.batch + 1,
      time: head.time,
      hash: head.hash
    )
    try await store.commit(
      Batch(rows: rows, head: next, log: log, forgetRepeatsBefore: Instant(milliseconds: 0))
    )
    return next
  }

  /// Begins and commits.
  @discardableResult
  func runBatch(
    log: [[UInt8]] = [],
    _ change: @Sendable (inout WorkingSet) -> Void = { _ in }
  ) async throws(StoreFailure) -> Head {
    let head = try await store.begin().head
    return try await commit(after: head, log: log, change)
  }

  /// The user, as a batch of its own sees it.
  func user(_ id: UserID) async throws(StoreFailure) -> User? {
    _ = try await store.begin()
    var rows = WorkingSet()
    rows.users.want(id)
    try await store.load(&rows)
    await store.rollBack()
    return rows.users.peek(id)
  }
}

/// What a store threw; nil where it threw nothing.
func failure(
  of body: () async throws(StoreFailure) -> Void
) async -> StoreFailure? {
  do throws(StoreFailure) {
    try await body()
    return nil
  } catch {
    return error
  }
}

extension StoreFailure {
  /// Whether it says for sure that nothing has happened, because of someone else.
  var isConflict: Bool {
    if case .rolledBack(.conflict, _) = self { true } else { false }
  }
}

/// Users to tell apart.
enum Visitor {
  static func numbered(_ number: UInt64) -> User {
    User(
      id: ID(high: 0x7000, low: number),
      name: "visitor \(number)",
      created: Instant(milliseconds: 1)
    )
  }
}
