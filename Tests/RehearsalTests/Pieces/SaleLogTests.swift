import Measuring
@testable import Rehearsal
import Reports
import TestSupport
import Testing
import UsherAPI

@Suite("What the log tells of a sale")
struct SaleLogTests {
  static let sale = PreparedSale(
    gate: "west",
    concerts: ["c"],
    dates: [PreparedSale.Date(id: "d", seats: 10)],
    users: [],
    offsetBefore: 40,
    policy: PreparedSale.PolicyLimits(insideMax: 5, rateCount: 3, rateIntervalMs: 1_000)
  )

  @Test(
    "Its counts are those of a plain list of tickets and seats, after every event",
    arguments: 1...6
  )
  func model(seed: Int) {
    var story = Story(seed: UInt64(seed))
    var log = SaleLog(of: Self.sale, startMs: 1_000)
    for _ in 0..<1_500 {
      log.take(story.next())
      let inside = story.tickets.count { [.admitted, .active].contains($0.state) }
      #expect(log.waiting == UInt64(story.tickets.count { $0.state == .waiting }))
      #expect(log.inside == UInt64(inside))
      #expect(log.held == UInt64(story.seats.values.count { !$0.isSold }))
      #expect(log.sold == UInt64(story.seats.values.count { $0.isSold }))
      #expect(log.admitted == UInt64(story.admissionsMs.count))
    }
    #expect(log.events == 1_500)
    #expect(log.gapsTotal == 0)
    #expect(log.lastOffset == 1_540)
    #expect(log.tickets.count == story.tickets.count)
    for ticket in story.tickets {
      #expect(log.tickets[ticket.id]?.state == ticket.state)
      #expect(log.tickets[ticket.id]?.admittedMs == ticket.firstAdmittedMs)
    }
    checkWindows(log, story)
  }

  private func checkWindows(_ log: SaleLog, _ story: Story) {
    let cells = log.windows.cells
    #expect(cells.reduce(0) { $0 + $1.admitted } == log.admitted)
    #expect(cells.reduce(0) { $0 + $1.left } == UInt64(story.tickets.count { $0.state == .left }))
    #expect(cells.last?.waiting == log.waiting)
    #expect(cells.last?.sold == log.sold)
    // The most admissions that any interval of the rate has seen, by where it ended, the long way.
    let admissions = story.admissionsMs
    var most = [UInt64](repeating: 0, count: cells.count)
    for (index, endMs) in admissions.enumerated() {
      let count = admissions[...index].count { endMs - $0 < 1_000 }
      let window = Int((endMs - 1_000) * 1_000_000) / Int(log.windows.nanoseconds)
      most[window] = max(most[window], UInt64(count))
    }
    #expect(cells.map(\.admittedMost) == most)
  }

  @Test("Of other gates and dates it tells nothing")
  func others() {
    var log = SaleLog(of: Self.sale, startMs: 0)
    var (entered, held) = (TicketEntered(), SeatsHeld())
    entered.gate = "east"
    held.reservations = [Reservation(id: "r", dateID: "other", seatNumber: 1)]
    var (one, other) = (Event(offset: 41), Event(offset: 42))
    one.what = .ticketEntered(entered)
    other.what = .seatsHeld(held)
    log.take(one)
    log.take(other)
    #expect(log.waiting == 0)
    #expect(log.held == 0)
    #expect(log.tickets.isEmpty)
    #expect(log.events == 2)
  }

  @Test("An offset that is left out or comes again is told, the first three in words")
  func gaps() {
    var log = SaleLog(of: Self.sale, startMs: 0)
    for offset in [41, 43, 43, 44, 40, 50] as [UInt64] { log.take(Event(offset: offset)) }
    #expect(log.gapsTotal == 4)
    #expect(
      log.gaps == [
        "offset 43 came after 41", "offset 43 came after 43", "offset 40 came after 44",
      ]
    )
    #expect(log.lastOffset == 50)
  }

  @Test("A seat's life is every change of it, with every hold counted")
  func lives() {
    var log = SaleLog(of: Self.sale, startMs: 100)
    func tell(_ atMs: Int64, _ what: Event.What) {
      var event = Event(offset: log.lastOffset + 1, atMs: atMs)
      event.what = what
      log.take(event)
    }
    func reservation(_ id: String) -> Reservation {
      Reservation(id: id, dateID: "d", seatNumber: 3)
    }
    func ended(_ id: String) -> ReservationEnded { ReservationEnded(reservation: reservation(id)) }
    func paid(_ id: String) -> Payment {
      Payment(lines: [PaymentLine(reservationID: id, dateID: "d", seatNumber: 3)])
    }
    let key = SaleLog.SeatKey(date: "d", number: 3)
    tell(200, .seatsHeld(SeatsHeld(reservations: [reservation("a")])))
    tell(300, .reservationEnded(ended("a")))
    tell(400, .seatsHeld(SeatsHeld(reservations: [reservation("b")])))
    tell(500, .paid(paid("b")))
    // What ended long ago ends nothing now.
    tell(550, .reservationEnded(ended("a")))
    #expect(log.sold == 1)
    let until: [SeatRecord.Change] = [.init(atMs: 100, .held), .init(atMs: 200, .free)]
    let since: [SeatRecord.Change] = [.init(atMs: 300, .held), .init(atMs: 400, .sold)]
    #expect(log.seats[key]?.changes == until + since)
    tell(600, .refunded(ended("b")))
    #expect(log.seats[key]?.changes == until + since + [.init(atMs: 500, .free)])
    #expect(log.seats[key]?.holds == 2)
    #expect(log.sold == 0)
    #expect(log.held == 0)
  }
}

