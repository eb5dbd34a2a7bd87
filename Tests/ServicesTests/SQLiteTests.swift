import Domain
import Foundation
import Ledger
import ServicesSupport
import StoreSQLite
import StoreSupport
import Testing
import Threads

/// A database file for one house, by the house's clock.
private final class HouseFile: StoreFixture {
  private let clock: @Sendable () -> Instant
  private let folder = FileManager.default.temporaryDirectory.appending(path: "usher-\(UUID())")
  private let readers = Guarded<[SQLiteReader]>([])

  init(clock: @escaping @Sendable () -> Instant) {
    self.clock = clock
  }

  func openStore() throws -> sending any Store {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let store = try SQLiteStore(path: folder.path + "/usher.db", clock: clock)
    let reader = store.reader()
    readers.withLock { $0.append(reader) }
    return store
  }

  func openReader() -> any StoreReader {
    guard let reader = readers.withLock({ $0.last }) else {
      preconditionFailure("a reader is opened after its store")
    }
    return reader
  }

  func close() async {
    for reader in readers.withLock({ $0 }) { await reader.close() }
    // What is left behind is in the system's folder for such things.
    try? FileManager.default.removeItem(at: folder)
  }
}

/// What callers hear does not hang on the store: these are tests of the services over a real one.
@Suite("The services over SQLite", .timeLimit(.minutes(2)))
struct SQLiteTests {
  private func overSQLite(_ body: () throws -> Void) async throws {
    let files = Guarded<[HouseFile]>([])
    try House.$fixture.withValue({ database in
      let file = HouseFile { database.clock }
      files.withLock { $0.append(file) }
      return file
    }) {
      try body()
    }
    let used = files.withLock { $0 }
    #expect(!used.isEmpty)
    for file in used { await file.close() }
  }

  @Test("Every refusal is the same", arguments: Provocation.all.filter { !$0.needsFault })
  func refusals(provocation: Provocation) async throws {
    try await overSQLite { try RefusalTests().refusal(provocation: provocation) }
  }

  @Test("Every change is done once for its idempotency key, and answers again as it did")
  func repeats() async throws {
    try await overSQLite {
      let tests = RepeatTests()
      try tests.everyChange()
      try tests.operatorsChanges()
      try tests.keys()
      try tests.refusals()
      try tests.aDay()
      try tests.together()
    }
  }

  @Test("Lists, lapses and outages are the same")
  func reads() async throws {
    try await overSQLite {
      let tests = ReadTests()
      try tests.outage()
      try tests.atLeastOffset()
      try tests.pages()
    }
  }
}
