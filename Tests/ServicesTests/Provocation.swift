import Access
import Domain
import Ledger
import RPCCore
import ServicesSupport
import StoreSupport
import Testing
import UsherAPI
import Wire

/// One way to be refused, and what the sentence has to name.
struct Provocation: Sendable, CustomTestStringConvertible {
  struct Answer {
    let failure: RPCFailure?
    let names: [String]
  }

  let refusal: UsherAPI.Refusal
  let title: String
  /// Whether it wants a store that fails when it is told to.
  private(set) var needsFault = false
  let provoke: @Sendable () throws -> Answer

  init(
    _ refusal: UsherAPI.Refusal,
    _ title: String,
    _ provoke: @Sendable @escaping () throws -> Answer
  ) {
    self.refusal = refusal
    self.title = title
    self.provoke = provoke
  }

  var testDescription: String { "\(refusal.shortName ?? "?"): \(title)" }

  static let all = calling + selling + holding + lining + serving
}

/// An id that nothing has.
let stranger = "0199aaaa-0000-7000-8000-00000000beef"

// MARK: - Who is calling

extension Provocation {
  private static let calling = [
    Provocation(.credentialsMissing, "nothing was shown") {
      let house = try House()
      let nobody = house.guest()
      return Answer(
        failure: try house.failure { try await nobody.wallets.getBalance(.init()) },
        names: ["authorization"]
      )
    },
    Provocation(.credentialsInvalid, "a key that nobody has") {
      let house = try House()
      let forger = house.bearer(house.parts.appKey.text.dropLast() + "_")
      return Answer(
        failure: try house.failure { try await forger.concerts.listConcerts(.init()) },
        names: ["key"]
      )
    },
    Provocation(.forbidden, "an app at the operator's desk") {
      let house = try House()
      let app = house.app
      return Answer(
        failure: try house.failure { try await app.operators.stats(.init()) },
        names: ["/usher.v1.OperatorService/Stats", "operators"]
      )
    },
    Provocation(.forbidden, "a user who asks after another") {
      let house = try House()
      let app = house.app
      let token = try house.run { try await app.users.register(.init(name: "Ada")).token }
      let ada = house.bearer(token)
      return Answer(
        failure: try house.failure { try await ada.users.get(.init(userID: stranger)) },
        names: [stranger]
      )
    },
    Provocation(.userRequired, "an app that names nobody") {
      let house = try House()
      let app = house.app
      return Answer(
        failure: try house.failure { try await app.payments.list(.init()) },
        names: ["usher-user"]
      )
    },
    Provocation(.fieldInvalid, "a charge of nothing") {
      let house = try House()
      let ada = house.app(for: try house.user())
      return Answer(
        failure: try house.failure { try await ada.wallets.charge(.init(amount: 0)) },
        names: ["amount", "0"]
      )
    },
    Provocation(.keyReused, "a key that was used for another request") {
      let house = try House()
      let ada = try house.app(for: try house.user()).once("key-1")
      try house.run { try await ada.wallets.charge(.init(amount: 1)) }
      return Answer(
        failure: try house.failure { try await ada.wallets.charge(.init(amount: 2)) },
        names: ["key-1"]
      )
    },
  ]
}

// MARK: - What is sold

