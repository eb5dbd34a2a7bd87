internal import UsherAPI
internal import Wire

extension Replay {
  /// A seat is held: it was free, and so are both its lives, the seat's and the reservation's.
  mutating func hold(_ reservation: Reservation, _ hold: String, _ event: Event) {
    findings.looked(.stepsOutOfTurn)
    findings.looked(.seatsOwnedTwice)
    let isNew =
      reservation.state == .pending && reservation.holdID == hold && reservation.paymentID.isEmpty
      && reservation.createdMs == event.atMs && reservation.updatedMs == event.atMs
      && reservation.expiresMs >= event.atMs && reservations[reservation.id] == nil
    if !isNew { outOfTurn(event, "\(reservation.id) is held and is no new reservation") }
    if let owner = seats[reservation.seatKey]?.row {
      findings.add(
        .seatsOwnedTwice,
        at: event.offset,
        "\(reservation.seatKey) is held by \(reservation.userID) and is \(owner.userID)'s"
      )
    }
    check(reservation, event)
    reservations[reservation.id] = Kept(row: reservation, offset: event.offset)
    seats[reservation.seatKey] = Kept(
      row: TakenSeat(
        dateID: reservation.dateID,
        seatNumber: reservation.seatNumber,
        userID: reservation.userID,
        reservationID: reservation.id,
        untilMs: reservation.expiresMs
      ),
      offset: event.offset
    )
  }

  /// What is held has a date with that seat at that price, and a user.
  private mutating func check(_ reservation: Reservation, _ event: Event) {
    let date = dates[reservation.dateID]?.row
    let band = date?.prices.first {
      $0.from <= reservation.seatNumber && reservation.seatNumber <= $0.through
    }
    if date?.concertID != reservation.concertID || band?.price != reservation.price {
      outOfTurn(event, "\(reservation.id) is of a seat that no date has at \(reservation.price)")
    }
    if users[reservation.userID].map({ $0.row.deletedMs != 0 }) ?? true {
      outOfTurn(event, "\(reservation.id) is of \(reservation.userID), who is no user")
    }
  }

  /// A hold ends without being paid: given back before its end, or lapsed from then on.
  mutating func end(_ reservation: Reservation, _ event: Event) {
    findings.looked(.stepsOutOfTurn)
    var expected = reservations[reservation.id]?.row
    let isOver = expected.map { $0.expiresMs <= event.atMs } ?? false
    let wasPending = expected?.state == .pending
    expected?.state = isOver ? .lapsed : .cancelled
    expected?.updatedMs = event.atMs
    if !wasPending || expected != reservation {
      outOfTurn(
        event,
        "\(reservation.id) ends as \(name(reservation.state)) and was "
          + told(reservations[reservation.id]?.row)
      )
    }
    reservations[reservation.id] = Kept(row: reservation, offset: event.offset)
    free(reservation, event)
  }

  /// A seat is free again, if it was that reservation's.
  mutating func free(_ reservation: Reservation, _ event: Event) {
    guard seats[reservation.seatKey]?.row.reservationID == reservation.id else {
      return outOfTurn(event, "\(reservation.seatKey) is freed and was not \(reservation.id)'s")
    }
    seats[reservation.seatKey] = nil
  }

  /// An outage is given back to every hold that lived when it began.
  mutating func giveBack(_ back: TimeGivenBack, _ event: Event) {
    findings.looked(.stepsOutOfTurn)
    let start = event.atMs.clampedSum(-max(back.gapMs, 0))
    var holds: UInt64 = 0
    for (key, seat) in seats {
      guard var reservation = reservations[seat.row.reservationID]?.row,
        reservation.state == .pending, reservation.expiresMs > start
      else { continue }
      holds += 1
      reservation.expiresMs = reservation.expiresMs.clampedSum(back.gapMs)
      reservations[reservation.id] = Kept(row: reservation, offset: event.offset)
      var row = seat.row
      row.untilMs = row.untilMs.clampedSum(back.gapMs)
      seats[key] = Kept(row: row, offset: event.offset)
    }
    if holds != back.holds {
      outOfTurn(event, "time is given back to \(back.holds) holds, and \(holds) lived")
    }
    var tickets: UInt64 = 0
    for name in gates.keys { tickets += gates[name]?.giveBack(back, event) ?? 0 }
    if tickets != back.tickets {
      outOfTurn(event, "time is given back to \(back.tickets) tickets, and \(tickets) lived")
    }
  }

  func name(_ state: ReservationState) -> String { state.shortName ?? "\(state.rawValue)" }

  /// What a reservation was, for people.
  func told(_ reservation: Reservation?) -> String {
    guard let reservation else { return "never made" }
    return "\(name(reservation.state)) until \(reservation.expiresMs) ms"
  }
}
