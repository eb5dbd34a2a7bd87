import RPCCore
import ServicesSupport
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("What is shown, and as of when")
struct ReadTests {
  @Test("A seat is free again the moment its hold lapses, though no batch has run")
  func lapse() throws {
    let house = try House()
    let date = try house.date(
      seats: 3,
      CreateConcertRequest(name: "Spring", holdTTLMs: 4_000)
    )
    _ = try house.hold([2], of: date.id, by: try house.user())
    let app = house.app
    let all = ListSeatsRequest(dateID: date.id, all: true)
    let free = ListSeatsRequest(dateID: date.id)
    func states() throws -> [SeatState] {
      try house.run { try await app.concerts.listSeats(all).seats.map(\.state) }
    }
    func numbers() throws -> [UInt32] {
      try house.run { try await app.concerts.listSeats(free).seats.map(\.number) }
    }
    let batches = house.batches
    house.moveClock(milliseconds: 3_999)
    #expect(try states() == [.free, .held, .free])
    #expect(try numbers() == [1, 3])
    house.moveClock(milliseconds: 1)
    #expect(try states() == [.free, .free, .free])
    #expect(try numbers() == [1, 2, 3])
    let dates = try house.run {
      try await app.concerts.listDates(.init(concertID: date.concertID)).dates
    }
    #expect(dates.map(\.seatsFree) == [3])
    #expect(dates.map(\.seatsHeld) == [0])
    #expect(house.batches == batches)
  }

  @Test("An outage is given back: a hold lives on for as long as nobody could pay")
  func outage() throws {
    let house = try House()
    let date = try house.date(CreateConcertRequest(name: "Spring", holdTTLMs: 10_000))
    let id = try house.user(balance: 100)
    let held = try house.hold([1], of: date.id, by: id)
    house.jump(milliseconds: 60_000)
    house.pass(milliseconds: 9_999)
    _ = try house.pay(held, by: id)
  }

  @Test("Whoever changes something is told from where on it can be seen, and it can be")
  func atLeastOffset() throws {
    let house = try House()
    let date = try house.date()
    let id = try house.user()
    let ada = house.app(for: id)
    let hold = HoldRequest(dateID: date.id, seatNumbers: [1])
    let answer: Answer<HoldResponse> = try house.run {
      try await ada.caller.unary(ReservationMethods.hold, hold, options: CallOptions())
    }
    let offset = try #require(answer.trailers[Metadata.Key.offset])
    let reading = try house.app(for: id).saying(Metadata.Key.atLeastOffset, offset)
    let list = try house.run { try await reading.reservations.list(.init()).reservations }
    #expect(list == answer.message.reservations)
    let seats = try house.run {
      try await reading.concerts.listSeats(.init(dateID: date.id, all: true))
    }
    #expect(seats.seats.first?.state == .held)
    #expect("\(seats.offset)" == offset)
  }

  @Test("A read waits for the offset that it asks for, and then shows it")
  func waits() throws {
    let house = try House()
    let id = try house.user()
    let next = house.offset + 1
    let reading = try house.app(for: id).saying(Metadata.Key.atLeastOffset, "\(next)")
    let balance = house.loop.start { try await reading.wallets.getBalance(.init()).balance }
    #expect(!balance.isDone)
    let ada = house.app(for: id)
    try house.run { try await ada.wallets.charge(.init(amount: 9)) }
    #expect(try house.loop.finish(balance) == 9)
  }

  @Test(
    "An offset that is no number is refused by name",
    arguments: ["", "-1", "1.5", "x", "18446744073709551616"]
  )
  func badOffset(text: String) throws {
    let house = try House()
    let ada = try house.app(for: try house.user()).saying(Metadata.Key.atLeastOffset, text)
    for failure in [
      try house.failure { try await ada.wallets.getBalance(.init()) },
      try house.failure { try await ada.concerts.listConcerts(.init()) },
    ] {
      #expect(failure?.refusal == "FIELD_INVALID")
      #expect(failure?.message.contains("at-least-offset") == true)
    }
  }

  @Test("Pages of every list, put together, are the list, newest first")
  func pages() throws {
    let house = try House()
    let date = try house.date(seats: 9)
    let id = try house.user(balance: 10_000)
    for seat in 1...7 as ClosedRange<UInt32> {
      _ = try house.pay(try house.hold([seat], of: date.id, by: id), by: id)
    }
    for _ in 0..<6 { _ = try house.concert() }
    let ada = house.app(for: id)
    let reservations = try walk(house) { token in
      let page = try await ada.reservations.list(.init(pageSize: 3, pageToken: token))
      return (page.reservations.map { "\($0.seatNumber)" }, page.nextPageToken)
    }
    #expect(reservations == ["7", "6", "5", "4", "3", "2", "1"])
    let payments = try walk(house) { token in
      let page = try await ada.payments.list(.init(pageSize: 7, pageToken: token))
      return (page.payments.map { "\($0.lines[0].seatNumber)" }, page.nextPageToken)
    }
    #expect(payments == reservations)
    let entries = try walk(house) { token in
      let page = try await ada.wallets.listEntries(.init(pageSize: 1, pageToken: token))
      return (page.entries.map { "\($0.balance)" }, page.nextPageToken)
    }
    #expect(
      entries == ["9300", "9400", "9500", "9600", "9700", "9800", "9900", "10000"]
    )
    let concerts = try walk(house) { token in
      let page = try await ada.concerts.listConcerts(.init(pageSize: 2, pageToken: token))
      return (page.concerts.map(\.id), page.nextPageToken)
    }
    #expect(concerts.count == 7)
    #expect(concerts == concerts.sorted())
  }

  /// Every page, one after the other.
  private func walk(
    _ house: House,
    _ page: @escaping @Sendable (String) async throws -> ([String], String)
  ) throws -> [String] {
    try house.run {
      var all: [String] = []
      var token = ""
      repeat {
        let (rows, next) = try await page(token)
        #expect(!rows.isEmpty)
        all += rows
        token = next
      } while !token.isEmpty
      return all
    }
  }
}