extension Provocation {
  private static let selling = [
    Provocation(.gateNotFound, "a gate that nobody made") {
      let house = try House()
      let desk = house.operator
      return Answer(
        failure: try house.failure { try await desk.operators.getGate(.init(name: "spring")) },
        names: ["spring"]
      )
    },
    Provocation(.gateNotFound, "a concert behind a gate that nobody made") {
      let house = try House()
      let desk = house.operator
      return Answer(
        failure: try house.failure {
          try await desk.operators.createConcert(.init(name: "Spring", gate: "west"))
        },
        names: ["west"]
      )
    },
    Provocation(.userNotFound, "a user whom nobody made") {
      let house = try House()
      let app = house.app
      return Answer(
        failure: try house.failure { try await app.users.get(.init(userID: stranger)) },
        names: [stranger]
      )
    },
    Provocation(.userNotFound, "money for a user who was deleted") {
      let house = try House()
      let id = try house.user()
      let ada = house.app(for: id)
      try house.run { try await ada.users.delete(.init(userID: id)) }
      return Answer(
        failure: try house.failure { try await ada.wallets.charge(.init(amount: 5)) },
        names: [id]
      )
    },
    nobodysList("reservations") { try await $0.reservations.list(.init()) },
    nobodysList("payments") { try await $0.payments.list(.init()) },
    nobodysList("entries") { try await $0.wallets.listEntries(.init()) },
    Provocation(.concertNotFound, "a concert that nobody made") {
      let house = try House()
      let app = house.app
      return Answer(
        failure: try house.failure { try await app.concerts.listDates(.init(concertID: stranger)) },
        names: [stranger]
      )
    },
    Provocation(.dateNotFound, "a date that nobody made") {
      let house = try House()
      let app = house.app
      return Answer(
        failure: try house.failure { try await app.concerts.listSeats(.init(dateID: stranger)) },
        names: [stranger]
      )
    },
    Provocation(.seatNotFound, "a seat beyond the last") {
      let house = try House()
      let date = try house.date(seats: 3)
      let ada = house.app(for: try house.user())
      return Answer(
        failure: try house.failure {
          try await ada.reservations.hold(.init(dateID: date.id, seatNumbers: [4]))
        },
        names: ["seat 4", "1 to 3", date.id]
      )
    },
    Provocation(.nothingBookable, "a concert without a date") {
      let house = try House()
      let concert = try house.concert()
      let app = house.app
      return Answer(
        failure: try house.failure {
          try await app.concerts.listDates(.init(concertID: concert.id))
        },
        names: [concert.id]
      )
    },
    Provocation(.nothingBookable, "a date without a free seat") {
      let house = try House()
      let date = try house.date(seats: 1)
      _ = try house.hold([1], of: date.id, by: try house.user())
      let app = house.app
      return Answer(
        failure: try house.failure { try await app.concerts.listSeats(.init(dateID: date.id)) },
        names: [date.id]
      )
    },
    Provocation(.bookingNotOpen, "a hold a millisecond too early") {
      try booking { house, request in
        request.bookingStartsMs = house.now + 1
        return request.bookingStartsMs
      }
    },
    Provocation(.bookingClosed, "a hold at the very end of booking") {
      try booking { house, request in
        request.bookingStartsMs = house.now - 1
        request.bookingEndsMs = house.now
        return request.bookingEndsMs
      }
    },
    Provocation(.seatTaken, "a seat that another holds") {
      let house = try House()
      let date = try house.date()
      _ = try house.hold([7], of: date.id, by: try house.user())
      let bob = house.app(for: try house.user("Bob"))
      return Answer(
        failure: try house.failure {
          try await bob.reservations.hold(.init(dateID: date.id, seatNumbers: [6, 7]))
        },
        names: ["seat 7", date.id]
      )
    },
    Provocation(.notEnoughSeats, "more than are free") {
      let house = try House()
      let date = try house.date(seats: 4)
      _ = try house.hold([1, 3], of: date.id, by: try house.user())
      let bob = house.app(for: try house.user("Bob"))
      return Answer(
        failure: try house.failure {
          try await bob.reservations.hold(.init(dateID: date.id, bestAvailable: 3))
        },
        names: ["2 free", "not 3"]
      )
    },
    Provocation(.seatLimit, "more than one user may have") {
      let house = try House()
      let date = try house.date(CreateConcertRequest(name: "Spring", seatsPerUserMax: 2))
      let id = try house.user()
      _ = try house.hold([1], of: date.id, by: id)
      let ada = house.app(for: id)
      return Answer(
        failure: try house.failure {
          try await ada.reservations.hold(.init(dateID: date.id, seatNumbers: [2, 3]))
        },
        names: ["2 seats", "has 1", "wants 2"]
      )
    },
  ]

  private static func nobodysList(
    _ what: String,
    _ list: @Sendable @escaping (Guest) async throws -> some Sendable
  ) -> Provocation {
    Provocation(.userNotFound, "the \(what) of a user whom nobody made") {
      let house = try House()
      let app = house.app(for: stranger)
      return Answer(failure: try house.failure { try await list(app) }, names: [stranger])
    }
  }

  private static func booking(
    _ change: (House, inout AddDateRequest) -> Int64
  ) throws -> Answer {
    let house = try House()
    var request = house.dateRequest(of: try house.concert().id)
    let moment = change(house, &request)
    let date = try house.add(request)
    let ada = house.app(for: try house.user())
    return Answer(
      failure: try house.failure {
        try await ada.reservations.hold(.init(dateID: date.id, seatNumbers: [1]))
      },
      names: [date.id, "\(moment) ms"]
    )
  }
}

// MARK: - Holding and paying

