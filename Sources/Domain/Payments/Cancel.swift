/// Gives a seat back. What was paid for it is refunded in full while its concert allows it; a seat
/// that is only held is released.
package struct Cancel: RepeatableCommand {
  package struct Outcome: Sendable, Hashable {
    package let reservation: Reservation
    package let refunded: Int64
    package let balance: Int64
  }

  package let user: UserID
  package let reservation: ReservationID

  package init(user: UserID, reservation: ReservationID) {
    self.user = user
    self.reservation = reservation
  }

  private var key: Reservation.Key { Reservation.Key(user: user, id: reservation) }

  package func want(in rows: inout WorkingSet) {
    rows.users.want(user)
    rows.wallets.want(user)
    rows.want([reservation], of: user)
    if let reservation = rows.reservations.peek(key) {
      rows.concerts.want(reservation.concert)
      rows.want(refundOf: reservation)
    }
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Outcome {
    _ = try turn.rows.livingUser(user)
    let reservation = try turn.rows.reservation(key)
    guard reservation.state == .paid else {
      let released = try turn.release(turn.held([self.reservation], by: user))
      let balance = try turn.rows.wallets.find(user)?.balance ?? 0
      return Outcome(reservation: released[0], refunded: 0, balance: balance)
    }
    let concert = try turn.rows.concerts.find(reservation.concert)
    guard let until = concert?.cancelUntil, turn.now < until else {
      throw .no(.cancelClosed, "reservation \(key.id) can no longer be given back")
    }
    let (refunded, entry) = try turn.refund(reservation)
    return Outcome(reservation: refunded, refunded: reservation.price, balance: entry.balance)
  }

  package func made(_ outcome: Outcome) -> [ID<Made>] {
    // Whether money came back is not to be seen from the reservation alone.
    outcome.refunded > 0 ? [outcome.reservation.key.id.of(), Self.refundMark] : [key.id.of()]
  }

  private static let refundMark = ID<Made>(high: 0, low: 1)

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Outcome {
    let reservation = try turn.rows.reservation(key)
    let balance = try turn.rows.wallets.find(user)?.balance ?? 0
    let refunded = made.contains(Self.refundMark) ? reservation.price : 0
    return Outcome(reservation: reservation, refunded: refunded, balance: balance)
  }
}

extension WorkingSet {
  /// Asks for what a refund changes.
  mutating func want(refundOf reservation: Reservation) {
    wallets.want(reservation.key.user)
    tallies.want(reservation.date)
    seats.want(reservation.seatKey)
    guard let payment = reservation.payment else { return }
    let key = Payment.Key(user: reservation.key.user, id: payment)
    payments.want(key)
    lines.want(PaymentLine.Key(payment: key, reservation: reservation.key.id))
  }
}

extension Turn {
  /// Takes a paid seat back and returns the money.
  mutating func refund(
    _ reservation: Reservation
  ) throws(Interruption) -> (Reservation, Entry) {
    let user = reservation.key.user
    guard let id = reservation.payment,
      var payment = try rows.payments.find(Payment.Key(user: user, id: id)),
      var line = try rows.lines.find(
        PaymentLine.Key(payment: payment.key, reservation: reservation.key.id)
      )
    else {
      throw .no(.paymentNotFound, "reservation \(reservation.key.id) has no payment")
    }
    let entry = try move(
      line.amount,
      of: user,
      as: .refund,
      "\(line.concertName), seat \(line.seat)",
      reference: reservation.key.id.of()
    )
    line.state = .refunded
    payment.updated = now
    rows.lines.put(line)
    rows.payments.put(payment)
    let refunded = try free(reservation, as: .cancelled)
    tell(.refunded(refunded))
    return (refunded, entry)
  }
}
