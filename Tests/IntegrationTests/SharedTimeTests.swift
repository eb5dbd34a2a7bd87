import Glibc
import PostgresSupport
import Testing

@Suite(
  "A server on another machine than its database",
  .enabled(if: TestServer.url != nil, Comment(rawValue: TestServer.absence)),
  .timeLimit(.minutes(5))
)
struct SharedTimeTests {
  @Test("It goes by the database's clock, though its own is an hour ahead of that")
  func behind() async throws {
    let database = try TestDatabase()
    let session = try database.session()
    // Found before PostgreSQL's own, from the next session on.
    _ = try session.run("CREATE SCHEMA slow")
    _ = try session.run(
      """
      CREATE FUNCTION slow.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
      AS 'SELECT pg_catalog.clock_timestamp() - interval ''1 hour'''
      """
    )
    _ = try session.run(
      """
      DO $$ BEGIN EXECUTE format(
        'ALTER DATABASE %I SET search_path = slow, pg_catalog, public', current_database()
      ); END $$
      """
    )
    let place = try DataPlace()
    let usherd = try await place.start("--store", database.url)
    let stats = try Program(
      "usher",
      ["call", "operator/Stats", "--connect", place.address, "--data", place.data]
    )
    stats.closeInput()
    let outcome = try await stats.outcome()
    let shown = try #require(outcome.output.firstMatch(of: /"time_ms":"([0-9]+)"/)?.1)
    let behind = time(nil) - (try #require(Int(shown))) / 1_000
    #expect((3_000...4_200).contains(behind), "\(behind) s behind this machine's clock")
    usherd.signal(SIGTERM)
    #expect(try await usherd.outcome().code == 0)
  }
}
