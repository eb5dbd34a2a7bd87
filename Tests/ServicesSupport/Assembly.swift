package import Access
package import Domain
package import Ledger
package import RPCCore
internal import Services
package import StoreSupport
internal import Threads

/// Everything behind the wire, over a store in memory unless a fixture gives another: what a server is assembled from, with time and
/// chance in the test's hands.
package struct Assembly: Sendable {
  package let database: FakeDatabase
  package let store: FakeStore
  package let ledger: Ledger
  package let reader: any StoreReader
  package let follower: LogFollower
  package let keys: KeyRing
  package let services: [any RPCService]
  package let screen: AccessScreen
  /// What an operator and an app show.
  package let operatorKey: APIKey
  package let appKey: APIKey
  private let worker: Task<Void, Never>

  /// Puts the parts together on `executor`, and makes the first keys. Both the store's clock and the
  /// monotonic one are the database's.
  package init(
    on executor: any SerialExecutor,
    preferring preference: (any TaskExecutor)? = nil,
    database: FakeDatabase,
    fixture: (any StoreFixture)? = nil,
    rules: Rules = .defaults,
    limits: LedgerLimits = .defaults,
    aside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() },
    random: inout some RandomNumberGenerator
  ) async throws {
    let store = FakeStore(on: database)
    // A reader is opened after the store that it reads.
    let opened = try await fixture?.openStore() ?? store
    let reader = try await fixture?.openReader() ?? store.reader()
    let monotonic: @Sendable () -> Int64 = { database.clock.milliseconds * 1_000_000 }
    let boards = try await Boards.load(
      from: reader,
      storeNow: database.clock,
      monotonicNanoseconds: monotonic,
      encode: Concerts.encode,
      aside: aside
    )
    let follower = LogFollower(
      boards: boards,
      reader: reader,
      coder: MessageCoder(),
      failed: { _ in },
      works: {}
    )
    let ledger = Ledger(
      store: opened,
      executor: executor,
      coder: MessageCoder(),
      follower: follower,
      options: LedgerOptions(
        rules: rules,
        limits: limits,
        monotonicNanoseconds: monotonic,
        seed: Self.seeds(from: random.next()),
        receiptSecret: { Array(repeating: 5, count: 32) }
      )
    )
    // Unstructured, for it lives as long as what was assembled: `close` waits for it.
    worker = Task(executorPreference: preference) { await ledger.run() }
    let keys = KeyRing()
    operatorKey = APIKey(for: .operator, using: &random)
    appKey = APIKey(for: .app, using: &random)
    try await Self.keep([(operatorKey, .operator), (appKey, .app)], in: ledger)
    try await keys.load(from: reader)
    let counter = Counter(
      ledger: ledger,
      reader: reader,
      follower: follower,
      // The loop's clock stands still here.
      ledgerDeadline: { _ in .max }
    )
    let facts = ServerFacts(rules: rules, version: "1", store: "fake", traffic: { Traffic() })
    services = counter.services(keys: keys, facts: facts)
    screen = AccessScreen(ring: keys, boards: boards)
    self.database = database
    self.store = store
    self.ledger = ledger
    self.reader = reader
    self.follower = follower
    self.keys = keys
  }

  /// Makes the store know these keys, and one to sign with.
  private static func keep(
    _ shown: [(APIKey, AppKey.Role)],
    in ledger: Ledger
  ) async throws(NotDone) {
    let secret = [UInt8](repeating: 7, count: 32)
    _ = try await ledger.submit(AddSigningKey(secret: secret, delayMilliseconds: 0))
    for (key, role) in shown {
      _ = try await ledger.submit(AddAppKey(name: "first", role: role, digest: key.digest))
    }
  }

  /// What answers the wire.
  package func makeCore() throws -> ServerCore {
    ServerCore(router: try Router(services: services), screen: screen)
  }

  /// Lets what waits be done, and stops.
  package func close() async {
    ledger.stop()
    await worker.value
  }

  private static func seeds(from first: UInt64) -> @Sendable () -> UInt64 {
    let last = Guarded(first)
    return {
      last.withLock { last in
        last &+= 1
        return last
      }
    }
  }
}
