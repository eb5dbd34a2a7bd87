extension Turn {
  /// Ends a hold whose time is over and that has not been ended yet.
  mutating func lapse(_ seat: TakenSeat) throws(Interruption) {
    let reservation = try rows.reservation(seat.reservationKey)
    try end(reservation, as: .lapsed)
    try holdEnded(reservation, isLapse: true)
  }

  /// Ends a hold that was not paid, and tells so.
  @discardableResult
  mutating func end(
    _ held: Reservation,
    as state: Reservation.State
  ) throws(Interruption) -> Reservation {
    let ended = try free(held, as: state)
    tell(.reservationEnded(ended))
    return ended
  }

  /// Frees the seat of a reservation that has ended.
  mutating func free(
    _ reservation: Reservation,
    as state: Reservation.State
  ) throws(Interruption) -> Reservation {
    try rows.tally(of: reservation.date) { $0.free(sold: reservation.state == .paid) }
    var reservation = reservation
    reservation.state = state
    reservation.updated = now
    rows.reservations.put(reservation)
    rows.seats.remove(reservation.seatKey)
    return reservation
  }
}

/// Ends holds whose time is over: what a batch does first, whoever is or is not watching.
package struct LapseDue: Command {
  /// Holds that the store found due.
  package let due: [Reservation.Key]

  package init(due: [Reservation.Key]) {
    self.due = due
  }

  package func want(in rows: inout WorkingSet) {
    for key in due {
      rows.reservations.want(key)
      guard let reservation = rows.reservations.peek(key) else { continue }
      rows.seats.want(reservation.seatKey)
      rows.want(endOf: reservation)
    }
  }

  /// Answers how many it ended.
  package func decide(in turn: inout Turn) throws(Interruption) -> Int {
    var ended = 0
    for key in due {
      guard let reservation = try turn.rows.reservations.find(key),
        reservation.state == .pending, reservation.expires <= turn.now,
        let seat = try turn.rows.seats.find(reservation.seatKey)
      else { continue }
      try turn.lapse(seat)
      ended += 1
    }
    return ended
  }
}
