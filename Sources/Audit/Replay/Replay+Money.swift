internal import UsherAPI

extension Replay {
  /// Money moves: the balance is what it was and the amount.
  mutating func move(_ moved: WalletMoved, _ event: Event) {
    findings.looked(.balanceUnlikeEntries)
    findings.looked(.balanceBelowZero)
    guard let entry = moved.entry else {
      return findings.add(.balanceUnlikeEntries, at: event.offset, "a movement has no entry")
    }
    let before = wallets[moved.userID]?.row.balance ?? 0
    let (after, overflow) = before.addingReportingOverflow(entry.amount)
    if overflow || after != entry.balance || entries[entry.id] != nil {
      findings.add(
        .balanceUnlikeEntries,
        at: event.offset,
        "entry \(entry.id) moves \(entry.amount) on top of \(before) of \(moved.userID) and says "
          + "\(entry.balance)"
      )
    }
    if entry.balance < 0 || after < 0 {
      findings.add(
        .balanceBelowZero,
        at: event.offset,
        "the balance of \(moved.userID) is \(min(entry.balance, after))"
      )
    }
    // From here on by the entries, so that one wrong balance is one case.
    wallets[moved.userID] = Kept(
      row: Wallet(userID: moved.userID, balance: after),
      offset: event.offset
    )
    entries[entry.id] = Kept(row: moved, offset: event.offset)
    if !entry.reference.isEmpty {
      entriesByReference[entry.reference, default: []].append(entry.id)
    }
  }

  /// Held seats are bought.
  mutating func pay(_ payment: Payment, _ event: Event) {
    var total: Int64 = 0
    for line in payment.lines {
      findings.looked(.stepsOutOfTurn)
      findings.looked(.paidAfterLapse)
      total = total.clampedSum(line.amount)
      sell(line, payment, event)
    }
    let isNew =
      payment.paidMs == event.atMs && payment.updatedMs == event.atMs
      && payments[payment.id] == nil && payment.total == total && !payment.lines.isEmpty
    if !isNew { outOfTurn(event, "payment \(payment.id) is not new, or not the sum of its lines") }
    var row = payment
    row.sortLines()
    payments[payment.id] = Kept(row: row, offset: event.offset)
  }

  private mutating func sell(_ line: PaymentLine, _ payment: Payment, _ event: Event) {
    guard var reservation = reservations[line.reservationID]?.row else {
      return outOfTurn(event, "\(line.reservationID) is paid and was never made")
    }
    if reservation.state == .lapsed || reservation.expiresMs <= event.atMs {
      findings.add(
        .paidAfterLapse,
        at: event.offset,
        "\(reservation.id) is paid at \(event.atMs) ms and was \(told(reservation))"
      )
    } else if reservation.state != .pending {
      outOfTurn(event, "\(reservation.id) is paid and was \(told(reservation))")
    }
    if !isOf(line, reservation, payment) {
      outOfTurn(event, "the line of \(reservation.id) is not what was held")
    }
    if let owner = seats[line.seatKey]?.row, owner.reservationID != reservation.id {
      findings.add(
        .seatsOwnedTwice,
        at: event.offset,
        "\(line.seatKey) is sold to \(payment.userID) and is \(owner.userID)'s"
      )
    }
    reservation.state = .paid
    reservation.paymentID = payment.id
    reservation.updatedMs = event.atMs
    reservations[reservation.id] = Kept(row: reservation, offset: event.offset)
    seats[line.seatKey] = Kept(
      row: TakenSeat(
        dateID: line.dateID,
        seatNumber: line.seatNumber,
        userID: payment.userID,
        reservationID: reservation.id
      ),
      offset: event.offset
    )
  }

  private func isOf(
    _ line: PaymentLine,
    _ reservation: Reservation,
    _ payment: Payment
  ) -> Bool {
    let date = dates[line.dateID]?.row
    return line.state == .paid && line.amount == reservation.price
      && line.seatKey == reservation.seatKey && line.concertID == reservation.concertID
      && reservation.userID == payment.userID && line.opensMs == date?.opensMs
      && line.closesMs == date?.closesMs
      && line.concertName == concerts[line.concertID]?.row.name
  }

  /// A seat that was paid is given back, and its money.
  mutating func refund(_ reservation: Reservation, _ event: Event) {
    findings.looked(.stepsOutOfTurn)
    var expected = reservations[reservation.id]?.row
    let wasPaid = expected?.state == .paid
    expected?.state = .cancelled
    expected?.updatedMs = event.atMs
    if !wasPaid || expected != reservation {
      outOfTurn(
        event,
        "\(reservation.id) is refunded and was " + told(reservations[reservation.id]?.row)
      )
    }
    reservations[reservation.id] = Kept(row: reservation, offset: event.offset)
    free(reservation, event)
    guard var payment = payments[reservation.paymentID]?.row,
      let line = payment.lines.firstIndex(where: { $0.reservationID == reservation.id })
    else { return outOfTurn(event, "\(reservation.id) is refunded and has no payment") }
    payment.lines[line].state = .refunded
    payment.updatedMs = event.atMs
    payments[payment.id] = Kept(row: payment, offset: event.offset)
  }
}