extension Provocation {
  private static let holding = [
    Provocation(.reservationNotFound, "a reservation that is another's") {
      let house = try House()
      let date = try house.date()
      let held = try house.hold([1], of: date.id, by: try house.user())
      let bob = house.app(for: try house.user("Bob", balance: 1_000))
      return Answer(
        failure: try house.failure { try await bob.payments.pay(.init(reservationIDs: held)) },
        names: held
      )
    },
    Provocation(.holdExpired, "a payment at the moment of the lapse") {
      let house = try House()
      let date = try house.date(CreateConcertRequest(name: "Spring", holdTTLMs: 3_000))
      let id = try house.user(balance: 1_000)
      let held = try house.hold([1], of: date.id, by: id)
      let lapse = house.now + 3_000
      house.pass(milliseconds: 3_000)
      let ada = house.app(for: id)
      return Answer(
        failure: try house.failure { try await ada.payments.pay(.init(reservationIDs: held)) },
        names: held + ["\(lapse) ms"]
      )
    },
    Provocation(.alreadyPaid, "a second payment") {
      let house = try House()
      let id = try house.user(balance: 1_000)
      let held = try house.hold([1], of: try house.date().id, by: id)
      _ = try house.pay(held, by: id)
      let ada = house.app(for: id)
      return Answer(
        failure: try house.failure { try await ada.payments.pay(.init(reservationIDs: held)) },
        names: held
      )
    },
    Provocation(.alreadyCancelled, "a second release") {
      let house = try House()
      let id = try house.user()
      let held = try house.hold([1], of: try house.date().id, by: id)
      let ada = house.app(for: id)
      try house.run { try await ada.reservations.release(.init(reservationIDs: held)) }
      return Answer(
        failure: try house.failure {
          try await ada.reservations.release(.init(reservationIDs: held))
        },
        names: held
      )
    },
    Provocation(.cancelClosed, "a cancellation at the very end of its time") {
      let house = try House()
      let until = house.now + 2_000
      let date = try house.date(CreateConcertRequest(name: "Spring", cancelUntilMs: until))
      let id = try house.user(balance: 1_000)
      let held = try house.hold([1], of: date.id, by: id)
      _ = try house.pay(held, by: id)
      house.pass(milliseconds: 2_000)
      let ada = house.app(for: id)
      return Answer(
        failure: try house.failure {
          try await ada.reservations.cancel(.init(reservationID: held[0]))
        },
        names: held
      )
    },
    Provocation(.insufficientBalance, "one unit too little") {
      let house = try House()
      let id = try house.user(balance: 299)
      let held = try house.hold([1], of: try house.date(price: 300).id, by: id)
      let ada = house.app(for: id)
      return Answer(
        failure: try house.failure { try await ada.payments.pay(.init(reservationIDs: held)) },
        names: ["300", "299"]
      )
    },
    Provocation(.balanceOverflow, "more than a wallet can hold") {
      let house = try House()
      let ada = house.app(for: try house.user(balance: .max))
      return Answer(
        failure: try house.failure { try await ada.wallets.charge(.init(amount: 1)) },
        names: ["1 ", "\(Int64.max)"]
      )
    },
    Provocation(.balanceOverflow, "seats that cost more than can be counted") {
      let house = try House()
      let id = try house.user(balance: .max)
      let held = try house.hold([1, 2], of: try house.date(price: .max).id, by: id)
      let ada = house.app(for: id)
      return Answer(
        failure: try house.failure { try await ada.payments.pay(.init(reservationIDs: held)) },
        names: ["cost"]
      )
    },
    Provocation(.paymentNotFound, "a payment that is another's") {
      let house = try House()
      let id = try house.user(balance: 1_000)
      let held = try house.hold([1], of: try house.date().id, by: id)
      let payment = try house.pay(held, by: id).payment?.id ?? ""
      let bob = house.app(for: try house.user("Bob"))
      return Answer(
        failure: try house.failure { try await bob.payments.get(.init(paymentID: payment)) },
        names: [payment]
      )
    },
  ]
}

// MARK: - The service

extension Provocation {
  private static let serving = [
    Provocation(.overloaded, "a queue that takes nobody") {
      var limits = LedgerLimits.defaults
      limits.doorMax = 0
      let house = try House(limits: limits)
      let app = house.app
      return Answer(
        failure: try house.failure { try await app.users.register(.init(name: "Ada")) },
        names: ["ms"]
      )
    },
    broken(.storeFull, FakeFault(.commit, .rolledBack(.full, "no room"), .always)),
    broken(.storeDown, FakeFault(.begin, .unreachable("gone away"), .always)),
    broken(.outcomeUnknown, FakeFault(.committed, .outcomeUnknown("nobody knows"))),
    Provocation(.storeDown, "an offset that this instance has not come to") {
      let house = try House()
      let app = try house.app.saying("at-least-offset", "1")
      return Answer(
        failure: try house.failure { try await app.concerts.listConcerts(.init()) },
        names: ["offset 0", "to 1"]
      )
    },
    Provocation(.epochChanged, "a log of another life") {
      let house = try House()
      let app = house.app
      return Answer(
        failure: try house.failure {
          for try await _ in app.events.subscribe(.init(epoch: 9)) {}
        },
        names: ["is 1", "not 9", "common offset is 0"]
      )
    },
  ]

  private static func broken(_ refusal: UsherAPI.Refusal, _ fault: FakeFault) -> Provocation {
    var provocation = Provocation(refusal, "a store that fails at \(fault.step)") {
      let house = try House()
      let ada = house.app(for: try house.user())
      house.parts.store.fail(fault)
      return Answer(
        failure: try house.failure { try await ada.wallets.charge(.init(amount: 1)) },
        names: []
      )
    }
    provocation.needsFault = true
    return provocation
  }
}
