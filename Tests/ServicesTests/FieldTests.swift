import RPCCore
import ServicesSupport
import Testing
import UsherAPI
import Wire

@Suite("Fields that are not what they have to be")
struct FieldTests {
  /// A call, and the field that its refusal has to name.
  struct BadCall: Sendable, CustomTestStringConvertible {
    let field: String
    let value: String
    let call: @Sendable (Stage) async throws -> Void

    init<Answer>(
      _ field: String,
      _ value: String,
      _ call: @Sendable @escaping (Stage) async throws -> Answer
    ) {
      self.field = field
      self.value = value
      self.call = { _ = try await call($0) }
    }

    var testDescription: String { "\(field) \(value)" }
  }

  /// What calls are made against.
  struct Stage: Sendable {
    let app: Guest
    let ada: Guest
    let desk: OperatorClient
    let date: ConcertDate
    let held: String
    let dates: AddDateRequest
    let user: String
  }

  @Test("A bad field is refused by its name, and nothing happens", arguments: BadCall.all)
  func badField(bad: BadCall) throws {
    let house = try House()
    let date = try house.date(seats: 60)
    let user = try house.user(balance: 10)
    let stage = Stage(
      app: house.app,
      ada: house.app(for: user),
      desk: house.operator.operators,
      date: date,
      held: try house.hold([1], of: date.id, by: user)[0],
      dates: house.dateRequest(of: date.concertID),
      user: user
    )
    let offset = house.offset
    let failure = try #require(try house.failure { try await bad.call(stage) })
    #expect(failure.refusal == "FIELD_INVALID", "\(failure)")
    #expect(failure.code == .invalidArgument)
    #expect(failure.message.contains(bad.field), "\(failure)")
    #expect(house.offset == offset)
  }

  @Test("What is just within the bounds is taken")
  func bounds() throws {
    let house = try House()
    let date = try house.date(seats: 60)
    let id = try house.user(String(repeating: "é", count: 128), balance: 1)
    let ada = house.app(for: id)
    let desk = house.operator.operators
    let dates = house.dateRequest(of: date.concertID)
    try house.run {
      _ = try await ada.reservations.hold(.init(dateID: date.id, seatNumbers: Array(1...50)))
      _ = try await ada.reservations.list(.init(pageSize: 500))
      let long = String(repeating: "x", count: 1_024)
      _ = try await ada.wallets.charge(.init(amount: .max - 1, description: long))
      _ = try await ada.users.issueToken(.init(userID: id, ttlMs: 604_800_000))
      let day = CreateConcertRequest(name: "Spring", holdTTLMs: 86_400_000)
      _ = try await desk.createConcert(day)
      var large = dates
      large.seats = 1_000_000
      large.prices = [.init(from: 1, to: 1_000_000, price: 0)]
      _ = try await desk.addDate(large)
      let shouted = RegisterRequest(name: "Ada", id: stranger.uppercased())
      #expect(try await ada.users.register(shouted).user?.id == stranger)
    }
  }
}

extension FieldTests.BadCall {
  static let all = ids + texts + numbers + lists + operators

  private static let badIDs = ["", "7", "0199aaaa00007000800000000000beef", stranger + "0"]

