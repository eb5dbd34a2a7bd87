import Access
import Domain
import Ledger
import RPCCore
import ServicesSupport
import Testing
import UsherAPI
import Wire

@Suite("Inside a gate")
struct InsideTests {
  /// A house with a gate and a date behind it, and someone inside.
  private func inside(
    _ policy: UsherAPI.GatePolicy,
    holdMilliseconds: UInt32 = 0
  ) throws -> (House, Visitor, date: String) {
    let house = try House()
    try house.setGate("west", policy)
    let date = try house.guardedDate(holdMilliseconds: holdMilliseconds)
    let ada = try house.visitor()
    try ada.enter()
    return (house, ada, date.id)
  }

  private func held(_ response: HoldResponse) -> [String] { response.reservations.map(\.id) }

  // MARK: - How long

  @Test("A hold prolongs its ticket to the hold's end; the answer's token lasts as long")
  func prolonged() throws {
    let (house, ada, date) = try inside(.init(sessionTTLMs: 10_000), holdMilliseconds: 30_000)
    house.pass(milliseconds: 9_000)
    let hold = try ada.hold([1], of: date)
    #expect(hold.entryExpiresMs == house.now + 30_000)
    #expect(!hold.entryToken.isEmpty)
    #expect(try ada.check().entryExpiresMs == hold.entryExpiresMs)
    house.pass(milliseconds: 29_999)
    #expect(try ada.state == .active)
    try ada.pay(hold)
    #expect(try ada.state == .done)
  }

  @Test("A token from before the hold lasts as long as the ticket does")
  func oldToken() throws {
    let (house, ada, date) = try inside(.init(sessionTTLMs: 10_000), holdMilliseconds: 30_000)
    let before = ada.inside
    let hold = try ada.hold([1], of: date)
    house.pass(milliseconds: 20_000)
    let request = PayRequest(reservationIDs: held(hold))
    #expect(try house.run { try await before.payments.pay(request).balance } == 900)
  }

  @Test("Release takes the ticket's end back to its session's")
  func released() throws {
    let (house, ada, date) = try inside(.init(sessionTTLMs: 10_000), holdMilliseconds: 30_000)
    let session = house.now + 10_000
    let one = try ada.hold([1], of: date)
    house.pass(milliseconds: 1_000)
    let other = try ada.hold([2], of: date)
    #expect(other.entryExpiresMs == house.now + 30_000)
    try ada.release(other)
    #expect(try ada.check().entryExpiresMs == one.entryExpiresMs)
    try ada.release(one)
    #expect(try ada.check().entryExpiresMs == session)
    house.pass(milliseconds: 9_000)
    #expect(try ada.state == .expired)
  }

  @Test("A release after the session ends the ticket")
  func releasedLate() throws {
    let (house, ada, date) = try inside(.init(sessionTTLMs: 10_000), holdMilliseconds: 30_000)
    let hold = try ada.hold([1], of: date)
    house.pass(milliseconds: 15_000)
    try ada.release(hold)
    house.pass(milliseconds: 1)
    #expect(try ada.state == .expired)
  }

  @Test("A lapse that leaves no other hold ends the ticket, though its session lasts")
  func lapsed() throws {
    let (house, ada, date) = try inside(.init(sessionTTLMs: 60_000), holdMilliseconds: 10_000)
    try ada.hold([1], of: date)
    house.pass(milliseconds: 4_000)
    try ada.hold([2], of: date)
    house.pass(milliseconds: 6_000)
    #expect(try ada.state == .active)
    house.pass(milliseconds: 4_000)
    #expect(try ada.state == .expired)
    #expect(try house.gate().stock?.free == 10)
  }

  @Test("Nobody stays beyond the most that the policy allows, and no hold does")
  func sessionMax() throws {
    let (house, ada, date) = try inside(
      .init(sessionTTLMs: 10_000, sessionMaxMs: 15_000),
      holdMilliseconds: 30_000
    )
    let most = house.now + 15_000
    house.pass(milliseconds: 9_000)
    let hold = try ada.hold([1], of: date)
    #expect(hold.expiresMs == most)
    #expect(hold.entryExpiresMs == most)
    house.pass(milliseconds: 5_999)
    #expect(try ada.state == .active)
    house.pass(milliseconds: 1)
    #expect(try ada.state == .expired)
    #expect(try ada.refusalOfPay(hold)?.refusal == "HOLD_EXPIRED")
  }

