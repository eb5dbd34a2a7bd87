internal import Access
internal import Crypto
internal import Domain
internal import Foundation
internal import Ledger
internal import RPCCore
internal import Services
internal import Threads
internal import UsherAPI

/// What is sold and to whom: the store, the ledger over it, boards, keys, and the services in front.
final class Sale: Sendable {
  let isNew: Bool
  let keyNotices: [KeyNotice]
  let ledger: Ledger
  let boards: Boards
  let keys: KeyRing
  /// What receipts are checked with, as they name it; nil where the store could not be given a key.
  let receiptKey: String?
  private let counter: Counter
  private let reader: any StoreReader
  private let follower: LogFollower
  private let thread: WorkerThread
  private let address: StoreAddress
  /// The ledger's worker, and what keeps time and keys. They live until ``stop()``.
  private let worker: Task<Void, Never>
  private let keeper: Task<Void, Never>

  /// Opens the store and starts the work behind the services. `failed` hears of its failures, and
  /// `works` of every batch that it has committed.
  init(
    _ options: SaleOptions,
    failed: @escaping @Sendable (StoreFailure) -> Void,
    works: @escaping @Sendable () -> Void
  ) async throws {
    address = options.store
    try options.makeDirectory()
    let opened = try await OpenedStore(options.store)
    isNew = opened.isNew
    let reader = opened.reader
    let boards = try await Self.boards(of: opened)
    let coder = MessageCoder()
    let follower = LogFollower(
      boards: boards,
      reader: reader,
      coder: coder,
      failed: failed,
      works: works
    )
    let thread = WorkerThread()
    let ledger = Ledger(
      store: opened.store,
      executor: thread,
      coder: coder,
      follower: follower,
      options: LedgerOptions(
        monotonicNanoseconds: Clocks.monotonic,
        seed: { UInt64.random(in: 0 ... .max) },
        receiptSecret: {
          var random = SystemRandomNumberGenerator()
          return SecretBytes.random(ReceiptKey.secretBytes, using: &random)
        }
      )
    )
    let keys = KeyRing()
    // Unstructured, for they live as long as the server: stop() waits for both.
    worker = Task { await ledger.run() }
    keyNotices = try await Self.prepareKeys(ledger, reader, options)
    try await keys.load(from: reader)
    receiptKey = try await Self.receiptKey(ledger, reader)
    // Its head may be old, and a batch reads its clock.
    if opened.isShared {
      boards.time.read(try await ledger.submit(LapseDue(due: [])).at)
    }
    // What this server commits itself, its ledger hands to the follower; a look at the store after
    // each commit would only be in the way of the next.
    let followed = opened.isShared ? follower : nil
    // Unstructured for the same reason.
    keeper = Task { await Self.keep(ledger, boards, following: followed, keys, reader) }
    self.reader = reader
    self.boards = boards
    self.follower = follower
    self.thread = thread
    self.ledger = ledger
    self.keys = keys
    counter = Counter(
      ledger: ledger,
      reader: reader,
      follower: follower,
      // Loops and the ledger go by the same clock of the machine.
      ledgerDeadline: { $0.nanoseconds }
    )
  }

  private static func boards(of opened: OpenedStore) async throws(StoreFailure) -> Boards {
    try await Boards.load(
      from: opened.reader,
      // The time of a store that others share is the store's own: this machine's may be ahead of it,
      // and what boards show of time never goes back.
      storeNow: opened.isShared ? Instant(milliseconds: .min) : Clocks.wall(),
      monotonicNanoseconds: Clocks.monotonic,
      encode: Concerts.encode,
      aside: { work in if !BlockingThread.start(work) { work() } }
    )
  }

  private static func prepareKeys(
    _ ledger: Ledger,
    _ reader: some StoreReader,
    _ options: SaleOptions
  ) async throws -> [KeyNotice] {
    var random = SystemRandomNumberGenerator()
    let firstKeys = FirstKeys(ledger: ledger, reader: reader, directory: options.directory)
    return try await firstKeys.prepare(
      anew: options.makesOperatorKey ? [.operator] : [],
      using: &random
    )
  }

