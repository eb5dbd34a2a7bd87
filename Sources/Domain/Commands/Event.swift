/// What happened, for everyone who follows the log.
package enum Event: Sendable, Hashable {
  case userChanged(User)
  case concertChanged(Concert)
  case dateChanged(ConcertDate)
  case gateChanged(Gate)
  case ticketEntered(TicketEntry)
  case ticketMoved(TicketMove)
  case seatsHeld(hold: HoldID, ticket: TicketID?, [Reservation])
  /// Released, refused or lapsed without payment.
  case reservationEnded(Reservation)
  case paid(Payment, [PaymentLine])
  case refunded(Reservation)
  case walletMoved(Entry)
  /// Nothing was decided for this long, and whoever was waiting for time gets it back.
  case timeGivenBack(milliseconds: Int64, tickets: UInt64, holds: UInt64)
}
