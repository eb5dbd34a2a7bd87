internal import BenchSupport
internal import Glibc
internal import RPCCore
internal import UsherAPI
internal import Wire

/// Those who buy, all at once: each one a caller with a user of its own, over a few connections.
struct Buyers: Sendable {
  static let connections = 12
  static let callers = 256
  private static let warmUp: Int64 = 500_000_000

  let hall: Hall
  private let reservations: ReservationClient
  private let wallets: WalletClient
  private let payments: PaymentClient
  private let health: HealthClient
  private let deck: SeatDeck

  init(client: Client, hall: Hall) {
    self.hall = hall
    reservations = ReservationClient(client)
    wallets = WalletClient(client)
    payments = PaymentClient(client)
    health = HealthClient(client)
    deck = SeatDeck(count: hall.dates.count * Int(hall.seatsPerDate))
  }

  /// Holds without pause.
  func hold(for time: Duration) async throws -> String {
    try await drive(for: time) { try await holdOne(as: $0) }
  }

  /// Whole journeys without pause: a hold, a charge of what it costs, and the payment.
  func travel(for time: Duration) async throws -> String {
    try await drive(for: time) { caller in
      let held = try await holdOne(as: caller)
      _ = try await wallets.charge(
        ChargeRequest(amount: Hall.price, description: "for a seat"),
        options: try hall.appOptions(for: caller)
      )
      _ = try await payments.pay(
        PayRequest(reservationIDs: held.reservations.map(\.id)),
        options: try hall.options(ofUser: caller)
      )
    }
  }

  @discardableResult
  private func holdOne(as caller: Int) async throws -> HoldResponse {
    guard let seat = deck.deal() else { throw RPCFailure(.outOfRange, "every seat was dealt") }
    let request = HoldRequest(
      dateID: hall.dates[seat / Int(hall.seatsPerDate)],
      seatNumbers: [UInt32(seat % Int(hall.seatsPerDate)) + 1]
    )
    return try await reservations.hold(request, options: try hall.options(ofUser: caller))
  }

  /// Has every caller do something over and over, and counts what ends after the warming up.
  private func drive(
    for time: Duration,
    _ body: @Sendable @escaping (Int) async throws -> Void
  ) async throws -> String {
    let start = now() + Self.warmUp
    let end = start + time.nanoseconds
    let spent = processorTime()
    let samples = try await withThrowingTaskGroup(of: Samples.self) { group in
      for caller in 0..<Self.callers {
        group.addTask {
          var samples = Samples()
          while true {
            let sent = now()
            guard sent < end else { return samples }
            try await body(caller)
            let arrived = now()
            if arrived >= start, arrived < end { samples.add(arrived - sent) }
          }
        }
      }
      var all = Samples()
      for try await samples in group { all += samples }
      return all
    }
    let share = Double(processorTime() - spent) / Double(now() - start + Self.warmUp)
    let rate = Double(samples.all.count) / Double(time.nanoseconds) * 1e9
    return "{\"rate\": \(rate), \"driver_cpu\": \(share), \(samples.json)}"
  }

  /// One caller alone; between its holds, a call that changes nothing and the disk by itself.
  func holdAlone(for time: Duration, besides path: String) async throws -> String {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    guard file >= 0 else { throw RPCFailure(.internal, "\(path) cannot be written") }
    defer { close(file) }
    let page = [UInt8](repeating: 1, count: 4_096)
    var holds = Samples()
    var checks = Samples()
    var writes = Samples()
    let end = now() + time.nanoseconds
    while now() < end {
      var start = now()
      try await holdOne(as: 0)
      holds.add(now() - start)
      start = now()
      _ = try await health.check(HealthCheckRequest())
      checks.add(now() - start)
      start = now()
      guard write(file, page, page.count) == page.count, fdatasync(file) == 0 else {
        throw RPCFailure(.internal, "\(path) cannot be written")
      }
      writes.add(now() - start)
    }
    return "{\"hold\": {\(holds.json)}, \"check\": {\(checks.json)}, \"fsync\": {\(writes.json)}}"
  }

  /// Every user asks for one and the same seat, at once.
  func rush() async throws -> String {
    guard let seat = deck.deal() else { throw RPCFailure(.outOfRange, "every seat was dealt") }
    let request = HoldRequest(
      dateID: hall.dates[seat / Int(hall.seatsPerDate)],
      seatNumbers: [UInt32(seat % Int(hall.seatsPerDate)) + 1]
    )
    let start = now()
    let outcomes = try await withThrowingTaskGroup(of: (String, Int64).self) { group in
      for user in hall.users.indices {
        group.addTask {
          let options = try hall.options(ofUser: user)
          do throws(RPCFailure) {
            _ = try await reservations.hold(request, options: options)
            return ("won", now())
          } catch {
            let refusal = error.trailers["usher-refusal"]
            return (refusal ?? "\(error.code)", now())
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let counts = Dictionary(grouping: outcomes, by: \.0).mapValues(\.count)
    let times = outcomes.map(\.1)
    let first = Double((times.min() ?? start) - start) / 1e9
    let last = Double((times.max() ?? start) - start) / 1e9
    let members = counts.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
    return "{\"outcomes\": {\(members)}, \"first\": \(first), \"last\": \(last)}"
  }

  /// Takes every seat of the first dates; of every second one they are paid, too.
  func fill(dates: Int) async throws -> String {
    try await withThrowingDiscardingTaskGroup { group in
      for caller in 0..<Self.callers {
        group.addTask {
          for date in stride(from: caller, to: dates, by: Self.callers) {
            try await fill(date, as: caller)
          }
        }
      }
    }
    return "{\"taken\": \(dates * Int(hall.seatsPerDate))}"
  }

  private func fill(_ date: Int, as caller: Int) async throws {
    let held = try await reservations.hold(
      HoldRequest(dateID: hall.dates[date], bestAvailable: hall.seatsPerDate),
      options: try hall.options(ofUser: caller)
    )
    guard date.isMultiple(of: 2) else { return }
    _ = try await wallets.charge(
      ChargeRequest(amount: Hall.price * Int64(hall.seatsPerDate), description: "for a date"),
      options: try hall.appOptions(for: caller)
    )
    _ = try await payments.pay(
      PayRequest(reservationIDs: held.reservations.map(\.id)),
      options: try hall.options(ofUser: caller)
    )
  }
}
