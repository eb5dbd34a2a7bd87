import Ledger
import ServicesSupport
import Testing
import UsherAPI

@Suite("A gate and the seats behind it")
struct StockTests {
  @Test("Everyone is told what is free, held and sold, of all dates that can be booked")
  func told() throws {
    let house = try House()
    try house.setGate()
    let ada = try house.visitor()
    #expect(try ada.enter().place?.stock?.known == false)
    let date = try house.guardedDate(seats: 4)
    _ = try house.guardedDate(seats: 3)
    try ada.hold([1], of: date.id)
    try ada.pay(try ada.hold([2, 3], of: date.id))
    let stock = try #require(try ada.check().stock)
    #expect(stock.known)
    #expect(stock.free == 5)
    #expect(stock.held == 0)
    #expect(stock.sold == 2)
    house.pass(milliseconds: 3_600_000)
    #expect(try ada.check().stock?.free == 0)
  }

  @Test("A gate that stops when sold out goes on when a hold lapses, and when a seat comes back")
  func soldOut() throws {
    let house = try House()
    try house.setGate("west", .init(stopWhenSoldOut: true))
    let date = try house.guardedDate(seats: 2, holdMilliseconds: 10_000)
    let ada = try house.visitor()
    try ada.enter()
    let held = try ada.hold([1], of: date.id)
    house.pass(milliseconds: 5_000)
    try ada.hold([2], of: date.id)
    let line = try house.line(of: 2)
    let place = try line[0].check()
    #expect(place.state == .waiting)
    #expect(place.wait?.reason == .soldOut)
    #expect(try house.gate().rateReason == "sold out")
    house.pass(milliseconds: 4_999)
    #expect(try line[0].state == .waiting)
    house.pass(milliseconds: 1)
    // The first of both lapsed.
    #expect(held.expiresMs == house.now)
    #expect(try line[0].state == .admitted)
    #expect(try line[1].state == .admitted)
  }

  @Test("A cancelled seat lets the line go on, too")
  func cancelled() throws {
    let house = try House()
    try house.setGate("west", .init(stopWhenSoldOut: true))
    let concert = CreateConcertRequest(
      name: "Spring",
      gate: "west",
      cancelUntilMs: house.now + 3_600_000
    )
    let date = try house.date(seats: 1, concert)
    let ada = try house.visitor()
    try ada.enter()
    let paid = try ada.pay(try ada.hold([1], of: date.id))
    let bob = try house.visitor("Bob")
    #expect(try bob.enter().place?.state == .waiting)
    let line = try #require(paid.payment?.lines.first)
    let guest = ada.outside
    try house.run {
      try await guest.reservations.cancel(.init(reservationID: line.reservationID))
    }
    #expect(try bob.state == .admitted)
  }

  @Test("People without a hold never outnumber the free seats, where a gate is limited to them")
  func limitedToStock() throws {
    let house = try House()
    try house.setGate("west", .init(limitToStock: true))
    let date = try house.guardedDate(seats: 3)
    let line = try house.line(of: 6)
    #expect(
      try line.map { try $0.state } == [.active, .active, .active, .waiting, .waiting, .waiting]
    )
    // One of them holds: two free seats for the two others.
    try line[0].hold([1], of: date.id)
    #expect(try line[3].state == .waiting)
    #expect(try house.gate().rateReason == "as many are inside without a seat as there are seats")
    // One goes who holds nothing: a free seat for one more.
    try line[1].leave()
    #expect(try line[3].claim().state == .active)
    #expect(try line[4].state == .waiting)
    // One who holds goes: the seat is free again.
    try line[0].leave()
    #expect(try line[4].state == .admitted)
    #expect(try line[5].state == .waiting)
  }

  @Test("Where nothing binds any more, the gate says so, holds or none")
  func limitGone() throws {
    let house = try House()
    try house.setGate("west", .init(limitToStock: true))
    let date = try house.guardedDate(seats: 4)
    let line = try house.line(of: 2)
    try line[0].hold([1, 2], of: date.id)
    // Two are free, and one of the two inside is without: another can come.
    #expect(try house.gate().rateReason == "nothing binds")
    #expect(try house.line(of: 1)[0].state == .active)
    #expect(
      try house.gate().rateReason == "as many are inside without a seat as there are seats"
    )
  }

  @Test("A gate that waits for seats leaves the ledger in peace")
  func quiet() throws {
    let house = try House()
    try house.setGate("west", .init(limitToStock: true))
    _ = try house.guardedDate(seats: 1)
    _ = try house.line(of: 3)
    let boards = house.parts.follower.boards
    _ = boards.isDue()
    #expect(!boards.isDue())
  }
}