  private static let ids = badIDs.flatMap { id in
    [
      Self("user_id", id) { try await $0.app.users.get(.init(userID: id)) },
      Self("user_id", id) { try await $0.app.users.issueToken(.init(userID: id)) },
      Self("user_id", id) { try await $0.app.users.delete(.init(userID: id)) },
      Self("concert_id", id) { try await $0.app.concerts.listDates(.init(concertID: id)) },
      Self("date_id", id) { try await $0.app.concerts.listSeats(.init(dateID: id)) },
      Self("date_id", id) {
        try await $0.ada.reservations.hold(.init(dateID: id, seatNumbers: [1]))
      },
      Self("reservation_ids", id) {
        try await $0.ada.reservations.release(.init(reservationIDs: [id]))
      },
      Self("reservation_id", id) {
        try await $0.ada.reservations.get(.init(reservationID: id))
      },
      Self("reservation_id", id) {
        try await $0.ada.reservations.cancel(.init(reservationID: id))
      },
      Self("reservation_ids", id) { try await $0.ada.payments.pay(.init(reservationIDs: [id])) },
      Self("payment_id", id) { try await $0.ada.payments.get(.init(paymentID: id)) },
      Self("concert_id", id) { try await $0.desk.deleteConcert(.init(concertID: id)) },
      Self("concert.id", id) {
        try await $0.desk.updateConcert(.init(concert: .init(id: id, name: "Spring")))
      },
      Self("date.id", id) { try await $0.desk.updateDate(.init(date: .init(id: id))) },
      Self("date_id", id) { try await $0.desk.cancelDate(.init(dateID: id)) },
      Self("key_id", id) { try await $0.desk.revokeAppKey(.init(keyID: id)) },
      Self("concert_id", id) {
        var request = $0.dates
        request.concertID = id
        _ = try await $0.desk.addDate(request)
      },
    ]
  }

  private static let badNames = ["", String(repeating: "n", count: 257), "a\u{7}b", "a\nb"]

  private static let texts =
    badNames.flatMap { text in
      [
        Self("name", text) { try await $0.app.users.register(.init(name: text)) },
        Self("name", text) { try await $0.desk.createConcert(.init(name: text)) },
        Self("name", text) { try await $0.desk.createAppKey(.init(name: text)) },
        Self("concert.name", text) {
          let concert = Concert(id: $0.date.concertID, name: text)
          _ = try await $0.desk.updateConcert(.init(concert: concert))
        },
      ]
    } + [
      Self("id", "another's") { try await $0.app.users.register(.init(name: "Bo", id: $0.user)) },
      Self("id", "no UUID") { try await $0.app.users.register(.init(name: "Bo", id: "7")) },
      Self("description", "too long") {
        let long = String(repeating: "x", count: 1_025)
        _ = try await $0.ada.wallets.charge(.init(amount: 1, description: long))
      },
      Self("description", "with a tab") {
        try await $0.ada.wallets.charge(.init(amount: 1, description: "a\tb"))
      },
      Self("place", "too long") {
        let long = String(repeating: "x", count: 257)
        _ = try await $0.desk.createConcert(.init(name: "Spring", place: long))
      },
      Self("reason", "with an escape") {
        try await $0.desk.cancelDate(.init(dateID: $0.date.id, reason: "\u{1B}[2J"))
      },
      Self("page_token", "no token") {
        try await $0.ada.reservations.list(.init(pageToken: "next"))
      },
      Self("page_token", "no token") { try await $0.ada.payments.list(.init(pageToken: "next")) },
      Self("page_token", "no token") {
        try await $0.ada.wallets.listEntries(.init(pageToken: "next"))
      },
      Self("page_token", "no token") {
        try await $0.app.concerts.listConcerts(.init(pageToken: "next"))
      },
    ]

  private static let numbers =
    [0, -1, .min].map { amount in
      Self("amount", "\(amount)") { try await $0.ada.wallets.charge(.init(amount: amount)) }
    }
    + [501, .max].flatMap { size in
      [
        Self("page_size", "\(size)") {
          try await $0.ada.reservations.list(.init(pageSize: size))
        },
        Self("page_size", "\(size)") { try await $0.ada.payments.list(.init(pageSize: size)) },
        Self("page_size", "\(size)") {
          try await $0.ada.wallets.listEntries(.init(pageSize: size))
        },
        Self("page_size", "\(size)") {
          try await $0.app.concerts.listConcerts(.init(pageSize: size))
        },
      ]
    } + [
      Self("ttl_ms", "more than a week") {
        try await $0.app.users.issueToken(.init(userID: $0.user, ttlMs: 604_800_001))
      },
      Self("state", "unknown") {
        try await $0.ada.reservations.list(.init(state: .init(rawValue: 9)))
      },
    ]

