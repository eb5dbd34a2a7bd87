import Domain
import Ledger
import StoreSupport
import Threads

/// A database in memory and readers of it that can fail, as a store does that is away for a while.
final class Contents: Sendable {
  let database = FakeDatabase()
  private let reading = Guarded(Reading())

  private struct Reading {
    var failure: StoreFailure?
    var count = 0
  }

  /// The store's clock.
  var now: Instant {
    get { database.clock }
    set { database.clock = newValue }
  }

  /// What reads fail with.
  var failure: StoreFailure? {
    get { reading.withLock { $0.failure } }
    set { reading.withLock { $0.failure = newValue } }
  }

  /// How often it was read.
  var reads: Int { reading.withLock { $0.count } }

  /// The rows of a table in their keys' order.
  func all<Element: StoredRow>(
    _ type: Element.Type = Element.self
  ) throws(StoreFailure) -> [Element] {
    try database.state.rows { _ in true }
  }

  /// Puts a row there, as another instance's batch would.
  func put(_ row: some StoredRow) {
    database.change { state in
      state.put(row)
      state.head.batch += 1
    }
  }

  fileprivate func read() throws(StoreFailure) {
    let failure = reading.withLock { reading in
      reading.count += 1
      return reading.failure
    }
    if let failure { throw failure }
  }
}

/// Reads what a database in memory holds.
struct ContentsReader: StoreReader {
  let contents: Contents

  private var reader: FakeReader { FakeReader(of: contents.database) }

  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    try contents.read()
    return try await reader.read(body)
  }

  func hold() async throws(StoreFailure) -> any HeldSnapshot { try await reader.hold() }

  func waitForCommit(after batch: UInt64, atMost time: Duration) async {
    await reader.waitForCommit(after: batch, atMost: time)
  }

  func close() async {}
}

/// Runs `body` with a ledger over a database in memory.
func withLedger<Result>(
  over contents: Contents,
  _ body: (Ledger) async throws -> Result
) async throws -> Result {
  let thread = WorkerThread()
  let ledger = Ledger(
    store: FakeStore(on: contents.database),
    executor: thread,
    coder: NoCoder(),
    follower: NoFollower(),
    // Each batch has a number of its own, and that is all that these tests need.
    options: LedgerOptions(
      monotonicNanoseconds: { 0 },
      seed: { 1 },
      receiptSecret: { Array(repeating: 5, count: 32) }
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
