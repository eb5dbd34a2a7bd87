internal import Domain
package import Ledger
internal import UsherAPI
internal import Wire

/// Writes events as the API's messages, which is how the log keeps them and subscribers get them.
package struct MessageCoder: EventCoder {
  package init() {}

  package func encode(_ event: LoggedEvent) -> [UInt8] {
    UsherAPI.Event(
      epoch: event.epoch,
      offset: event.offset,
      atMs: event.at.milliseconds,
      what: what(event.event)
    ).encoded()
  }

  package func decode(_ bytes: [UInt8]) -> LoggedEvent? {
    // What the log keeps was written by this coder: damage shows as bytes that are no event.
    guard let message = try? UsherAPI.Event(decoding: bytes), let what = message.what,
      let event = event(what)
    else { return nil }
    return LoggedEvent(
      epoch: message.epoch,
      offset: message.offset,
      at: Instant(milliseconds: message.atMs),
      event: event
    )
  }

  private func what(_ event: Domain.Event) -> UsherAPI.Event.What {
    switch event {
    case .userChanged(let user): .userChanged(UsherAPI.User(user))
    case .concertChanged(let concert): .concertChanged(UsherAPI.Concert(concert))
    case .dateChanged(let date): .dateChanged(UsherAPI.ConcertDate(date))
    case .gateChanged(let gate): .gateChanged(UsherAPI.Gate(gate))
    case .ticketEntered(let entry): .ticketEntered(TicketEntered(entry))
    case .ticketMoved(let move): .ticketMoved(TicketMoved(move))
    case .seatsHeld(let hold, let ticket, let reservations):
      .seatsHeld(
        SeatsHeld(
          holdID: hold.description,
          reservations: reservations.map(UsherAPI.Reservation.init),
          ticketID: ticket?.description ?? ""
        )
      )
    case .reservationEnded(let reservation):
      .reservationEnded(ReservationEnded(reservation: UsherAPI.Reservation(reservation)))
    case .paid(let payment, let lines): .paid(UsherAPI.Payment(payment, lines))
    case .refunded(let reservation):
      .refunded(ReservationEnded(reservation: UsherAPI.Reservation(reservation)))
    case .walletMoved(let entry):
      .walletMoved(WalletMoved(userID: entry.key.user.description, entry: UsherAPI.Entry(entry)))
    case .timeGivenBack(let milliseconds, let tickets, let holds):
      .timeGivenBack(TimeGivenBack(gapMs: milliseconds, tickets: tickets, holds: holds))
    }
  }

  private func event(_ what: UsherAPI.Event.What) -> Domain.Event? {
    switch what {
    case .userChanged(let user): user.row.map { .userChanged($0) }
    case .concertChanged(let concert): concert.row.map { .concertChanged($0) }
    case .dateChanged(let date): date.row.map { .dateChanged($0) }
    case .seatsHeld(let held): seatsHeld(held)
    case .reservationEnded(let ended): ended.reservation?.row.map { .reservationEnded($0) }
    case .paid(let payment): payment.rows.map { .paid($0.0, $0.1) }
    case .refunded(let ended): ended.reservation?.row.map { .refunded($0) }
    case .walletMoved(let moved):
      UserID(moved.userID).flatMap { moved.entry?.row(of: $0) }.map { .walletMoved($0) }
    case .timeGivenBack(let back):
      .timeGivenBack(milliseconds: back.gapMs, tickets: back.tickets, holds: back.holds)
    case .gateChanged(let gate): gate.row.map { .gateChanged($0) }
    case .ticketEntered(let entered): entered.entry.map { .ticketEntered($0) }
    case .ticketMoved(let moved): moved.move.map { .ticketMoved($0) }
    }
  }

  private func seatsHeld(_ held: SeatsHeld) -> Domain.Event? {
    let rows = held.reservations.compactMap(\.row)
    guard let hold = HoldID(held.holdID), rows.count == held.reservations.count else {
      return nil
    }
    let ticket = TicketID(held.ticketID)
    guard ticket != nil || held.ticketID.isEmpty else { return nil }
    return .seatsHeld(hold: hold, ticket: ticket, rows)
  }
}
