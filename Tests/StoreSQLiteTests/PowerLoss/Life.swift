import Domain
import Ledger
import TestSupport
import Threads

@testable import StoreSQLite

/// One run of a ledger over a store on a disk, from opening to its end.
///
/// All of it, and whoever calls it, is on one thread, so that a seed repeats it.
final class Life: Sendable {
  let ledger: Ledger
  let reader: SQLiteReader
  private let thread: WorkerThread
  private let worker: Task<Void, Never>

  /// How the store is to be broken, so that a test is seen to find it.
  enum Flaw: String, Sendable, CaseIterable {
    case syncsNever = "PRAGMA synchronous = OFF"
    case syncsAtCheckpointsOnly = "PRAGMA synchronous = NORMAL"
  }

  init(
    on disk: Disk,
    at path: String,
    thread: WorkerThread,
    seed: UInt64,
    flaw: Flaw? = nil
  ) throws {
    var options = SQLiteStore.Options.defaults
    options.checkpointPages = 30
    options.logPagesMax = 60
    options.fileSystem = disk.name
    let store = try SQLiteStore(path: path, options) { Instant(milliseconds: 1_000_000) }
    // It does not end in order: nothing is put away.
    store.writer?.connection.keepLogOnClose(true)
    if let flaw { try store.writer?.connection.run(flaw.rawValue) }
    reader = store.reader()
    self.thread = thread
    let seeds = Guarded(SeededGenerator(seed: seed))
    let ledger = Ledger(
      store: store,
      executor: thread,
      coder: OffsetCoder(),
      follower: Nobody(),
      options: LedgerOptions(
        monotonicNanoseconds: { 0 },
        seed: { seeds.withLock { $0.next() } },
        receiptSecret: { Array(repeating: 5, count: 32) }
      )
    )
    self.ledger = ledger
    // Unstructured, for it lives as long as this does: `end` waits for it.
    worker = Task { await ledger.run() }
  }

  /// Stops, and closes the store as well as the disk lets it.
  func end() async {
    await reader.close()
    ledger.stop()
    await worker.value
  }
}

/// Writes an event's offset.
struct OffsetCoder: EventCoder {
  func encode(_ event: LoggedEvent) -> [UInt8] {
    withUnsafeBytes(of: event.offset.bigEndian) { Array($0) }
  }

  func decode(_ bytes: [UInt8]) -> LoggedEvent? { nil }
}

private struct Nobody: LedgerFollower {
  func committed(_ events: [LoggedEvent], encoded: [[UInt8]], head: Head) {}
  func storeFailed(_ failure: StoreFailure) {}
}