  @Test("A ticket that ends by Pay gives back what else it holds")
  func others() throws {
    let (house, ada, date) = try inside(.init())
    let one = try ada.hold([1], of: date)
    let other = try ada.hold([2, 3], of: date)
    try ada.pay(one)
    let stock = try #require(try house.gate().stock)
    #expect(stock.free == 9)
    #expect(stock.held == 0)
    #expect(stock.sold == 1)
    #expect(try ada.refusalOfPay(other)?.refusal == "ALREADY_CANCELLED")
  }

  // MARK: - What a token opens

  @Test("The entry token lets its owner list, hold, release and pay")
  func token() throws {
    let (house, ada, date) = try inside(.init())
    let guest = ada.inside
    let concerts = try house.run { try await guest.concerts.listConcerts(.init()).concerts }
    let request = ListDatesRequest(concertID: try #require(concerts.first).id)
    #expect(try house.run { try await guest.concerts.listDates(request).dates.count } == 1)
    let seats = ListSeatsRequest(dateID: date)
    #expect(try house.run { try await guest.concerts.listSeats(seats).seats.count } == 10)
    try ada.release(try ada.hold([5], of: date))
    #expect(try ada.pay(try ada.hold([6], of: date)).balance == 900)
  }

  @Test("An entry token is another's to nobody")
  func anothersToken() throws {
    let (house, ada, date) = try inside(.init())
    let bob = house.app(
      for: try house.user("Bob"),
      [(Metadata.Key.token, ada.entryToken)]
    )
    let hold = HoldRequest(dateID: date, seatNumbers: [1])
    #expect(
      try house.failure { try await bob.reservations.hold(hold) }?.refusal == "FORBIDDEN"
    )
    let seats = ListSeatsRequest(dateID: date)
    #expect(
      try house.failure { try await bob.concerts.listSeats(seats) }?.refusal == "FORBIDDEN"
    )
  }

  @Test("A new epoch makes tokens worthless and keeps places; Enter gives new tokens")
  func epoch() throws {
    let (house, ada, date) = try inside(.init(insideMax: 1))
    let bob = try house.visitor("Bob")
    try bob.enter()
    let hold = try ada.hold([1], of: date)
    #expect(try house.change { try await $0.newEpoch(.init(name: "west")) }.epoch == 2)
    #expect(try ada.refusalOfHold(2, of: date)?.refusal == "TOKEN_INVALID")
    #expect(try ada.refusalOfPay(hold)?.refusal == "TOKEN_INVALID")
    let guest = ada.inside
    let seats = ListSeatsRequest(dateID: date)
    #expect(
      try house.failure { try await guest.concerts.listSeats(seats) }?.refusal == "TOKEN_INVALID"
    )
    let response = try ada.enter()
    #expect(response.existing)
    #expect(response.place?.state == .active)
    try ada.pay(hold)
    let place = try #require(try bob.enter().place)
    #expect(place.number == 2)
    #expect(place.state == .admitted)
    #expect(try bob.claim().state == .active)
  }

  @Test("After the payment the token opens nothing; the repeated payment is still answered")
  func afterPaying() throws {
    let (house, ada, date) = try inside(.init())
    let hold = try ada.hold([1], of: date)
    let once = try ada.inside.once("pay-1")
    let request = PayRequest(reservationIDs: held(hold))
    let paid = try house.run { try await once.payments.pay(request) }
    #expect(try ada.refusalOfHold(2, of: date)?.refusal == "TICKET_ENDED")
    let guest = ada.inside
    let seats = ListSeatsRequest(dateID: date)
    #expect(
      try house.failure { try await guest.concerts.listSeats(seats) }?.refusal == "TICKET_ENDED"
    )
    #expect(try house.run { try await once.payments.pay(request) } == paid)
  }

  // MARK: - Concerts that are moved

  /// Has another gate, or none, guard a date's concert.
  private func move(_ date: String, to gate: String, in house: House) throws {
    let boards = house.parts.follower.boards
    let id = try #require(DateID(date).flatMap { boards.date($0)?.concert })
    var concert = UsherAPI.Concert(id: id.description, name: "Spring")
    concert.gate = gate
    let request = UpdateConcertRequest(concert: concert)
    try house.change { try await $0.updateConcert(request) }
  }

  @Test("A concert that moves to another gate strands nobody who holds its seats, and ends no line")
  func moved() throws {
    let (house, ada, date) = try inside(.init(insideMax: 2))
    let bob = try house.visitor("Bob")
    try bob.enter()
    let cleo = try house.visitor("Cleo")
    try cleo.enter()
    let adas = try ada.hold([1], of: date)
    let bobs = try bob.hold([2], of: date)
    try house.setGate("east")
    try move(date, to: "east", in: house)
    // Who begins anew goes by the gate that guards it now.
    #expect(try ada.refusalOfHold(3, of: date)?.refusal == "TOKEN_WRONG_GATE")
    let dora = try house.visitor("Dora", at: "east")
    try dora.enter()
    let stolen = dora.inside
    let request = PayRequest(reservationIDs: held(adas))
    #expect(
      try house.failure { try await stolen.payments.pay(request) }?.refusal
        == "RESERVATION_NOT_FOUND"
    )
    #expect(try ada.pay(adas).balance == 900)
    #expect(try ada.state == .done)
    #expect(try cleo.state == .admitted)
    try bob.release(bobs)
    #expect(try bob.state == .active)
    try dora.pay(try dora.hold([2], of: date))
    #expect(try dora.state == .done)
  }

  @Test("What was held under no ticket is paid under none, and what was under one is paid by it")
  func guarded() throws {
    let house = try House()
    let date = try house.date().id
    let ada = try house.visitor()
    let free = try house.hold([1], of: date, by: ada.user)
    try house.setGate()
    try move(date, to: "west", in: house)
    _ = try house.pay(free, by: ada.user)
    try ada.enter()
    let hold = try ada.hold([2], of: date)
    try move(date, to: "", in: house)
    let bare = ada.outside
    let request = PayRequest(reservationIDs: held(hold))
    #expect(try house.failure { try await bare.payments.pay(request) }?.refusal == "TOKEN_MISSING")
    try ada.pay(hold)
    #expect(try ada.state == .done)
  }

  // MARK: - The order in which a payment is judged

  @Test("A payment is judged by its record, owner, hold, ticket and balance, in that order")
  func order() throws {
    let (house, ada, date) = try inside(
      .init(sessionTTLMs: 20_000, sessionMaxMs: 40_000),
      holdMilliseconds: 10_000
    )
    let poor = try house.visitor("Bob", balance: 1)
    try poor.enter()
    let hold = try ada.hold([1], of: date)
    let his = try poor.hold([2], of: date)
    // Whose it is comes before what is known of the ticket, and that before the money.
    let stranger = try ada.refusalOfPay(his)
    #expect(stranger?.refusal == "RESERVATION_NOT_FOUND")
    let bare = poor.outside
    let request = PayRequest(reservationIDs: held(his))
    #expect(try house.failure { try await bare.payments.pay(request) }?.refusal == "TOKEN_MISSING")
    #expect(try poor.refusalOfPay(his)?.refusal == "INSUFFICIENT_BALANCE")
    house.pass(milliseconds: 10_000)
    // Both the hold and the ticket are over; it is the hold that is named, token or none.
    #expect(try poor.state == .expired)
    #expect(try poor.refusalOfPay(his)?.refusal == "HOLD_EXPIRED")
    #expect(try house.failure { try await bare.payments.pay(request) }?.refusal == "HOLD_EXPIRED")
    #expect(try ada.refusalOfPay(hold)?.refusal == "HOLD_EXPIRED")
  }

  @Test("Money that is missing can be brought, and the same payment made")
  func chargeAndPay() throws {
    let house = try House()
    try house.setGate()
    let date = try house.guardedDate(price: 700)
    let ada = try house.visitor(balance: 699)
    try ada.enter()
    let hold = try ada.hold([1], of: date.id)
    #expect(try ada.refusalOfPay(hold)?.refusal == "INSUFFICIENT_BALANCE")
    let guest = ada.outside
    try house.run { try await guest.wallets.charge(.init(amount: 1)) }
    #expect(try ada.pay(hold).balance == 0)
  }
}
