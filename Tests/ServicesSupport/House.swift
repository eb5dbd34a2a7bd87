internal import Access
package import Domain
package import Ledger
package import RPCCore
package import StoreSupport
package import TestSupport
package import UsherAPI
internal import Wire

/// A whole server and its clients on one simulated loop: what is asked here goes over the wire's
/// bytes, and everything runs on the test's own thread.
package final class House: Sendable {
  package let loop: SimulatedLoop
  package let parts: Assembly
  package let client: Client
  private let isInMemory: Bool

  /// What houses are opened on, by a clock of theirs; a store in memory where there is none.
  @TaskLocal package static var fixture: (@Sendable (FakeDatabase) -> any StoreFixture)?

  /// When a house opens: some day of 2026.
  package static let start = Instant(milliseconds: 1_780_000_000_000)

  /// A house with a database of its own, or on one that another has left. `aside` runs what takes long.
  package init(
    on left: FakeDatabase? = nil,
    rules: Rules = .defaults,
    limits: LedgerLimits = .defaults,
    aside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() },
    seed: UInt64 = 1
  ) throws {
    let loop = SimulatedLoop()
    let database = left ?? FakeDatabase()
    if left == nil { database.clock = Self.start }
    let fixture = Self.fixture?(database)
    isInMemory = fixture == nil
    parts = try loop.run {
      var random = SeededGenerator(seed: seed)
      return try await Assembly(
        on: loop,
        preferring: loop,
        database: database,
        fixture: fixture,
        rules: rules,
        limits: limits,
        aside: aside,
        random: &random
      )
    }
    client = Client(connector: InProcessConnector(to: try parts.makeCore(), on: loop))
    self.loop = loop
  }

  package var database: FakeDatabase { parts.database }
  package var now: Int64 { database.clock.milliseconds }
  /// The last event's offset.
  package var offset: UInt64 { parts.follower.tail.offset }
  /// The log, as the store has it.
  package var log: [[UInt8]] { database.state.log }
  /// How many batches were committed.
  package var batches: UInt64 { database.state.head.batch }

  /// Runs `body` on the loop until it is through.
  @discardableResult
  package func run<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) throws -> Result {
    // Of what other threads do the loop's clock knows nothing: it waits for them where it is.
    try loop.run(advancing: isInMemory ? .seconds(60) : .zero, body)
  }

  /// How a call failed; nil if it did not.
  package func failure<Result: Sendable>(
    of body: @escaping @Sendable () async throws -> Result
  ) throws -> RPCFailure? {
    try run {
      do {
        _ = try await body()
        return nil
      } catch let failure as RPCFailure {
        return failure
      }
    }
  }

  /// Lets time pass, with a beat of the ledger every second, as a server has it.
  package func pass(milliseconds: Int64) {
    var left = milliseconds
    while left > 0 {
      let step = min(left, 1_000)
      jump(milliseconds: step)
      left -= step
    }
  }

  /// Lets time pass in which nobody was there: more than a few seconds of it are an outage.
  package func jump(milliseconds: Int64) {
    moveClock(milliseconds: milliseconds)
    parts.ledger.tick()
    loop.perform {}
  }

  /// Moves the clock, and leaves the ledger asleep.
  package func moveClock(milliseconds: Int64) {
    database.clock = database.clock.after(milliseconds: milliseconds)
  }
}

// MARK: - Who calls

extension House {
  /// Someone with those things beside the request.
  package func guest(_ metadata: [(String, String)] = []) -> Guest {
    var all = Metadata()
    for (key, value) in metadata {
      do throws(MetadataFault) {
        try all.add(key, value)
      } catch {
        preconditionFailure("a test says what cannot be said: \(key): \(value)")
      }
    }
    return Guest(client, all)
  }

  package var `operator`: Guest { bearer(parts.operatorKey.text) }

  /// An app that acts for nobody.
  package var app: Guest { bearer(parts.appKey.text) }

  /// An app that acts for `user`.
  package func app(for user: String, _ more: [(String, String)] = []) -> Guest {
    bearer(parts.appKey.text, [(Metadata.Key.user, user)] + more)
  }

  /// Whoever shows that.
  package func bearer(_ secret: String, _ more: [(String, String)] = []) -> Guest {
    guest([(Metadata.Key.authorization, "Bearer \(secret)")] + more)
  }
}

// MARK: - What there is

extension House {
  /// A user with that balance.
  package func user(_ name: String = "Ada", balance: Int64 = 0) throws -> String {
    let app = app
    let user = try run { try await app.users.register(RegisterRequest(name: name)).user }
    guard let user else { preconditionFailure("Register answers a user") }
    if balance > 0 {
      let acting = self.app(for: user.id)
      try run {
        try await acting.wallets.charge(ChargeRequest(amount: balance, description: "a start"))
      }
    }
    return user.id
  }

  package func concert(
    _ request: CreateConcertRequest = CreateConcertRequest(name: "Spring")
  ) throws -> UsherAPI.Concert {
    let desk = self.operator
    return try run { try await desk.operators.createConcert(request) }
  }

  /// A date that can be booked for the next hour and is in two.
  package func dateRequest(
    of concert: String,
    seats: UInt32 = 10,
    price: Int64 = 100
  ) -> AddDateRequest {
    AddDateRequest(
      concertID: concert,
      opensMs: now + 7_200_000,
      closesMs: now + 14_400_000,
      bookingStartsMs: now,
      bookingEndsMs: now + 3_600_000,
      seats: seats,
      price: price
    )
  }

  package func date(
    seats: UInt32 = 10,
    price: Int64 = 100,
    _ concert: CreateConcertRequest = CreateConcertRequest(name: "Spring")
  ) throws -> UsherAPI.ConcertDate {
    let request = dateRequest(of: try self.concert(concert).id, seats: seats, price: price)
    return try add(request)
  }

  package func add(_ request: AddDateRequest) throws -> UsherAPI.ConcertDate {
    let desk = self.operator
    return try run { try await desk.operators.addDate(request) }
  }

  /// Holds those seats and answers the reservations' ids.
  package func hold(_ seats: [UInt32], of date: String, by user: String) throws -> [String] {
    let acting = app(for: user)
    return try run {
      try await acting.reservations.hold(HoldRequest(dateID: date, seatNumbers: seats))
        .reservations.map(\.id)
    }
  }

  package func pay(_ reservations: [String], by user: String) throws -> PayResponse {
    let acting = app(for: user)
    return try run {
      try await acting.payments.pay(PayRequest(reservationIDs: reservations))
    }
  }
}