  /// The first batch makes the key. A store that is older than receipts may have had none since: it is
  /// given one.
  private static func receiptKey(
    _ ledger: Ledger,
    _ reader: some StoreReader
  ) async throws(StoreFailure) -> String? {
    var isAsked = false
    while true {
      let (key, batch) = try await reader.read { snapshot throws(StoreFailure) in
        let key: ReceiptKey? = try snapshot.row(ReceiptKey.current)
        return (key, snapshot.head.batch)
      }
      guard key == nil, !isAsked else { return key.map { Base64URL.text(of: $0.publicKey) } }
      isAsked = true
      ledger.tick()
      await reader.waitForCommit(after: batch, atMost: .seconds(5))
    }
  }

  /// What the server offers.
  func services(traffic: @escaping @Sendable () -> Traffic) -> [any RPCService] {
    let facts = ServerFacts(
      rules: .defaults,
      version: Version.number,
      store: address.description,
      traffic: traffic
    )
    return counter.services(keys: keys, facts: facts)
  }

  /// What is wrong with the files of keys.
  var keyWarnings: [String] {
    keyNotices.compactMap { notice in
      guard case .made = notice else { return notice.description }
      return nil
    }
  }

  /// Opens something to try the server with, and answers its concert's id.
  func openDemo() async throws -> String {
    try await Demo(ledger: ledger, boards: boards).open().description
  }

  /// Who may call.
  var screen: AccessScreen {
    AccessScreen(ring: keys, boards: boards)
  }

  /// Finishes what was submitted and puts the store away.
  func stop() async {
    keeper.cancel()
    await keeper.value
    await reader.close()
    ledger.stop()
    await worker.value
    thread.stop()
  }
}

// MARK: - Keeping time and keys

extension Sale {
  /// How often it looks whether time has come for something: what a policy allows is offered within
  /// 50 ms, the batch included.
  private static let beat = Duration.milliseconds(20)

  /// Until its task is cancelled.
  private static func keep(
    _ ledger: Ledger,
    _ boards: Boards,
    following follower: LogFollower?,
    _ keys: KeyRing,
    _ reader: any StoreReader
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await keys.stayCurrent(with: reader) }
      if let follower { group.addTask { await follower.follow() } }
      group.addTask { await tick(ledger, boards) }
      group.addTask { await adapt(ledger, boards) }
    }
  }

  /// Has the ledger end what is over and let in whoever may come, and moves the log's time once a
  /// second while anything lives, so that a longer gap is known to be an outage.
  private static func tick(_ ledger: Ledger, _ boards: Boards) async {
    let clock = ContinuousClock()
    var last = clock.now
    while !Task.isCancelled {
      do {
        try await clock.sleep(for: beat)
      } catch {
        return
      }
      boards.watch.ring(at: boards.time.now)
      let isDue = boards.isDue()
      guard isDue || (clock.now - last >= .seconds(1) && boards.isAnythingAlive) else { continue }
      ledger.tick()
      last = clock.now
    }
  }
}

extension Sale {
  /// Has adaptive rates follow what the ledger can bear, once a second.
  private static func adapt(_ ledger: Ledger, _ boards: Boards) async {
    let clock = ContinuousClock()
    while !Task.isCancelled {
      do {
        try await clock.sleep(for: .seconds(1))
      } catch {
        return
      }
      let report = ledger.report
      let load = AdaptiveRate.Load(
        p99Milliseconds: report.p99Milliseconds,
        waiting: report.insideWaiting + report.doorWaiting
      )
      for gate in boards.gateNames.compactMap({ boards.gate($0) }) {
        guard let adaptive = gate.policy.adaptive, gate.isServing,
          let next = AdaptiveRate(after: gate.policy.rateCount, adaptive, load)
        else { continue }
        let command = AdaptRate(name: gate.name, count: next.count, reason: next.reason)
        // A rate that could not be moved now is moved in a second.
        _ = try? await ledger.submit(command)
      }
    }
  }
}

/// What a sale is opened with.
struct SaleOptions: Sendable {
  let directory: String
  let store: StoreAddress
  let makesOperatorKey: Bool

  /// The data directory, which only its owner may look into.
  func makeDirectory() throws(StartFailure) {
    do {
      try FileManager.default.createDirectory(
        atPath: directory,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    } catch {
      throw StartFailure(
        "cannot make the data directory \(directory): \(error.localizedDescription)",
        hint: "name one that this user may make, with --data."
      )
    }
  }
}
