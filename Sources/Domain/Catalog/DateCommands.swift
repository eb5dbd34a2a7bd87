/// Adds a date to a concert.
package struct AddDate: RepeatableCommand {
  package let concert: ConcertID
  package let times: DateTimes
  package let prices: SeatPrices

  package init(concert: ConcertID, times: DateTimes, prices: SeatPrices) {
    self.concert = concert
    self.times = times
    self.prices = prices
  }

  package func want(in rows: inout WorkingSet) {
    rows.concerts.want(concert)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> ConcertDate {
    _ = try turn.rows.livingConcert(concert)
    try times.check()
    guard prices.lowest >= 0 else { throw .no(.fieldInvalid, "price: must not be below 0") }
    guard prices.total <= turn.rules.seatsPerDateMax else {
      throw .no(.fieldInvalid, "seats: at most \(turn.rules.seatsPerDateMax) to a date")
    }
    let date = ConcertDate(
      id: turn.ids.next(),
      concert: concert,
      times: times,
      prices: prices,
      created: turn.now
    )
    turn.rows.dates.put(date)
    turn.tell(.dateChanged(date))
    return date
  }
}

/// Moves a date, or its booking.
package struct UpdateDate: RepeatableCommand {
  package let id: DateID
  package let times: DateTimes

  package init(id: DateID, times: DateTimes) {
    self.id = id
    self.times = times
  }

  package func want(in rows: inout WorkingSet) {
    rows.dates.want(id)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> ConcertDate {
    var date = try turn.rows.livingDate(id)
    try times.check()
    date.opens = times.opens
    date.closes = times.closes
    date.bookingStarts = times.bookingStarts
    date.bookingEnds = times.bookingEnds
    date.updated = turn.now
    turn.rows.dates.put(date)
    turn.tell(.dateChanged(date))
    return date
  }
}

extension RepeatableCommand where Outcome == ConcertDate {
  package func made(_ outcome: ConcertDate) -> [ID<Made>] { [outcome.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> ConcertDate {
    try turn.rows.livingDate(made.one())
  }
}
