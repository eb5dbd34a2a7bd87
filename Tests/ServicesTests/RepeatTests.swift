import Domain
import Ledger
import RPCCore
import ServicesSupport
import Testing
import UsherAPI
import Wire

@Suite("Asking twice with one idempotency key")
struct RepeatTests {
  @Test("Every change answers the second time what it did the first, and is done once")
  func everyChange() throws {
    let house = try House()
    let date = try house.date(
      CreateConcertRequest(name: "Spring", cancelUntilMs: house.now + 1_000_000)
    )
    let id = try house.user(balance: 1_000)
    let ada = try house.app(for: id).once("one")
    let app = try house.app.once("one")

    let registered = try twice(house) { try await app.users.register(.init(name: "Bob")).user }
    let bob = try #require(registered)
    _ = try twice(house) { try await app.users.delete(.init(userID: bob.id)) }
    _ = try twice(house) { try await ada.wallets.charge(.init(amount: 7)) }
    let seats = HoldRequest(dateID: date.id, seatNumbers: [3, 1, 2])
    let held = try twice(house) { try await ada.reservations.hold(seats) }
    let ids = held.reservations.map(\.id)
    _ = try twice(house) {
      try await ada.reservations.release(.init(reservationIDs: [ids[2]]))
    }
    let paid = try twice(house) {
      try await ada.payments.pay(.init(reservationIDs: [ids[0], ids[1]]))
    }
    #expect(paid.balance == 807)
    let back = try twice(house) {
      try await ada.reservations.cancel(.init(reservationID: ids[0]))
    }
    #expect(back.refunded == 100)
    #expect(back.balance == 907)
    #expect(try house.run { try await ada.wallets.getBalance(.init()).balance } == 907)
  }

  @Test("An operator's changes can be repeated too")
  func operatorsChanges() throws {
    let house = try House()
    let desk = try house.operator.once("one").operators
    let concert = try twice(house) { try await desk.createConcert(.init(name: "Spring")) }
    var changed = concert
    changed.place = "West hall"
    let request = UpdateConcertRequest(concert: changed)
    _ = try twice(house) { try await desk.updateConcert(request) }
    let wanted = house.dateRequest(of: concert.id)
    var date = try twice(house) { try await desk.addDate(wanted) }
    date.bookingEndsMs += 1
    let later = UpdateDateRequest(date: date)
    _ = try twice(house) { try await desk.updateDate(later) }
    let id = date.id
    let ada = try house.user(balance: 100)
    _ = try house.pay(try house.hold([1], of: id, by: ada), by: ada)
    let cancelled = try twice(house) { try await desk.cancelDate(.init(dateID: id)) }
    #expect(cancelled.refundedSeats == 1)
    #expect(cancelled.refunded == 100)
    _ = try twice(house) { try await desk.deleteConcert(.init(concertID: concert.id)) }
  }

