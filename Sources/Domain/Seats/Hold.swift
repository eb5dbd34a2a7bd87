/// Takes seats of one date for a while, all or none, so that they can be paid.
package struct Hold: RepeatableCommand {
  /// Which seats.
  package enum Choice: Sendable, Hashable {
    /// These numbers.
    case seats([UInt32])
    /// This many, next to each other where it can be.
    case best(UInt32)
  }

  package struct Outcome: Sendable, Hashable {
    package let id: HoldID
    package let reservations: [Reservation]
    package let expires: Instant
  }

  package let user: UserID
  package let date: DateID
  package let choice: Choice

  package init(user: UserID, date: DateID, choice: Choice) {
    self.user = user
    self.date = date
    self.choice = choice
  }

  package func want(in rows: inout WorkingSet) {
    rows.users.want(user)
    rows.dates.want(date)
    switch choice {
    case .seats(let numbers):
      for number in numbers { rows.seats.want(TakenSeat.Key(date: date, number: number)) }
    case .best:
      rows.seats.want(groupOf: date)
    }
    guard let concert = rows.dates.peek(date)?.concert else { return }
    rows.concerts.want(concert)
    if let concert = rows.concerts.peek(concert), concert.seatsPerUserMax > 0 {
      rows.reservations.want(groupOf: Reservation.Group(user: user, date: date))
    }
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Outcome {
    _ = try turn.rows.livingUser(user)
    let date = try turn.rows.livingDate(date)
    let concert = try turn.rows.livingConcert(date.concert)
    try checkBooking(of: date, at: turn.now)
    let numbers = try chosen(of: date, in: &turn)
    try checkLimit(of: concert, adding: numbers.count, in: &turn)
    var freed: [TakenSeat] = []
    for number in numbers {
      let key = TakenSeat.Key(date: date.id, number: number)
      guard let seat = try turn.rows.seats.find(key) else { continue }
      guard !seat.isTaken(at: turn.now) else {
        throw .no(.seatTaken, "seat \(number) of date \(date.id) is held or sold")
      }
      freed.append(seat)
    }
    for seat in freed { try turn.lapse(seat) }
    return hold(numbers, of: date, concert, in: &turn)
  }

  private func checkBooking(of date: ConcertDate, at now: Instant) throws(Interruption) {
    guard date.bookingStarts <= now else {
      throw .no(
        .bookingNotOpen,
        "booking of date \(date.id) starts at \(date.bookingStarts.milliseconds) ms"
      )
    }
    guard now < date.bookingEnds else {
      throw .no(
        .bookingClosed,
        "booking of date \(date.id) ended at \(date.bookingEnds.milliseconds) ms"
      )
    }
  }

  private func chosen(
    of date: ConcertDate,
    in turn: inout Turn
  ) throws(Interruption) -> [UInt32] {
    switch choice {
    case .seats(let numbers):
      guard !numbers.isEmpty, Set(numbers).count == numbers.count else {
        throw .no(.fieldInvalid, "seat_numbers: must name at least one seat, and none twice")
      }
      try checkCount(numbers.count, turn.rules, field: "seat_numbers")
      for number in numbers where date.prices[number] == nil {
        throw .no(
          .seatNotFound,
          "date \(date.id) has no seat \(number), only 1 to \(date.prices.total)"
        )
      }
      return numbers
    case .best(let count):
      try checkCount(Int(count), turn.rules, field: "best_available")
      let now = turn.now
      let taken = Set(
        try turn.rows.seats.find(groupOf: date.id).filter { $0.isTaken(at: now) }
          .map(\.key.number)
      )
      let free = FreeRuns(total: date.prices.total, isTaken: taken.contains)
      guard let best = free.best(count) else {
        throw .no(
          .notEnoughSeats,
          "date \(date.id) has \(Int(date.prices.total) - taken.count) free seats, not \(count)"
        )
      }
      return best
    }
  }

  private func checkCount(_ count: Int, _ rules: Rules, field: String) throws(Interruption) {
    guard count > 0, count <= rules.seatsPerCallMax else {
      throw .no(.fieldInvalid, "\(field): 1 to \(rules.seatsPerCallMax) seats at once")
    }
  }

  private func checkLimit(
    of concert: Concert,
    adding count: Int,
    in turn: inout Turn
  ) throws(Interruption) {
    guard concert.seatsPerUserMax > 0 else { return }
    let now = turn.now
    let group = Reservation.Group(user: user, date: date)
    let has = try turn.rows.reservations.find(groupOf: group).count { $0.isLive(at: now) }
    guard has + count <= Int(concert.seatsPerUserMax) else {
      throw .no(
        .seatLimit,
        "one user may have \(concert.seatsPerUserMax) seats of a date; "
          + "this one has \(has) and wants \(count)"
      )
    }
  }

  private func hold(
    _ numbers: [UInt32],
    of date: ConcertDate,
    _ concert: Concert,
    in turn: inout Turn
  ) -> Outcome {
    let hold: HoldID = turn.ids.next()
    // A hold does not outlive the booking, or its payment would come after it.
    let expires = min(turn.now.after(milliseconds: concert.holdMilliseconds), date.closes)
    let reservations = numbers.map { number in
      Reservation(
        key: Reservation.Key(user: user, id: turn.ids.next()),
        hold: hold,
        concert: concert.id,
        date: date.id,
        seat: number,
        price: date.prices[number] ?? 0,
        created: turn.now,
        expires: expires
      )
    }
    for reservation in reservations {
      turn.rows.reservations.put(reservation)
      turn.rows.seats.put(
        TakenSeat(
          key: reservation.seatKey,
          user: user,
          reservation: reservation.key.id,
          until: expires
        )
      )
    }
    turn.tell(.seatsHeld(hold: hold, reservations))
    return Outcome(id: hold, reservations: reservations, expires: expires)
  }

  package func made(_ outcome: Outcome) -> [ID<Made>] {
    [outcome.id.of()] + outcome.reservations.map { $0.key.id.of() }
  }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Outcome {
    var reservations: [Reservation] = []
    for id in made.dropFirst() {
      let key = Reservation.Key(user: user, id: id.of())
      reservations.append(try turn.rows.reservation(key))
    }
    guard let hold = made.first, let first = reservations.first else {
      throw .no(.outcomeUnknown, "the record of this idempotency key cannot be read")
    }
    return Outcome(id: hold.of(), reservations: reservations, expires: first.expires)
  }
}

extension WorkingSet {
  /// A user's reservation, which has to be there. Another's is not.
  package mutating func reservation(
    _ key: Reservation.Key
  ) throws(Interruption) -> Reservation {
    guard let reservation = try reservations.find(key) else {
      throw .no(.reservationNotFound, "this user has no reservation \(key.id)")
    }
    return reservation
  }
}
