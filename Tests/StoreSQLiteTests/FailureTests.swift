import CSQLite
import Domain
import Glibc
import Ledger
import StoreSupport
import TestSupport
import Testing

@testable import StoreSQLite

@Suite("When SQLite fails")
struct FailureTests {
  private let directory = TemporaryDirectory()

  private func open() throws -> SQLiteStore {
    try SQLiteStore(path: directory.database) { Instant(milliseconds: 0) }
  }

  private func batch(from head: Head, _ change: (inout WorkingSet) -> Void = { _ in }) -> Batch {
    var rows = WorkingSet()
    change(&rows)
    var next = head
    next.batch += 1
    return Batch(
      rows: rows,
      head: next,
      log: [],
      forgetRepeatsBefore: Instant(milliseconds: 0)
    )
  }

  private func user(_ number: UInt64, named name: String = "") -> User {
    User(id: ID(high: number, low: 0), name: name, created: Instant(milliseconds: 0))
  }

  @Test("Codes are told apart by what is known of the batch")
  func codes() {
    let kinds: [(CInt, StoreFailure)] = [
      (SQLITE_FULL, .rolledBack(.full, "")), (SQLITE_NOMEM, .rolledBack(.full, "")),
      (SQLITE_BUSY, .rolledBack(.conflict, "")), (SQLITE_LOCKED, .rolledBack(.conflict, "")),
      (SQLITE_CONSTRAINT, .rolledBack(.refused, "")), (SQLITE_TOOBIG, .rolledBack(.refused, "")),
      (SQLITE_IOERR, .lost("")), (SQLITE_CORRUPT, .lost("")), (SQLITE_NOTADB, .lost("")),
      (SQLITE_IOERR | 4 << 8, .lost("")), (SQLITE_READONLY, .lost("")), (SQLITE_PERM, .lost("")),
    ]
    for (code, expected) in kinds {
      #expect(kind(of: SQLiteCode(code).failure("")) == kind(of: expected), "\(code)")
    }
  }

  private func kind(of failure: StoreFailure) -> String {
    switch failure {
    case .rolledBack(let cause, _): "\(cause)"
    case .unreachable: "unreachable"
    case .outcomeUnknown: "unknown"
    case .lost: "lost"
    }
  }

  @Test("Without room a batch is rolled back, and with room again the next goes on")
  func full() async throws {
    let store = try open()
    let writer = try #require(store.writer)
    let pages = try writer.connection.number("PRAGMA page_count")
    try writer.connection.run("PRAGMA max_page_count = \(pages + 2)")
    let large = user(1, named: .long(100_000))
    let head = try await store.begin().head
    let failure = await #expect(throws: StoreFailure.self) {
      try await store.commit(batch(from: head) { $0.users.put(large) })
    }
    #expect(failure.map(kind) == "full")
    try writer.connection.run("PRAGMA max_page_count = 1000000")
    let again = try await store.begin().head
    #expect(again == head)
    try await store.commit(batch(from: again) { $0.users.put(large) })
    #expect(try await store.begin().head.batch == 1)
    await store.close()
  }

  @Test(
    "Where the disk is full just as the log's index has to grow, batches are refused, not the store",
    .enabled(if: SmallFileSystem.isPossible, "this process may not mount a file system"),
    arguments: [0, 2, 4, 6, 8, 10, 14]
  )
  func fullForIndex(pagesLeft: Int) async throws {
    let disk = try #require(SmallFileSystem(bytes: 128 << 20))
    var options = SQLiteStore.Options.defaults
    options.checkpointPages = .max
    options.batchPagesMax = 64
    let store = try SQLiteStore(path: disk.path + "/usher.db", options) { Instant(milliseconds: 0) }
    func commit(_ bytes: Int) async throws {
      let head = try await store.begin().head
      let row = user(head.batch % 8, named: .long(bytes))
      try await store.commit(batch(from: head) { $0.users.put(row) })
    }
    func logPages() -> Int {
      var information = stat()
      guard stat(disk.path + "/usher.db-wal", &information) == 0 else { return 0 }
      return Int(information.st_size) / (DatabaseFile.pageBytes + 24)
    }
    // The index's first region tells of 4062 pages.
    while logPages() < 3_900 { try await commit(40_000) }
    disk.fill(leaving: (4_062 - logPages()) * (DatabaseFile.pageBytes + 24) + pagesLeft * 4_096)
    let failure = await #expect(throws: StoreFailure.self) {
      for _ in 0..<400 { try await commit(1) }
    }
    #expect(failure.map(kind) == "full", "\(String(describing: failure))")
    disk.makeRoom()
    for _ in 0..<200 { try await commit(1) }
    await store.close()
  }

  @Test("While another program writes, a batch is refused and the next may go on")
  func busy() async throws {
    let store = try open()
    let stranger = try Connection(path: directory.database, .writing)
    try stranger.run("BEGIN IMMEDIATE")
    let failure = await #expect(throws: StoreFailure.self) { try await store.begin() }
    #expect(failure.map(kind) == "conflict")
    try stranger.run("ROLLBACK")
    _ = try await store.begin()
    await store.close()
  }

  @Test("What the tables refuse is refused, and nothing else of the batch has happened")
  func refused() async throws {
    let store = try open()
    let writer = try #require(store.writer)
    try writer.connection.run(
      "CREATE TRIGGER no BEFORE INSERT ON users WHEN NEW.name = 'no' "
        + "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    let head = try await store.begin().head
    let failure = await #expect(throws: StoreFailure.self) {
      try await store.commit(
        batch(from: head) { rows in
          rows.users.put(user(1))
          rows.users.put(user(2, named: "no"))
        }
      )
    }
    #expect(failure.map(kind) == "refused")
    let again = try await store.begin().head
    #expect(again == head)
    var rows = WorkingSet()
    rows.users.want(user(1).id)
    try await store.load(&rows)
    #expect(try rows.users.find(user(1).id) == nil)
    await store.close()
  }

  @Test("A row that no one can have written ends the store for good")
  func damagedRow() async throws {
    let store = try open()
    let writer = try #require(store.writer)
    try writer.connection.run("INSERT INTO wallets (user_id, balance) VALUES (zeroblob(15), 1)")
    try writer.connection.run("UPDATE head SET batch = 0")
    let reader = store.reader()
    let failure = await #expect(throws: StoreFailure.self) {
      try await reader.read { snapshot throws(StoreFailure) -> [Wallet] in
        try snapshot.page(after: nil, max: 1)
      }
    }
    #expect(failure.map(kind) == "lost")
    await reader.close()
    try writer.connection.run(
      "INSERT INTO app_keys VALUES (x'000000000000000100000000000000FF', '', 77, x'', 0, 0)"
    )
    _ = try await store.begin()
    var rows = WorkingSet()
    rows.appKeys.want(ID(high: 1, low: 0xFF))
    let damage = await #expect(throws: StoreFailure.self) { try await store.load(&rows) }
    #expect(damage.map(kind) == "lost")
    await store.rollBack()
    let later = await #expect(throws: StoreFailure.self) { try await store.begin() }
    #expect(later == damage)
    await store.close()
  }
}
