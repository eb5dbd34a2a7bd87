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
    /// The ticket that it was held under, as it is now; nil where no gate guards the concert.
    package let ticket: Ticket?
  }

  package let user: UserID
  package let date: DateID
  package let choice: Choice
  /// By which the user is inside, where a gate guards the concert.
  package let pass: Pass?

  package init(user: UserID, date: DateID, choice: Choice, pass: Pass? = nil) {
    self.user = user
    self.date = date
    self.choice = choice
    self.pass = pass
  }

  package func want(in rows: inout WorkingSet) {
    rows.users.want(user)
    rows.dates.want(date)
    rows.tallies.want(date)
    rows.want(pass)
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
    let ticket = try turn.ticket(by: pass, of: user, to: concert.gate)
    try checkSession(of: ticket, at: turn.now)
    try checkBooking(of: date, at: turn.now)
    let chosen = try chosen(of: date, in: &turn)
    try checkLimit(of: ticket, adding: chosen.numbers.count, turn.rules)
    try checkLimit(of: concert, adding: chosen.numbers.count, in: &turn)
    for seat in chosen.rows where seat.isTaken(at: turn.now) {
      throw .no(.seatTaken, "seat \(seat.key.number) of date \(date.id) is held or sold")
    }
    guard !chosen.rows.isEmpty else {
      return try hold(chosen.numbers, of: date, concert, under: ticket, in: &turn)
    }
    // Asked for all together: each may have been another's.
    for seat in chosen.rows { turn.rows.want(endOf: seat.reservationKey) }
    for seat in chosen.rows { try turn.lapse(seat) }
    // One of them may have been the last that this very ticket held.
    let still = try turn.ticket(by: pass, of: user, to: concert.gate)
    return try hold(chosen.numbers, of: date, concert, under: still, in: &turn)
  }

  private func checkSession(of ticket: Ticket?, at now: Instant) throws(Interruption) {
    guard let ticket else { return }
    if let ends = ticket.sessionEnds, ends <= now {
      throw .no(
        .sessionOver,
        "the session of ticket \(ticket.id) ended at \(ends.milliseconds) ms; what is held can be paid"
      )
    }
  }

  private func checkLimit(
    of ticket: Ticket?,
    adding count: Int,
    _ rules: Rules
  ) throws(Interruption) {
    guard let ticket, ticket.holds.count + count > rules.seatsPerTicketMax else { return }
    throw .no(
      .seatLimit,
      "one ticket may hold \(rules.seatsPerTicketMax) seats at once; "
        + "this one holds \(ticket.holds.count) and wants \(count)"
    )
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

  /// Seats of a date, and the rows of those among them that someone holds, held or bought.
  private struct Chosen {
    let numbers: [UInt32]
    let rows: [TakenSeat]
  }

  private func chosen(
    of date: ConcertDate,
    in turn: inout Turn
  ) throws(Interruption) -> Chosen {
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
      var rows: [TakenSeat] = []
      for number in numbers {
        let key = TakenSeat.Key(date: date.id, number: number)
        if let row = try turn.rows.seats.find(key) { rows.append(row) }
      }
      return Chosen(numbers: numbers, rows: rows)
    case .best(let count):
      try checkCount(Int(count), turn.rules, field: "best_available")
      let now = turn.now
      let rows = try turn.rows.seats.find(groupOf: date.id)
      let taken = Set(rows.filter { $0.isTaken(at: now) }.map(\.key.number))
      let free = FreeRuns(total: date.prices.total, isTaken: taken.contains)
      guard let best = free.best(count) else {
        throw .no(
          .notEnoughSeats,
          "date \(date.id) has \(Int(date.prices.total) - taken.count) free seats, not \(count)"
        )
      }
      return Chosen(numbers: best, rows: rows.filter { best.contains($0.key.number) })
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
    under ticket: Ticket?,
    in turn: inout Turn
  ) throws(Interruption) -> Outcome {
    let hold: HoldID = turn.ids.next()
    // A hold does not outlive the booking, or its payment would come after it; nor the ticket that
    // it is paid by.
    let expires = min(
      turn.now.after(milliseconds: concert.holdMilliseconds),
      date.closes,
      ticket?.sessionMax ?? .init(milliseconds: .max)
    )
    let reservations = numbers.map { number in
      Reservation(
        key: Reservation.Key(user: user, id: turn.ids.next()),
        hold: hold,
        concert: concert.id,
        date: date.id,
        seat: number,
        price: date.prices[number] ?? 0,
        ticket: ticket?.id,
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
    try turn.rows.tally(of: date.id) { $0.hold(reservations.count) }
    turn.tell(.seatsHeld(hold: hold, ticket: ticket?.id, reservations))
    let prolonged = try ticket.map { ticket throws(Interruption) in
      try turn.adding(reservations, to: ticket)
    }
    return Outcome(id: hold, reservations: reservations, expires: expires, ticket: prolonged)
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
    let ticket = try first.ticket.flatMap { id throws(Interruption) in
      try turn.rows.tickets.find(id)
    }
    return Outcome(
      id: hold.of(),
      reservations: reservations,
      expires: first.expires,
      ticket: ticket
    )
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
