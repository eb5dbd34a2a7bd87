import Domain
import Ledger
import PostgresSupport
import StorePostgres
import Testing

@Suite(
  "When PostgreSQL fails",
  .enabled(if: TestServer.url != nil, Comment(rawValue: TestServer.absence))
)
struct FailureTests {
  let database: TestDatabase

  init() throws {
    database = try TestDatabase()
  }

  private func settings(through proxy: Proxy? = nil, settle: Int32 = 600_000) -> PostgresSettings {
    var limits = PostgresSettings.Limits.defaults
    limits.settleMilliseconds = settle
    // So that only what is tested ends a batch.
    limits.idleInBatchMilliseconds = 600_000
    limits.lockMilliseconds = 600_000
    limits.statementMilliseconds = 600_000
    let url = proxy.map { database.url(through: $0.folder) } ?? database.url
    return PostgresSettings(url: url, limits: limits)
  }

  /// Ends every other session in the database, and waits until they have ended.
  private func endSessions() throws {
    try database.session().run(
      """
      SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """
    )
  }

  @Test("A session that ends amid a batch has rolled it back, and the next batch has another")
  func sessionEnded() async throws {
    let teller = try Teller(settings())
    let head = try await teller.begin().head
    try endSessions()
    let failure = await failure { () async throws(StoreFailure) in
      try await teller.commit(after: head, log: [[1]])
    }
    #expect(failure?.isConflict == true, "\(String(describing: failure))")
    #expect(try await teller.begin().head == head)
  }

  @Test("A session that ends between two batches is made again unnoticed")
  func sessionEndedBetween() async throws {
    let teller = try Teller(settings())
    let head = try await teller.runBatch()
    try endSessions()
    #expect(try await teller.begin().head == head)
  }

  @Test("A commit whose answer is lost was made, and is said to be")
  func answerLost() async throws {
    let proxy = try Proxy(to: database.folder)
    defer { proxy.close() }
    let teller = try Teller(settings(through: proxy))
    try await teller.runBatch(log: [[1]])
    proxy.arm(.swallowAnswer)
    let head = try await teller.runBatch(log: [[2]]) { $0.users.put(Visitor.numbered(1)) }
    #expect(try await teller.begin().head == head)
    await teller.rollBack()
    #expect(try await teller.user(Visitor.numbered(1).id) == Visitor.numbered(1))
  }

  @Test("So is one that logs nothing")
  func answerLostWithoutLog() async throws {
    let proxy = try Proxy(to: database.folder)
    defer { proxy.close() }
    let teller = try Teller(settings(through: proxy))
    try await teller.runBatch()
    proxy.arm(.swallowAnswer)
    let head = try await teller.runBatch { $0.users.put(Visitor.numbered(1)) }
    #expect(try await teller.begin().head == head)
  }

  @Test("A commit that did not arrive was not made, nor can it be later")
  func commitLost() async throws {
    let proxy = try Proxy(to: database.folder)
    defer { proxy.close() }
    let teller = try Teller(settings(through: proxy))
    let before = try await teller.runBatch()
    let begun = try await teller.begin().head
    proxy.arm(.swallowCommit)
    let failure = await failure { () async throws(StoreFailure) in
      try await teller.commit(after: begun, log: [[2]]) { $0.users.put(Visitor.numbered(1)) }
    }
    #expect(failure?.isConflict == true, "\(String(describing: failure))")
    // The old session is gone, though its end of the connection still stands.
    #expect(try await teller.begin().head == before)
    await teller.rollBack()
    #expect(try await teller.user(Visitor.numbered(1).id) == nil)
  }

  @Test("A commit that hangs is ended by whoever asks what became of it")
  func commitHangs() async throws {
    let proxy = try Proxy(to: database.folder)
    defer { proxy.close() }
    let teller = try Teller(settings(through: proxy))
    let before = try await teller.runBatch()
    let session = try database.session()
    // Runs within the commit itself, and waits there for the session's lock.
    try session.run(
      """
      CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql
      AS 'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER standing_still AFTER INSERT ON users
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stand_still();
      SELECT pg_advisory_lock(7);
      """
    )
    let begun = try await teller.begin().head
    proxy.arm(.cutAfterCommit)
    let failure = await failure { () async throws(StoreFailure) in
      try await teller.commit(after: begun, log: [[2]]) { $0.users.put(Visitor.numbered(1)) }
    }
    #expect(failure?.isConflict == true, "\(String(describing: failure))")
    try session.run("SELECT pg_advisory_unlock(7)")
    #expect(try await teller.begin().head == before)
  }

  @Test("A commit of which nobody can be asked is unknown")
  func unknown() async throws {
    let proxy = try Proxy(to: database.folder)
    defer { proxy.close() }
    let teller = try Teller(settings(through: proxy, settle: 50))
    try await teller.runBatch()
    proxy.arm(.swallowAnswer, thenDeaf: true)
    let failure = await failure { () async throws(StoreFailure) in
      try await teller.runBatch(log: [[2]])
    }
    guard case .outcomeUnknown = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    let next = await failureOfBegin(teller)
    guard case .unreachable = next else {
      Issue.record("\(String(describing: next))")
      return
    }
  }

  private func failureOfBegin(_ teller: Teller) async -> StoreFailure? {
    await failure { () async throws(StoreFailure) in try await teller.begin() }
  }

  @Test("A row that the server refuses fails its batch alone")
  func refused() async throws {
    let teller = try Teller(settings())
    let head = try await teller.begin().head
    var user = Visitor.numbered(1)
    user.name = "no text has a \u{0}"
    let unstorable = user
    let failure = await failure { () async throws(StoreFailure) in
      try await teller.commit(after: head) { $0.users.put(unstorable) }
    }
    guard case .rolledBack(.refused, _) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try await teller.runBatch().batch == head.batch + 1)
  }

  @Test(
    "States of the server's mean what they mean for a batch",
    arguments: [
      ("40001", StoreFailure.Cause.conflict), ("40P01", .conflict), ("55P03", .conflict),
      ("57014", .conflict), ("53100", .full), ("53200", .full), ("22003", .refused),
      ("23514", .refused),
    ]
  )
  func states(state: String, cause: StoreFailure.Cause) async throws {
    let teller = try Teller(settings())
    try database.session().run(
      """
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql
      AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''\(state)'', MESSAGE = ''as planned''; END';
      CREATE TRIGGER failing BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION fail();
      """
    )
    let head = try await teller.begin().head
    let failure = await failure { () async throws(StoreFailure) in
      try await teller.commit(after: head) { $0.users.put(Visitor.numbered(1)) }
    }
    #expect(failure == .rolledBack(cause, "as planned (SQLSTATE \(state))"))
    #expect(try await teller.begin().head == head)
  }

  @Test("Where no server is, none can be reached")
  func unreachable() async throws {
    let nowhere = PostgresSettings(url: "postgresql:///none?host=/nowhere")
    let failure = await failure { () async throws(StoreFailure) in _ = try Teller(nowhere) }
    guard case .unreachable = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    let mistyped = PostgresSettings(url: "postgresql://?colour=red")
    let other = await self.failureOfOpening(mistyped)
    #expect(other == .unreachable("invalid URI query parameter: \"colour\""))
  }

  private func failureOfOpening(_ settings: PostgresSettings) async -> StoreFailure? {
    await failure { () async throws(StoreFailure) in _ = try Teller(settings) }
  }
}