extension SaleLogTests {
  @Test("Of a seat that changes very often the last changes are kept, and the others counted")
  func manyChanges() {
    var life = SaleLog.SeatLife()
    for round in 0..<Int64(15) {
      life.become(.held, at: 10 * round)
      life.become(.free, at: 10 * round + 5)
    }
    // Of 30 changes the first 10 were those of five rounds.
    #expect(life.changes.count == 20)
    #expect(life.changes.first == SeatRecord.Change(atMs: 50, .held))
    #expect(life.changes.last == SeatRecord.Change(atMs: 145, .free))
    #expect(life.changesLeftOut == 10)
    #expect(life.holds == 15)
  }
}

/// A sale by chance, and what is so after each of its events: kept in plain lists.
private struct Story {
  struct Ticket {
    let id: String
    let number: UInt64
    var state = TicketState.waiting
    var firstAdmittedMs: Int64?
  }

  struct Seat {
    let reservation: String
    var isSold = false
  }

  var tickets: [Ticket] = []
  var seats: [UInt32: Seat] = [:]
  var admissionsMs: [Int64] = []
  private var offset: UInt64 = 40
  private var nowMs: Int64 = 1_000
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func next() -> Event {
    offset += 1
    nowMs += Int64(random.draw(from: 0..<50) * 10)
    var event = Event(epoch: 1, offset: offset, atMs: nowMs)
    event.what = random.isOne(in: 2) ? line() : seat()
    return event
  }

  private mutating func line() -> Event.What {
    let living = tickets.indices.filter { ![.left, .done].contains(tickets[$0].state) }
    guard let index = living.randomElement(using: &random), !random.isOne(in: 3) else {
      let number = UInt64(tickets.count) + 1
      tickets.append(Ticket(id: "t\(number)", number: number))
      return .ticketEntered(TicketEntered(ticketID: "t\(number)", gate: "west", number: number))
    }
    let from = tickets[index].state
    let ways: [TicketState] =
      switch from {
      case .waiting: [.admitted, .left]
      case .admitted: [.active, .missed, .left]
      case .active: [.active, .done, .left]
      default: [.waiting, .left]
      }
    let to = ways.randomElement(using: &random) ?? .left
    tickets[index].state = to
    if to == .admitted {
      admissionsMs.append(nowMs)
      if tickets[index].firstAdmittedMs == nil { tickets[index].firstAdmittedMs = nowMs }
    }
    return .ticketMoved(
      TicketMoved(
        ticketID: tickets[index].id,
        gate: "west",
        from: from,
        to: to,
        admission: UInt64(admissionsMs.count),
        number: tickets[index].number
      )
    )
  }

  private mutating func seat() -> Event.What {
    let number = UInt32(random.draw(from: 1...10))
    guard let seat = seats[number] else {
      let id = "r\(offset)"
      seats[number] = Seat(reservation: id)
      return .seatsHeld(
        SeatsHeld(reservations: [Reservation(id: id, dateID: "d", seatNumber: number)])
      )
    }
    let reservation = Reservation(id: seat.reservation, dateID: "d", seatNumber: number)
    if !seat.isSold, random.isOne(in: 2) {
      seats[number]?.isSold = true
      let line = PaymentLine(reservationID: seat.reservation, dateID: "d", seatNumber: number)
      return .paid(Payment(lines: [line]))
    }
    seats[number] = nil
    let ended = ReservationEnded(reservation: reservation)
    return seat.isSold ? .refunded(ended) : .reservationEnded(ended)
  }
}
