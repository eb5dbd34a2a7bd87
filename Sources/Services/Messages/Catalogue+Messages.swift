internal import Domain
internal import Ledger
internal import UsherAPI

extension UsherAPI.Concert {
  init(_ concert: Domain.Concert) {
    self.init(
      id: concert.id.description,
      name: concert.name,
      place: concert.place,
      runningMinutes: concert.runningMinutes,
      gate: concert.gate,
      holdTTLMs: UInt32(clamping: concert.holdMilliseconds),
      seatsPerUserMax: concert.seatsPerUserMax,
      cancelUntilMs: concert.cancelUntil.ms,
      createdMs: concert.created.milliseconds,
      updatedMs: concert.updated.milliseconds,
      deletedMs: concert.deleted.ms
    )
  }

  /// The row again, from a message of the log; nil where it is none.
  var row: Domain.Concert? {
    guard let id = ConcertID(id) else { return nil }
    let plan = ConcertPlan(
      name: name,
      place: place,
      runningMinutes: runningMinutes,
      gate: gate,
      seatsPerUserMax: seatsPerUserMax,
      cancelUntil: Instant(ms: cancelUntilMs)
    )
    var row = Domain.Concert(
      id: id,
      plan: plan,
      holdMilliseconds: Int64(holdTTLMs),
      created: Instant(milliseconds: createdMs)
    )
    row.updated = Instant(milliseconds: updatedMs)
    row.deleted = Instant(ms: deletedMs)
    return row
  }
}

extension UsherAPI.ConcertDate {
  init(_ date: Domain.ConcertDate, seats: SeatCounts) {
    self.init(date)
    seatsFree = seats.free
    seatsHeld = seats.held
    seatsSold = seats.sold
  }

  /// A date without its seats counted, as the log tells it.
  init(_ date: Domain.ConcertDate) {
    self.init(
      id: date.id.description,
      concertID: date.concert.description,
      opensMs: date.opens.milliseconds,
      closesMs: date.closes.milliseconds,
      bookingStartsMs: date.bookingStarts.milliseconds,
      bookingEndsMs: date.bookingEnds.milliseconds,
      seatsTotal: date.prices.total,
      priceLow: date.prices.lowest,
      priceHigh: date.prices.highest,
      createdMs: date.created.milliseconds,
      updatedMs: date.updated.milliseconds,
      deletedMs: date.deleted.ms,
      prices: date.prices.bands.map {
        PriceBand(from: $0.from, through: $0.through, price: $0.price)
      }
    )
  }

  /// The row again, from a message of the log; nil where it is none.
  var row: Domain.ConcertDate? {
    let bands = prices.map {
      Domain.SeatPrices.Band(from: $0.from, through: $0.through, price: $0.price)
    }
    guard let id = DateID(id), let concert = ConcertID(concertID),
      let prices = Domain.SeatPrices(total: seatsTotal, price: 0, exceptions: bands)
    else { return nil }
    var row = Domain.ConcertDate(
      id: id,
      concert: concert,
      times: times,
      prices: prices,
      created: Instant(milliseconds: createdMs)
    )
    row.updated = Instant(milliseconds: updatedMs)
    row.deleted = Instant(ms: deletedMs)
    return row
  }

  var times: DateTimes {
    DateTimes(
      opens: Instant(milliseconds: opensMs),
      closes: Instant(milliseconds: closesMs),
      bookingStarts: Instant(milliseconds: bookingStartsMs),
      bookingEnds: Instant(milliseconds: bookingEndsMs)
    )
  }
}

extension UsherAPI.Seat {
  init(_ seat: SeatView) {
    let state: SeatState =
      switch seat.state {
      case .free: .free
      case .held: .held
      case .sold: .sold
      }
    self.init(number: seat.number, price: seat.price, state: state)
  }
}
