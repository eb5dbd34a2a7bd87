extension Turn {
  /// Ends a hold whose time is over and that has not been ended yet.
  mutating func lapse(_ seat: TakenSeat) throws(Interruption) {
    var reservation = try rows.reservation(seat.reservationKey)
    reservation.state = .lapsed
    end(&reservation)
    tell(.reservationEnded(reservation))
  }

  /// Frees the seat of a reservation that has ended.
  mutating func end(_ reservation: inout Reservation) {
    reservation.updated = now
    rows.reservations.put(reservation)
    rows.seats.remove(reservation.seatKey)
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
      if let seat = rows.reservations.peek(key)?.seatKey { rows.seats.want(seat) }
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
