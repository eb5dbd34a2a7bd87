import Domain
import Ledger
import PostgresSupport
import StorePostgres
import Testing

@Suite(
  "Several instances on one PostgreSQL database",
  .enabled(if: TestServer.url != nil, Comment(rawValue: TestServer.absence))
)
struct InstancesTests {
  let database: TestDatabase

  init() throws {
    database = try TestDatabase()
  }

  private func settings(
    _ change: (inout PostgresSettings.Limits) -> Void = { _ in }
  ) -> PostgresSettings {
    var limits = PostgresSettings.Limits.defaults
    // So that only what is tested ends a batch.
    limits.idleInBatchMilliseconds = 600_000
    limits.lockMilliseconds = 600_000
    limits.statementMilliseconds = 600_000
    change(&limits)
    return PostgresSettings(url: database.url, limits: limits)
  }

  /// Returns once a session waits for a lock.
  private func untilOneWaits() async throws {
    let session = try database.session()
    // Long enough for a machine that does many other things, too.
    let deadline = ContinuousClock.now + .seconds(300)
    while ContinuousClock.now < deadline {
      let waiting = try session.run(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
      )
      if waiting != [["0"]] { return }
      await Task.yield()
    }
    Issue.record("nobody waits for the head")
  }

  @Test("A batch begins only when the other instance's has ended, and finds what it left")
  func exclusion() async throws {
    let (one, other) = try (Teller(settings()), Teller(settings()))
    let head = try await one.begin().head
    async let found = other.begin().head
    try await untilOneWaits()
    let left = try await one.commit(after: head, log: [[1]]) { $0.users.put(Visitor.numbered(1)) }
    #expect(try await found == left)
    await other.rollBack()
    #expect(try await other.user(Visitor.numbered(1).id) == Visitor.numbered(1))
  }

  @Test("The clock is read when the head is locked, and not before the wait for it")
  func clockAfterLock() async throws {
    let (one, other) = try (Teller(settings()), Teller(settings()))
    try await one.begin()
    async let second = other.begin()
    try await untilOneWaits()
    let now = try database.session().run(
      "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    )[0][0]
    await one.rollBack()
    #expect(try await second.clock.milliseconds >= Int64(now) ?? .max)
  }

  @Test("An instance that stops amid a batch loses the head, and then learns that it has")
  func stoppedInstance() async throws {
    let stopped = try Teller(settings { $0.idleInBatchMilliseconds = 200 })
    let other = try Teller(settings())
    let head = try await stopped.begin().head
    // It waits no longer than for locks, and gets it.
    let left = try await other.runBatch { $0.users.put(Visitor.numbered(2)) }
    let failure = await failure { () async throws(StoreFailure) in
      try await stopped.commit(after: head) { $0.users.put(Visitor.numbered(3)) }
    }
    #expect(failure?.isConflict == true, "\(String(describing: failure))")
    #expect(try await stopped.begin().head == left)
    await stopped.rollBack()
    #expect(try await other.user(Visitor.numbered(3).id) == nil)
  }

  @Test("Whoever waits too long for the head hears that nothing has happened, and goes on")
  func lockTimeout() async throws {
    let one = try Teller(settings())
    let other = try Teller(settings { $0.lockMilliseconds = 50 })
    let head = try await one.begin().head
    let failure = await failure { () async throws(StoreFailure) in try await other.begin() }
    #expect(failure?.isConflict == true, "\(String(describing: failure))")
    let left = try await one.commit(after: head)
    #expect(try await other.begin().head == left)
  }

  @Test("A commit is heard by another instance's reader")
  func notification() async throws {
    let one = try Teller(settings())
    let reader = PostgresReader(settings(), readsMax: 1)
    async let heard: Void = reader.waitForCommit(after: 0, atMost: .seconds(3_600))
    try await one.runBatch()
    await heard
    #expect(try await reader.read { $0.head.batch } == 1)
    await reader.close()
  }

  @Test("A reader whose connections were ended makes new ones, and still hears of commits")
  func readerReconnects() async throws {
    let one = try Teller(settings())
    let reader = PostgresReader(settings(), readsMax: 1)
    try await one.runBatch()
    await reader.waitForCommit(after: 0, atMost: .seconds(3_600))
    #expect(try await reader.read { $0.head.batch } == 1)
    let session = try database.session()
    try session.run(
      """
      SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """
    )
    #expect(try await reader.read { $0.head.batch } == 1)
    try await one.runBatch()
    await reader.waitForCommit(after: 1, atMost: .seconds(3_600))
    #expect(try await reader.read { $0.head.batch } == 2)
    await reader.close()
  }

  @Test("A wait for a commit ends with its time, and with the reader")
  func waitEnds() async throws {
    let one = try Teller(settings())
    let reader = PostgresReader(settings(), readsMax: 1)
    await reader.waitForCommit(after: 0, atMost: .milliseconds(1))
    async let waiting: Void = reader.waitForCommit(after: 0, atMost: .seconds(3_600))
    await reader.close()
    await waiting
    await one.close()
  }

  @Test("Instances that start together on an empty database make one schema")
  func startTogether() async throws {
    let settings = settings()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { try await Teller(settings).runBatch() } }
      try await group.waitForAll()
    }
    let session = try database.session()
    #expect(try session.run("SELECT count(*), max(batch) FROM head") == [["1", "4"]])
  }
}
