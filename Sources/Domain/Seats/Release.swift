/// Gives held seats back before their time is over.
package struct Release: RepeatableCommand {
  package let user: UserID
  package let reservations: [ReservationID]
  /// By which the user is inside, where they are held under a ticket.
  package let pass: Pass?

  package init(user: UserID, reservations: [ReservationID], pass: Pass? = nil) {
    self.user = user
    self.reservations = reservations
    self.pass = pass
  }

  package func want(in rows: inout WorkingSet) {
    rows.want(reservations, of: user)
    rows.want(pass)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> [Reservation] {
    let held = try turn.held(reservations, by: user)
    for gate in try turn.gates(of: held) { _ = try turn.ticket(by: pass, of: user, to: gate) }
    return try turn.release(held)
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
      guard let reservation = reservations.peek(key) else { continue }
      seats.want(reservation.seatKey)
      want(endOf: reservation)
    }
  }

  /// Asks for a hold, and for what changes when it ends.
  mutating func want(endOf key: Reservation.Key) {
    reservations.want(key)
    if let reservation = reservations.peek(key) { want(endOf: reservation) }
  }

  /// Asks for what changes when a hold ends.
  mutating func want(endOf reservation: Reservation) {
    tallies.want(reservation.date)
    guard let id = reservation.ticket else { return }
    tickets.want(id)
    guard let ticket = tickets.peek(id) else { return }
    want(gate: ticket.gate)
    want(holdsOf: ticket)
  }
}

extension Turn {
  /// Gives back what is held, and takes the ends of their tickets back.
  mutating func release(_ held: [Reservation]) throws(Interruption) -> [Reservation] {
    var released: [Reservation] = []
    for reservation in held {
      released.append(try end(reservation, as: .cancelled))
      try holdEnded(reservation, isLapse: false)
    }
    return released
  }

  /// The gates under whose tickets it is held, each once; the empty one for what is held under none.
  /// Which gates guard the concerts now is for new holds: a concert that is moved to another strands
  /// nobody.
  mutating func gates(of held: [Reservation]) throws(Interruption) -> Set<String> {
    var gates: Set<String> = []
    for reservation in held {
      guard let id = reservation.ticket else {
        gates.insert("")
        continue
      }
      guard let ticket = try rows.tickets.find(id) else {
        throw .no(.ticketEnded, "there is no ticket \(id) any more")
      }
      gates.insert(ticket.gate)
    }
    return gates
  }

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
