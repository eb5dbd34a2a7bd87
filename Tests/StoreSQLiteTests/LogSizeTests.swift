import CPowerLoss
import Domain
import Glibc
import Ledger
import Testing
import Threads

@testable import StoreSQLite

@Suite("How large the write-ahead log gets", .timeLimit(.minutes(5)))
struct LogSizeTests {
  private let directory = TemporaryDirectory()

  private static let options = {
    var options = SQLiteStore.Options.defaults
    options.checkpointPages = 100
    options.logPagesMax = 300
    options.readersMilliseconds = 2_000
    return options
  }()

  private func open() throws -> SQLiteStore {
    try SQLiteStore(path: directory.database, Self.options) { Instant(milliseconds: 0) }
  }

  private func logBytes() -> Int {
    var information = stat()
    return stat(directory.database + "-wal", &information) == 0 ? Int(information.st_size) : 0
  }

  /// Commits a batch of about ten pages.
  private func commit(_ number: UInt64, to store: SQLiteStore) async throws {
    let head = try await store.begin().head
    var rows = WorkingSet()
    let name = String(repeating: "x", count: 40_000)
    rows.users.put(
      User(id: ID(high: number % 8, low: 0), name: name, created: Instant(milliseconds: 0))
    )
    var next = head
    next.batch += 1
    let none = Instant(milliseconds: 0)
    try await store.commit(Batch(rows: rows, head: next, log: [], forgetRepeatsBefore: none))
  }

  @Test("It stays within bounds though there is never a moment without a reader")
  func neverWithoutReader() async throws {
    let store = try open()
    let reader = store.reader()
    let isOver = Guarded(false)
    // Of its own, since it must get on whatever other tests take of the threads that all share: a reader
    // that does not come to its end is what the log waits for.
    let thread = WorkerThread()
    defer { thread.stop() }
    async let overlaps = withTaskExecutorPreference(thread) {
      try await overlap(on: reader) { isOver.withLock { $0 } || Task.isCancelled }
    }
    var largest = 0
    for number in 0..<300 as Range<UInt64> {
      try await commit(number, to: store)
      largest = max(largest, logBytes())
      // One that reads all the time has to get on too.
      await Task.yield()
    }
    isOver.withLock { $0 = true }
    #expect(try await overlaps > 10)
    // What the log may have, what is written before that is looked at, and one batch.
    let pages = Self.options.logPagesMax + 2 * Self.options.checkpointPages
    #expect(largest < pages * (DatabaseFile.pageBytes + 24), "\(largest) bytes")
    await reader.close()
    await store.close()
  }

  /// Begins the next read before it ends the last. Answers how many there were.
  private func overlap(on reader: SQLiteReader, until isOver: () -> Bool) async throws -> Int {
    var count = 0
    var last = try await reader.hold()
    while !isOver() {
      let next = try await reader.hold()
      await last.end()
      last = next
      count += 1
    }
    await last.end()
    return count
  }

  @Test("A batch of many pages is a few writes to it and a sync")
  func gathered() async throws {
    let disk = Disk()
    var options = SQLiteStore.Options.defaults
    options.fileSystem = disk.name
    let store = try SQLiteStore(path: directory.database, options) { Instant(milliseconds: 0) }
    // The log begins with a header of its own.
    try await commit(1, to: store)
    let before = disk.steps
    try await commit(2, to: store)
    #expect(disk.steps - before <= 3)
    await store.close()
  }

  @Test("What a killed process left of it is gone after the next start")
  func leftBehind() async throws {
    let store = try open()
    try #require(store.writer).connection.keepLogOnClose(true)
    for number in 0..<5 as Range<UInt64> { try await commit(number, to: store) }
    await store.close()
    #expect(logBytes() > 0)
    let next = try open()
    #expect(logBytes() == 0)
    #expect(try await next.begin().head.batch == 5)
    await next.close()
  }

  @Test("A start without room reads, refuses to write, and writes when there is room")
  func startWithoutRoom() async throws {
    let disk = Disk()
    var options = Self.options
    options.fileSystem = disk.name
    var store = try SQLiteStore(path: directory.database, options) { Instant(milliseconds: 0) }
    try #require(store.writer).connection.keepLogOnClose(true)
    for number in 0..<5 as Range<UInt64> { try await commit(number, to: store) }
    await store.close()
    disk.limit(bytes: 0)
    store = try SQLiteStore(path: directory.database, options) { Instant(milliseconds: 0) }
    let reader = store.reader()
    #expect(try await reader.read { $0.head.batch } == 5)
    let refused = await #expect(throws: StoreFailure.self) { try await commit(9, to: store) }
    guard case .rolledBack(.full, _)? = refused else {
      Issue.record("refused with \(String(describing: refused))")
      return
    }
    disk.limit(bytes: nil)
    try await commit(9, to: store)
    #expect(try await reader.read { $0.head.batch } == 6)
    await reader.close()
    await store.close()
  }
}
