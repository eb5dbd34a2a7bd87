import Domain
import Ledger
import StoreSupport
import Threads

/// A ledger over a store in memory, with a concert to sell.
final class Shop: Sendable {
  let database: FakeDatabase
  let store: FakeStore
  let ledger: Ledger
  let log = FollowedLog()
  private let thread = WorkerThread()
  private let worker: Task<Void, Never>

  init(
    database: FakeDatabase = FakeDatabase(),
    rules: Rules = .defaults,
    limits: LedgerLimits = .defaults,
    receiptSecret: UInt8 = 5
  ) {
    self.database = database
    store = FakeStore(on: database)
    let seeds = Guarded(UInt64(1))
    let ledger = Ledger(
      store: store,
      executor: thread,
      coder: PlainCoder(),
      follower: log,
      options: LedgerOptions(
        rules: rules,
        limits: limits,
        monotonicNanoseconds: { 0 },
        seed: {
          seeds.withLock { seed in
            seed += 1
            return seed
          }
        },
        receiptSecret: { Array(repeating: receiptSecret, count: 32) }
      )
    )
    self.ledger = ledger
    // Unstructured, for it lives as long as the shop: `close` waits for it.
    worker = Task { await ledger.run() }
  }

  /// Lets what waits be done, and stops.
  func close() async {
    ledger.stop()
    await worker.value
    thread.stop()
  }

  /// What a command came to.
  func run<C: Command>(_ command: C) async throws(NotDone) -> C.Outcome {
    try await ledger.submit(command).outcome
  }

  /// Why a command is refused; nil if it is not.
  func refusal<C: Command>(of command: C) async -> Refusal.Reason? {
    do throws(NotDone) {
      _ = try await ledger.submit(command)
      return nil
    } catch {
      guard case .refused(let refusal) = error else { return nil }
      return refusal.reason
    }
  }

  func pass(milliseconds: Int64) {
    database.clock = database.clock.after(milliseconds: milliseconds)
  }
}

// MARK: - What is sold

extension Shop {
  /// A user with that balance.
  func user(_ name: String = "Ada", balance: Int64 = 0) async throws -> UserID {
    let user = try await run(Register(id: nil, name: name))
    if balance > 0 {
      _ = try await run(Charge(user: user.id, amount: balance, description: "test"))
    }
    return user.id
  }

  /// A date that can be booked now.
  func date(
    seats: UInt32 = 10,
    price: Int64 = 100,
    plan: ConcertPlan = ConcertPlan(name: "Spring")
  ) async throws -> DateID {
    let concert = try await run(CreateConcert(plan: plan))
    let date = try await run(
      AddDate(concert: concert.id, times: times(), prices: prices(seats, price))
    )
    return date.id
  }

  func times(startingIn start: Int64 = 0, endingIn end: Int64 = 3_600_000) -> DateTimes {
    let now = database.clock
    return DateTimes(
      opens: now.after(milliseconds: 7_200_000),
      closes: now.after(milliseconds: 14_400_000),
      bookingStarts: now.after(milliseconds: start),
      bookingEnds: now.after(milliseconds: end)
    )
  }

  func prices(_ seats: UInt32, _ price: Int64) -> SeatPrices {
    guard let prices = SeatPrices(total: seats, price: price) else {
      preconditionFailure("a date has seats")
    }
    return prices
  }

  func hold(_ seats: [UInt32], of date: DateID, by user: UserID) -> Hold {
    Hold(user: user, date: date, choice: .seats(seats))
  }
}

/// What a follower was told.
final class FollowedLog: LedgerFollower {
  private let told = Guarded<(events: [LoggedEvent], failures: [StoreFailure])>(([], []))

  var events: [LoggedEvent] { told.withLock { $0.events } }
  var failures: [StoreFailure] { told.withLock { $0.failures } }

  func committed(_ events: [LoggedEvent], encoded: [[UInt8]], head: Head) {
    told.withLock { $0.events += events }
  }

  func storeFailed(_ failure: StoreFailure) {
    told.withLock { $0.failures.append(failure) }
  }
}

/// Writes no more than an event's offset: what these tests look at are the events themselves.
struct PlainCoder: EventCoder {
  func encode(_ event: LoggedEvent) -> [UInt8] {
    withUnsafeBytes(of: event.offset.bigEndian) { Array($0) }
  }

  func decode(_ bytes: [UInt8]) -> LoggedEvent? { nil }
}
