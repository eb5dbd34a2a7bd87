/// Gives held seats back before their time is over.
package struct Release: RepeatableCommand {
  package let user: UserID
  package let reservations: [ReservationID]

  package init(user: UserID, reservations: [ReservationID]) {
    self.user = user
    self.reservations = reservations
  }

  package func want(in rows: inout WorkingSet) {
    rows.want(reservations, of: user)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> [Reservation] {
    let held = try turn.held(reservations, by: user)
    return held.map { reservation in
      var reservation = reservation
      reservation.state = .cancelled
      turn.end(&reservation)
      turn.tell(.reservationEnded(reservation))
      return reservation
    }
  }

  package func made(_ outcome: [Reservation]) -> [ID<Made>] {
    outcome.map { $0.key.id.of() }
  }

  package func recall(
    _ made: [ID<Made>],
    in turn: inout Turn
  ) throws(Interruption) -> [Reservation] {
    var reservations: [Reservation] = []
    for id in made {
      reservations.append(try turn.rows.reservation(Reservation.Key(user: user, id: id.of())))
    }
    return reservations
  }
}

extension WorkingSet {
  /// Asks for reservations of a user and the seats that they are of.
  mutating func want(_ ids: [ReservationID], of user: UserID) {
    for id in ids {
      let key = Reservation.Key(user: user, id: id)
      reservations.want(key)
      if let seat = reservations.peek(key)?.seatKey { seats.want(seat) }
    }
  }
}

extension Turn {
  /// The reservations, all of which have to be the user's, held, and in time.
  mutating func held(
    _ ids: [ReservationID],
    by user: UserID
  ) throws(Interruption) -> [Reservation] {
    guard !ids.isEmpty, Set(ids).count == ids.count, ids.count <= rules.seatsPerCallMax else {
      throw .no(
        .fieldInvalid,
        "reservation_ids: 1 to \(rules.seatsPerCallMax) of them, and none twice"
      )
    }
    _ = try rows.livingUser(user)
    var held: [Reservation] = []
    for id in ids {
      let reservation = try rows.reservation(Reservation.Key(user: user, id: id))
      try checkHeld(reservation)
      held.append(reservation)
    }
    return held
  }

  private func checkHeld(_ reservation: Reservation) throws(Interruption) {
    let id = reservation.key.id
    switch reservation.state {
    case .paid: throw .no(.alreadyPaid, "reservation \(id) is paid")
    case .cancelled: throw .no(.alreadyCancelled, "reservation \(id) was given back")
    case .lapsed, .pending:
      guard reservation.isLive(at: now) else {
        throw .no(
          .holdExpired,
          "reservation \(id) lapsed at \(reservation.expires.milliseconds) ms; no money moved"
        )
      }
    }
  }
}
