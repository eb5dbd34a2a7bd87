import Ledger
import StoreSupport
import Testing

@Suite("The store in memory")
struct FakeContractTests {
  struct Fixture: StoreFixture {
    let database = FakeDatabase()

    func openStore() async throws -> sending any Store { FakeStore(on: database) }
    func openReader() async throws -> any StoreReader { FakeReader(of: database) }
  }

  @Test("It keeps the contract", arguments: StoreContract.clauses)
  func contract(_ clause: StoreContract.Clause) async throws {
    try await clause.check(on: Fixture())
  }
}
