/// Buys held seats: the balance falls, one payment is recorded and the seats are the user's, or
/// nothing happens.
package struct Pay: RepeatableCommand {
  package struct Outcome: Sendable, Hashable {
    package let payment: Payment
    package let lines: [PaymentLine]
    package let balance: Int64
  }

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
    rows.users.want(user)
    rows.wallets.want(user)
    rows.want(reservations, of: user)
    rows.want(pass)
    for id in reservations {
      let key = Reservation.Key(user: user, id: id)
      guard let reservation = rows.reservations.peek(key) else { continue }
      rows.concerts.want(reservation.concert)
      rows.dates.want(reservation.date)
    }
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Outcome {
    let held = try turn.held(reservations, by: user)
    let gates = try turn.gates(of: held)
    guard gates.count == 1, let gate = gates.first else {
      throw .no(.fieldInvalid, "reservation_ids: are of several gates; pay for each by itself")
    }
    let ticket = try turn.ticket(by: pass, of: user, to: gate)
    let payment = Payment.Key(user: user, id: turn.ids.next())
    var lines: [PaymentLine] = []
    var total: Int64 = 0
    for reservation in held {
      guard let concert = try turn.rows.concerts.find(reservation.concert),
        let date = try turn.rows.dates.find(reservation.date)
      else { throw .no(.dateNotFound, "there is no date \(reservation.date)") }
      lines.append(PaymentLine(of: reservation, in: payment, concert: concert, date: date))
      let (sum, overflow) = total.addingReportingOverflow(reservation.price)
      guard !overflow else { throw .no(.balanceOverflow, "these seats cost more than can be paid") }
      total = sum
    }
    lines = lines.inOrder
    let entry = try turn.move(
      -total,
      of: user,
      as: .payment,
      describe(lines),
      reference: payment.id.of()
    )
    let outcome = try sell(
      held,
      Payment(key: payment, total: total, paid: turn.now),
      lines,
      entry,
      in: &turn
    )
    if let ticket { try turn.finish(ticket, with: reservations) }
    return outcome
  }

  private func sell(
    _ held: [Reservation],
    _ payment: Payment,
    _ lines: [PaymentLine],
    _ entry: Entry,
    in turn: inout Turn
  ) throws(Interruption) -> Outcome {
    turn.rows.payments.put(payment)
    for line in lines { turn.rows.lines.put(line) }
    for var reservation in held {
      try turn.rows.tally(of: reservation.date) { $0.sell() }
      reservation.state = .paid
      reservation.payment = payment.key.id
      reservation.updated = turn.now
      turn.rows.reservations.put(reservation)
      turn.rows.seats.put(
        TakenSeat(
          key: reservation.seatKey,
          user: user,
          reservation: reservation.key.id,
          until: nil
        )
      )
    }
    turn.tell(.paid(payment, lines))
    return Outcome(payment: payment, lines: lines, balance: entry.balance)
  }

  private func describe(_ lines: [PaymentLine]) -> String {
    let seats = lines.map { String($0.seat) }.joined(separator: ", ")
    return "\(lines.first?.concertName ?? ""), seat \(seats)"
  }

  package func made(_ outcome: Outcome) -> [ID<Made>] { [outcome.payment.key.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Outcome {
    let key = Payment.Key(user: user, id: try made.one())
    guard let payment = try turn.rows.payments.find(key) else {
      throw .no(.paymentNotFound, "this user has no payment \(key.id)")
    }
    let lines = try turn.rows.lines.find(groupOf: key).inOrder
    let balance = try turn.rows.wallets.find(user)?.balance ?? 0
    return Outcome(payment: payment, lines: lines, balance: balance)
  }
}
