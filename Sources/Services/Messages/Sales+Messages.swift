internal import Domain
internal import UsherAPI

extension UsherAPI.User {
  init(_ user: Domain.User) {
    self.init(
      id: user.id.description,
      name: user.name,
      createdMs: user.created.milliseconds,
      updatedMs: user.updated.milliseconds,
      deletedMs: user.deleted.ms
    )
  }

  var row: Domain.User? {
    guard let id = UserID(id) else { return nil }
    var row = Domain.User(id: id, name: name, created: Instant(milliseconds: createdMs))
    row.updated = Instant(milliseconds: updatedMs)
    row.deleted = Instant(ms: deletedMs)
    return row
  }
}

extension UsherAPI.Reservation {
  init(_ reservation: Domain.Reservation) {
    let state: ReservationState =
      switch reservation.state {
      case .pending: .pending
      case .paid: .paid
      case .cancelled: .cancelled
      case .lapsed: .lapsed
      }
    self.init(
      id: reservation.key.id.description,
      holdID: reservation.hold.description,
      userID: reservation.key.user.description,
      concertID: reservation.concert.description,
      dateID: reservation.date.description,
      seatNumber: reservation.seat,
      price: reservation.price,
      state: state,
      createdMs: reservation.created.milliseconds,
      expiresMs: reservation.expires.milliseconds,
      updatedMs: reservation.updated.milliseconds,
      paymentID: reservation.payment?.description ?? ""
    )
  }

  var row: Domain.Reservation? {
    guard let id = ReservationID(id), let user = UserID(userID), let hold = HoldID(holdID),
      let concert = ConcertID(concertID), let date = DateID(dateID),
      let state = Domain.Reservation.State(rawValue: Int64(state.rawValue))
    else { return nil }
    var row = Domain.Reservation(
      key: Domain.Reservation.Key(user: user, id: id),
      hold: hold,
      concert: concert,
      date: date,
      seat: seatNumber,
      price: price,
      created: Instant(milliseconds: createdMs),
      expires: Instant(milliseconds: expiresMs)
    )
    row.state = state
    row.updated = Instant(milliseconds: updatedMs)
    row.payment = PaymentID(paymentID)
    return row
  }
}

extension UsherAPI.Payment {
  init(_ payment: Domain.Payment, _ lines: [Domain.PaymentLine]) {
    self.init(
      id: payment.key.id.description,
      userID: payment.key.user.description,
      lines: lines.map(UsherAPI.PaymentLine.init),
      total: payment.total,
      paidMs: payment.paid.milliseconds,
      updatedMs: payment.updated.milliseconds
    )
  }

  var rows: (Domain.Payment, [Domain.PaymentLine])? {
    guard let id = PaymentID(id), let user = UserID(userID) else { return nil }
    let key = Domain.Payment.Key(user: user, id: id)
    var payment = Domain.Payment(
      key: key,
      total: total,
      paid: Instant(milliseconds: paidMs)
    )
    payment.updated = Instant(milliseconds: updatedMs)
    let rows = lines.compactMap { $0.row(in: key) }
    return rows.count == lines.count ? (payment, rows) : nil
  }
}

extension UsherAPI.PaymentLine {
  init(_ line: Domain.PaymentLine) {
    self.init(
      reservationID: line.key.reservation.description,
      concertID: line.concert.description,
      concertName: line.concertName,
      dateID: line.date.description,
      opensMs: line.opens.milliseconds,
      closesMs: line.closes.milliseconds,
      seatNumber: line.seat,
      amount: line.amount,
      state: line.state == .paid ? .paid : .refunded
    )
  }

  func row(in payment: Domain.Payment.Key) -> Domain.PaymentLine? {
    guard let reservation = ReservationID(reservationID), let concert = ConcertID(concertID),
      let date = DateID(dateID),
      let state = Domain.PaymentLine.State(rawValue: Int64(state.rawValue))
    else { return nil }
    return Domain.PaymentLine(
      key: Domain.PaymentLine.Key(payment: payment, reservation: reservation),
      concert: concert,
      concertName: concertName,
      date: date,
      opens: Instant(milliseconds: opensMs),
      closes: Instant(milliseconds: closesMs),
      seat: seatNumber,
      amount: amount,
      state: state
    )
  }
}

extension UsherAPI.Entry {
  init(_ entry: Domain.Entry) {
    let kind: EntryKind =
      switch entry.kind {
      case .charge: .charge
      case .payment: .payment
      case .refund: .refund
      }
    self.init(
      id: entry.key.id.description,
      kind: kind,
      amount: entry.amount,
      balance: entry.balance,
      description: entry.description,
      reference: entry.reference?.description ?? "",
      atMs: entry.at.milliseconds
    )
  }

  func row(of user: UserID) -> Domain.Entry? {
    guard let id = EntryID(id), let kind = Domain.Entry.Kind(rawValue: Int64(kind.rawValue))
    else { return nil }
    return Domain.Entry(
      key: Domain.Entry.Key(user: user, id: id),
      kind: kind,
      amount: amount,
      balance: balance,
      description: description,
      reference: ID<Made>(reference),
      at: Instant(milliseconds: atMs)
    )
  }
}
