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
@Suite("The services over SQLite", .timeLimit(.minutes(5)))
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

  @Test("A line is the same")
  func line() async throws {
    try await overSQLite {
      let tests = LineTests()
      try tests.enterAgain()
      try tests.severalGates()
      try tests.places()
      try tests.leaving()
      try tests.paying()
      try tests.expiring()
      try tests.noShow()
      try tests.claiming()
      try tests.returning()
      try tests.graceEnds()
      try tests.straightIn()
      try tests.noOvertaking()
      try tests.leaveAgain()
      try tests.outage()
    }
  }

  @Test("What happens inside a gate is the same")
  func inside() async throws {
    try await overSQLite {
      let tests = InsideTests()
      try tests.prolonged()
      try tests.oldToken()
      try tests.released()
      try tests.releasedLate()
      try tests.lapsed()
      try tests.sessionMax()
      try tests.others()
      try tests.token()
      try tests.anothersToken()
      try tests.epoch()
      try tests.afterPaying()
      try tests.order()
      try tests.chargeAndPay()
    }
  }

  @Test("What operators decide is the same")
  func policy() async throws {
    try await overSQLite {
      let tests = PolicyTests()
      try tests.rate()
      try tests.rateAndCap()
      try tests.rateRaised()
      try tests.capMoved()
      try tests.pause()
      try tests.drain()
      try tests.opening()
      try tests.gathering()
      try tests.openingPaused()
      try tests.lottery()
      try tests.lotteryFixed()
      try tests.priority()
      let stock = StockTests()
      try stock.told()
      try stock.soldOut()
      try stock.cancelled()
      try stock.limitedToStock()
      try stock.limitGone()
    }
  }

  @Test("What gates tell is the same")
  func telling() async throws {
    try await overSQLite {
      let tests = TellingTests()
      try tests.check()
      try tests.counters()
      try tests.dryRun()
      try tests.movedPlaces()
      try tests.explain()
      let watching = WatchTests()
      try watching.states()
      try watching.positions()
      try watching.epoch()
      try watching.outage()
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
