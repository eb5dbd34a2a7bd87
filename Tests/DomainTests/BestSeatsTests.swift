import Testing

@testable import Domain

@Suite("A hold of the best seats")
struct BestSeatsTests {
  private let now = Instant(milliseconds: 1_000)
  private let user = UserID(high: 1, low: 1)
  private let concert = ConcertID(high: 2, low: 2)
  private let date = DateID(high: 3, low: 3)

  /// A date of three seats that are loaded whole, of which these are taken.
  private func turn(taken: [Reservation]) throws -> Turn {
    let start = Instant(milliseconds: 0)
    let end = Instant(milliseconds: 1_000_000)
    var rows = WorkingSet()
    rows.users.put(User(id: user, name: "Ann", created: start))
    rows.concerts.put(
      Concert(id: concert, plan: ConcertPlan(name: "A"), holdMilliseconds: 500, created: start)
    )
    let times = DateTimes(opens: end, closes: end, bookingStarts: start, bookingEnds: end)
    let prices = try #require(SeatPrices(total: 3, price: 10))
    rows.dates.put(
      ConcertDate(id: date, concert: concert, times: times, prices: prices, created: start)
    )
    var tally = SeatTally(date: date)
    tally.hold(taken.count)
    rows.tallies.put(tally)
    rows.seats.want(groupOf: date)
    rows.seats.provideGroups(
      taken.map {
        TakenSeat(key: $0.seatKey, user: $0.key.user, reservation: $0.id, until: $0.expires)
      }
    )
    for reservation in taken { rows.reservations.put(reservation) }
    return Turn(
      now: now,
      rules: .defaults,
      rows: rows,
      ids: IDSource(at: now, batch: 1, seed: 1)
    )
  }

  private func reservation(of seat: UInt32, until expires: Int64) -> Reservation {
    Reservation(
      key: Reservation.Key(user: UserID(high: 9, low: 9), id: ReservationID(high: 4, low: 4)),
      hold: HoldID(high: 5, low: 5),
      concert: concert,
      date: date,
      seat: seat,
      price: 10,
      created: Instant(milliseconds: 0),
      expires: Instant(milliseconds: expires)
    )
  }

  @Test("It needs no more of seats than what its date has")
  func loadedOnce() throws {
    var turn = try turn(taken: [reservation(of: 1, until: 2_000)])
    let outcome = try turn.decide(Hold(user: user, date: date, choice: .best(2)))
    #expect(outcome.reservations.map(\.seat) == [2, 3])
  }

  @Test("It ends a hold that has lapsed and takes its seat")
  func lapsed() throws {
    let old = reservation(of: 2, until: 1_000)
    var turn = try turn(taken: [old])
    let outcome = try turn.decide(Hold(user: user, date: date, choice: .best(3)))
    #expect(outcome.reservations.map(\.seat) == [1, 2, 3])
    #expect(turn.rows.reservations.peek(old.key)?.state == .lapsed)
    #expect(turn.rows.seats.peek(old.seatKey)?.user == user)
  }
}
