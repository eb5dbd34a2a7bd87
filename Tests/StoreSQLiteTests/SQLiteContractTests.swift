import Domain
import Ledger
import StoreSupport
import Testing

@testable import StoreSQLite

@Suite("The store on SQLite")
struct SQLiteContractTests {
  /// One file in a directory of its own.
  final class Fixture: StoreFixture {
    private let directory = TemporaryDirectory()
    private let store = Opened()

    func openStore() async throws -> sending any Store {
      let made = try SQLiteStore(path: directory.database) { Instant(milliseconds: 0) }
      await store.keep(made.reader())
      return made
    }

    func openReader() async throws -> any StoreReader {
      try #require(await store.reader)
    }
  }

  /// The reader of the store that was opened last.
  actor Opened {
    private(set) var reader: SQLiteReader?
    func keep(_ reader: SQLiteReader) { self.reader = reader }
  }

  @Test("It keeps the contract", arguments: StoreContract.clauses)
  func contract(_ clause: StoreContract.Clause) async throws {
    try await clause.check(on: Fixture())
  }
}
