import Dispatch
import Domain
import Ledger
import Testing

@testable import StoreSQLite

@Suite("Reading beside the writer")
struct ReaderTests {
  private let directory = TemporaryDirectory()

  private func open() throws -> SQLiteStore {
    try SQLiteStore(path: directory.database) { Instant(milliseconds: 0) }
  }

  private func isConflict(_ error: any Error) -> Bool {
    guard case .rolledBack(.conflict, _)? = error as? StoreFailure else { return false }
    return true
  }

  @Test("Where too many reads wait, the next is refused, and those that wait are served")
  func bounded() async throws {
    let store = try open()
    var options = SQLiteReader.Options.defaults
    options.connections = 1
    options.waitingMax = 1
    let reader = store.reader(options)
    let (started, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    async let first = reader.read { snapshot throws(StoreFailure) in
      started.signal()
      mayEnd.wait()
      return snapshot.head.batch
    }
    while started.wait(timeout: .now()) == .timedOut { await Task.yield() }
    async let second = reader.read { $0.head.batch }
    while reader.waitingCount == 0 { await Task.yield() }
    await #expect(performing: { try await reader.read { $0.head.batch } }, throws: isConflict)
    mayEnd.signal()
    #expect(try await first == 0)
    #expect(try await second == 0)
    await reader.close()
    await store.close()
  }

  @Test("Only so many states are held at once, and one that is let go of makes room")
  func heldStates() async throws {
    let store = try open()
    var options = SQLiteReader.Options.defaults
    options.heldMax = 1
    let reader = store.reader(options)
    let held = try await reader.hold()
    await #expect(performing: { _ = try await reader.hold() }, throws: isConflict)
    await held.end()
    await held.end()
    let other = try await reader.hold()
    #expect(try await other.read { $0.head.batch } == 0)
    await other.end()
    await reader.close()
    await store.close()
  }

  @Test("Waiting for a commit ends after its time")
  func waitingEnds() async throws {
    let store = try open()
    let reader = store.reader()
    await reader.waitForCommit(after: 0, atMost: .milliseconds(1))
    await reader.close()
    await store.close()
  }

  @Test("A reader's connection cannot write")
  func readOnly() async throws {
    let store = try open()
    let connection = try Connection(path: directory.database, .reading)
    #expect(connection.isReadOnly)
    #expect(throws: StoreFailure.self) { try connection.run("UPDATE head SET batch = 7") }
    await store.close()
  }
}