  private static let lists = [
    Self("seat_numbers", "none") {
      try await $0.ada.reservations.hold(.init(dateID: $0.date.id))
    },
    Self("seat_numbers", "one twice") {
      try await $0.ada.reservations.hold(.init(dateID: $0.date.id, seatNumbers: [5, 6, 5]))
    },
    Self("seat_numbers", "51 of them") {
      try await $0.ada.reservations.hold(.init(dateID: $0.date.id, seatNumbers: Array(2...52)))
    },
    Self("best_available", "51 of them") {
      try await $0.ada.reservations.hold(.init(dateID: $0.date.id, bestAvailable: 51))
    },
    Self("best_available", "more than there are numbers for") {
      try await $0.ada.reservations.hold(.init(dateID: $0.date.id, bestAvailable: .max))
    },
    Self("best_available", "beside seat numbers") {
      try await $0.ada.reservations.hold(
        .init(dateID: $0.date.id, seatNumbers: [5], bestAvailable: 1)
      )
    },
    Self("reservation_ids", "none") { try await $0.ada.payments.pay(.init()) },
    Self("reservation_ids", "one twice") {
      try await $0.ada.payments.pay(.init(reservationIDs: [$0.held, $0.held]))
    },
    Self("reservation_ids", "none") { try await $0.ada.reservations.release(.init()) },
    Self("reservation_ids", "one twice") {
      try await $0.ada.reservations.release(.init(reservationIDs: [$0.held, $0.held]))
    },
  ]

  private static let operators = [
    Self("concert", "none") { try await $0.desk.updateConcert(.init()) },
    Self("date", "none") { try await $0.desk.updateDate(.init()) },
    Self("hold_ttl_ms", "more than a day") {
      try await $0.desk.createConcert(.init(name: "Spring", holdTTLMs: 86_400_001))
    },
    Self("concert_id", "with a date") {
      try await $0.desk.deleteConcert(.init(concertID: $0.date.concertID))
    },
    Self("closes_ms", "before it opens") { stage in
      try await stage.add { $0.closesMs = $0.opensMs }
    },
    Self("booking_ends_ms", "before it starts") { stage in
      try await stage.add { $0.bookingEndsMs = $0.bookingStartsMs }
    },
    Self("booking_ends_ms", "after the end") { stage in
      try await stage.add { $0.bookingEndsMs = $0.closesMs + 1 }
    },
    Self("seats", "too many") { stage in try await stage.add { $0.seats = 1_000_001 } },
    Self("seats", "as many as can be written") { stage in
      try await stage.add { $0.seats = .max }
    },
    Self("price", "below 0") { stage in try await stage.add { $0.price = -1 } },
    Self("prices", "of a seat beyond") { stage in
      try await stage.add { $0.prices = [.init(from: 10, to: 11, price: 1)] }
    },
    Self("prices", "of seat 0") { stage in
      try await stage.add { $0.prices = [.init(from: 0, to: 1, price: 1)] }
    },
    Self("prices", "of one seat twice") { stage in
      try await stage.add {
        $0.prices = [.init(from: 1, to: 3, price: 1), .init(from: 3, to: 4, price: 2)]
      }
    },
    Self("prices", "the wrong way round") { stage in
      try await stage.add { $0.prices = [.init(from: 4, to: 3, price: 1)] }
    },
    Self("prices", "up to the last number") { stage in
      try await stage.add { $0.prices = [.init(from: 1, to: .max, price: 1)] }
    },
  ]
}

extension FieldTests.Stage {
  fileprivate func add(_ change: (inout AddDateRequest) -> Void) async throws {
    var request = dates
    change(&request)
    _ = try await desk.addDate(request)
  }
}
