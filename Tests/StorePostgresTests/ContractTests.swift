import Ledger
import PostgresSupport
import StorePostgres
import StoreSupport
import Testing

@Suite("PostgreSQL", .enabled(if: TestServer.url != nil, Comment(rawValue: TestServer.absence)))
struct ContractTests {
  struct Fixture: StoreFixture {
    let database: TestDatabase

    func openStore() async throws -> sending any Store {
      var limits = PostgresSettings.Limits.defaults
      // Other tests may keep this one waiting in the midst of a batch.
      limits.idleInBatchMilliseconds = 600_000
      return try PostgresStore(PostgresSettings(url: database.url, limits: limits))
    }

    func openReader() async throws -> any StoreReader {
      var limits = PostgresSettings.Limits.defaults
      limits.idleInReadMilliseconds = 600_000
      return PostgresReader(PostgresSettings(url: database.url, limits: limits), readsMax: 2)
    }
  }

  @Test("It keeps the contract", arguments: StoreContract.clauses)
  func contract(_ clause: StoreContract.Clause) async throws {
    try await clause.check(on: Fixture(database: TestDatabase()))
  }
}