  @Test("Keys are made, ended and changed once; an app's key is shown to the first who asks")
  func keys() throws {
    let house = try House()
    let desk = try house.operator.once("one").operators
    let made = try house.run { try await desk.createAppKey(.init(name: "shop")) }
    #expect(!made.key.isEmpty)
    let again = try twice(house) { try await desk.createAppKey(.init(name: "shop")) }
    #expect(again.keyID == made.keyID)
    #expect(again.key.isEmpty)
    #expect(
      try house.failure { try await desk.createAppKey(.init(name: "other")) }?.refusal
        == "KEY_REUSED"
    )
    _ = try twice(house) { try await desk.revokeAppKey(.init(keyID: made.keyID)) }
    let app = house.bearer(made.key)
    #expect(
      try house.failure { try await app.concerts.listConcerts(.init()) }?.refusal
        == "CREDENTIALS_INVALID"
    )
    let before = try signingKeys(house)
    _ = try twice(house) { try await desk.rotateSigningKey(.init()) }
    #expect(try signingKeys(house) == before + 1)
  }

  @Test("The same key on another method, or of another caller, is another")
  func otherKeys() throws {
    let house = try House()
    let ada = try house.app(for: try house.user()).once("one")
    let bob = try house.app(for: try house.user("Bob")).once("one")
    try house.run {
      _ = try await ada.wallets.charge(.init(amount: 1))
      _ = try await bob.wallets.charge(.init(amount: 2))
    }
    #expect(try house.run { try await ada.wallets.getBalance(.init()).balance } == 1)
    #expect(try house.run { try await bob.wallets.getBalance(.init()).balance } == 2)
  }

  @Test("A refusal is not remembered: the same key may succeed later")
  func refusals() throws {
    let house = try House()
    let id = try house.user(balance: 50)
    let held = try house.hold([1], of: try house.date().id, by: id)
    let ada = try house.app(for: id).once("pay")
    let pay = PayRequest(reservationIDs: held)
    #expect(
      try house.failure { try await ada.payments.pay(pay) }?.refusal == "INSUFFICIENT_BALANCE"
    )
    let charging = house.app(for: id)
    try house.run { try await charging.wallets.charge(.init(amount: 50)) }
    #expect(try house.run { try await ada.payments.pay(pay).balance } == 0)
  }

  @Test("A key is good for a day, and then means nothing any more")
  func aDay() throws {
    let house = try House()
    let ada = try house.app(for: try house.user()).once("one")
    try house.run { try await ada.wallets.charge(.init(amount: 5)) }
    house.jump(milliseconds: 86_399_999)
    #expect(try house.run { try await ada.wallets.charge(.init(amount: 5)).balance } == 5)
    house.jump(milliseconds: 1)
    #expect(try house.run { try await ada.wallets.charge(.init(amount: 5)).balance } == 10)
  }

  @Test("A key comes before every other check: what has lapsed since answers as it did")
  func beforeEverything() throws {
    let house = try House()
    let date = try house.date(CreateConcertRequest(name: "Spring", holdTTLMs: 2_000))
    let id = try house.user(balance: 100)
    let held = try house.hold([1], of: date.id, by: id)
    let ada = try house.app(for: id).once("pay")
    let pay = PayRequest(reservationIDs: held)
    let first = try house.run { try await ada.payments.pay(pay) }
    house.pass(milliseconds: 3_600_000)
    #expect(try house.run { try await ada.payments.pay(pay) } == first)
  }

  @Test("Whether someone stood in line already is answered as it was the first time")
  func existing() throws {
    let house = try House()
    try house.setGate()
    let id = try house.user()
    let request = EnterRequest(gate: "west")
    for (key, isExisting) in [("first", false), ("second", true)] {
      let ada = try house.app(for: id).once(key)
      for _ in 0..<2 {
        let entered = try house.run { try await ada.gates.enter(request) }
        #expect(entered.existing == isExisting, "\(key)")
      }
    }
  }

  @Test("A key has 1 to 64 characters", arguments: [0, 1, 64, 65])
  func length(count: Int) throws {
    let house = try House()
    let key = String(repeating: "k", count: count)
    let ada = try house.app(for: try house.user()).once(key)
    let failure = try house.failure { try await ada.wallets.charge(.init(amount: 1)) }
    guard !(1...64).contains(count) else { return #expect(failure == nil) }
    #expect(failure?.refusal == "FIELD_INVALID")
    #expect(failure?.message.contains("idempotency-key") == true)
  }

  @Test("Whoever asks again while the first is under way gets the same answer")
  func together() throws {
    let house = try House()
    let ada = try house.app(for: try house.user()).once("one")
    let answers = try house.run {
      async let first = ada.wallets.charge(.init(amount: 5))
      async let second = ada.wallets.charge(.init(amount: 5))
      return try await [first, second]
    }
    #expect(answers[0] == answers[1])
    #expect(try house.run { try await ada.wallets.getBalance(.init()).balance } == 5)
  }

  private func signingKeys(_ house: House) throws -> Int {
    let reader = house.parts.reader
    return try house.run {
      try await reader.read { snapshot throws(StoreFailure) in
        let keys: [SigningKey] = try snapshot.page(after: nil, max: 100)
        return keys.count
      }
    }
  }

  private func twice<Answer: Equatable & Sendable>(
    _ house: House,
    _ call: @escaping @Sendable () async throws -> Answer
  ) throws -> Answer {
    let first = try house.run(call)
    let offset = house.offset
    #expect(try house.run(call) == first)
    #expect(house.offset == offset, "something happened again")
    return first
  }
}
