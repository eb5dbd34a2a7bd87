import Domain
import Ledger
import PostgresSupport
import StorePostgres
import Testing
import Threads

@Suite(
  "A line that two instances serve",
  .enabled(if: TestServer.url != nil, Comment(rawValue: TestServer.absence)),
  .timeLimit(.minutes(5))
)
struct SharedLineTests {
  private let history = History()
  private let instances: [Instance]

  init() throws {
    let database = try TestDatabase()
    let history = history
    instances = try (0..<2).map { number in
      try Instance(database: database, history: history, seed: UInt64(number) << 32)
    }
  }

  private func close() async {
    for instance in instances { await instance.close() }
  }

  /// Makes a gate, and so many users.
  private func prepare(_ policy: GatePolicy, users count: Int) async throws -> [UserID] {
    let change = GateChange(by: "test")
    let set = SetGate(plan: GatePlan(name: "west", policy: policy), change: change, seed: [])
    _ = try await instances[0].ledger.submit(set)
    var users: [UserID] = []
    for number in 0..<count {
      let ledger = instances[number % 2].ledger
      users.append(try await ledger.submit(Register(id: nil, name: "user \(number)")).outcome.id)
    }
    return users
  }

  /// All enter at once, every other one at the other instance.
  private func enter(_ users: [UserID]) async throws -> [Ticket] {
    try await withThrowingTaskGroup(of: Ticket.self) { group in
      for (number, user) in users.enumerated() {
        let ledger = instances[number % 2].ledger
        group.addTask {
          try await ledger.submit(Enter(gate: "west", user: user), lane: .door).outcome.ticket
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private func pass(_ ticket: Ticket) -> Pass {
    Pass(
      gate: "west",
      ticket: ticket.id,
      user: ticket.user,
      epoch: 1,
      expires: Instant(milliseconds: .max)
    )
  }

  @Test("Its cap and its order hold, whoever enters, claims and leaves at which of both")
  func capAndOrder() async throws {
    var policy = GatePolicy.defaults
    policy.insideMax = 3
    let users = try await prepare(policy, users: 40)
    let tickets = try await enter(users)
    #expect(Set(tickets.map(\.number)) == Set(1...40))
    // One in seven loses patience while the others go in and out.
    let impatient = Set(tickets.filter { $0.number > 6 && $0.number % 7 == 0 }.map(\.id))
    var rounds = 0
    while true {
      let states = history.states
      let living = tickets.filter { states[$0.id]?.isLiving == true }
      guard !living.isEmpty, rounds < 200 else { break }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for ticket in living {
          let ledger = instances[(Int(ticket.number) + rounds) % 2].ledger
          let pass = pass(ticket)
          switch states[ticket.id] {
          case .admitted:
            group.addTask { _ = try await ledger.submit(Claim(pass: pass)) }
          case .active:
            group.addTask { _ = try await ledger.submit(Leave(pass: pass)) }
          case .waiting where impatient.contains(ticket.id) && rounds == 2:
            group.addTask { _ = try await ledger.submit(Leave(pass: pass)) }
          default: break
          }
        }
        try await group.waitForAll()
      }
      rounds += 1
    }
    await close()
    history.check(cap: 3)
    let expected = (1...40 as ClosedRange<UInt64>).filter { number in
      !tickets.contains { $0.number == number && history.leftWaiting.contains($0.id) }
    }
    #expect(history.admitted == expected)
    #expect(!history.leftWaiting.isEmpty)
  }

  @Test("Its rate holds over both")
  func rate() async throws {
    var policy = GatePolicy.defaults
    policy.rateCount = 5
    policy.rateMilliseconds = 3_600_000
    let users = try await prepare(policy, users: 24)
    _ = try await enter(users)
    for instance in instances {
      instance.ledger.tick()
      _ = try await instance.ledger.submit(Register(id: nil, name: "one more"))
    }
    await close()
    history.check(cap: 5)
    #expect(history.admitted == [1, 2, 3, 4, 5])
  }

  @Test("A name that cannot be is no gate's, and no reason to trouble the database")
  func impossibleName() async throws {
    let users = try await prepare(.defaults, users: 1)
    for name in ["we\0st", "", String(repeating: "x", count: 65)] {
      do throws(NotDone) {
        _ = try await instances[0].ledger.submit(Enter(gate: name, user: users[0]))
        Issue.record("entered \(name.debugDescription)")
      } catch {
        guard case .refused(let refusal) = error else { throw error }
        #expect(refusal.reason == .gateNotFound, "\(refusal)")
      }
    }
    await close()
  }

  @Test("One who enters at both at once has one place")
  func sameUser() async throws {
    var policy = GatePolicy.defaults
    policy.insideMax = 1
    let users = try await prepare(policy, users: 10)
    let tickets = try await enter(users.flatMap { [$0, $0] })
    await close()
    #expect(Set(tickets.map(\.number)) == Set(1...10))
    #expect(Set(tickets.map(\.id)).count == 10)
    history.check(cap: 1)
  }
}

// MARK: - Two ledgers

/// A ledger of its own over a shared database.
private final class Instance: Sendable {
  let ledger: Ledger
  private let thread = WorkerThread()
  private let worker: Task<Void, Never>

  init(database: TestDatabase, history: History, seed: UInt64) throws {
    var limits = PostgresSettings.Limits.defaults
    // Only what is tested ends a batch, however busy the machine is.
    limits.idleInBatchMilliseconds = 600_000
    limits.lockMilliseconds = 600_000
    limits.statementMilliseconds = 600_000
    let seeds = Guarded(seed)
    let ledger = Ledger(
      store: try PostgresStore(PostgresSettings(url: database.url, limits: limits)),
      executor: thread,
      coder: MuteCoder(),
      follower: history,
      options: LedgerOptions(
        monotonicNanoseconds: { 0 },
        seed: {
          seeds.withLock { seed in
            seed += 1
            return seed
          }
        },
        receiptSecret: { Array(repeating: 5, count: 32) }
      )
    )
    self.ledger = ledger
    // Unstructured, for it lives as long as the instance: `close` waits for it.
    worker = Task { await ledger.run() }
  }

  func close() async {
    ledger.stop()
    await worker.value
    thread.stop()
  }
}

/// Nobody reads this log.
private struct MuteCoder: EventCoder {
  func encode(_ event: LoggedEvent) -> [UInt8] { [] }
  func decode(_ bytes: [UInt8]) -> LoggedEvent? { nil }
}

/// What both instances have committed, in the order of the log.
private final class History: LedgerFollower {
  private let events = Guarded<[UInt64: LoggedEvent]>([:])
  private let twice = Guarded(0)

  func committed(_ events: [LoggedEvent], encoded: [[UInt8]], head: Head) {
    self.events.withLock { all in
      for event in events where all.updateValue(event, forKey: event.offset) != nil {
        twice.withLock { $0 += 1 }
      }
    }
  }

  func storeFailed(_ failure: StoreFailure) { Issue.record("\(failure)") }

  private var inOrder: [LoggedEvent] {
    events.withLock { $0.values.sorted { $0.offset < $1.offset } }
  }

  private var moves: [TicketMove] {
    inOrder.compactMap { event in
      guard case .ticketMoved(let move) = event.event else { return nil }
      return move
    }
  }

  /// The state of every ticket.
  var states: [TicketID: Ticket.State] {
    var states: [TicketID: Ticket.State] = [:]
    for event in inOrder {
      switch event.event {
      case .ticketEntered(let entry): states[entry.ticket] = .waiting
      case .ticketMoved(let move): states[move.ticket] = move.to
      default: break
      }
    }
    return states
  }

  /// The numbers of those who were admitted, in the order in which they were.
  var admitted: [UInt64] { moves.filter { $0.to == .admitted }.map(\.number) }

  var leftWaiting: Set<TicketID> {
    Set(moves.filter { $0.from == .waiting && $0.to == .left }.map(\.ticket))
  }

  /// Sees that the log has no gap, that admissions are numbered in order, and that no more than `cap`
  /// were inside after any step.
  func check(cap: Int) {
    let offsets = inOrder.map(\.offset)
    #expect(offsets == Array(1...UInt64(offsets.count)))
    #expect(twice.withLock { $0 } == 0)
    let admissions = moves.filter { $0.to == .admitted }.map(\.admission)
    #expect(admissions == Array(1..<UInt64(admissions.count) + 1))
    var inside = 0
    var most = 0
    for move in moves {
      inside += (move.to.isInside ? 1 : 0) - (move.from.isInside ? 1 : 0)
      most = max(most, inside)
    }
    #expect(most == cap)
  }
}
