/// What an entry token says: whose signature it bears was seen before.
package struct Pass: Sendable, Hashable {
  package let gate: String
  package let ticket: TicketID
  package let user: UserID
  package let epoch: UInt32
  package let expires: Instant

  package init(
    gate: String,
    ticket: TicketID,
    user: UserID,
    epoch: UInt32,
    expires: Instant
  ) {
    self.gate = gate
    self.ticket = ticket
    self.user = user
    self.epoch = epoch
    self.expires = expires
  }
}

extension WorkingSet {
  /// Asks for what a pass is judged by.
  mutating func want(_ pass: Pass?) {
    guard let pass else { return }
    want(gate: pass.gate)
    tickets.want(pass.ticket)
    if let ticket = tickets.peek(pass.ticket) { want(holdsOf: ticket) }
  }

  /// Asks for what is held under a ticket, and for what changes when that is given back.
  mutating func want(holdsOf ticket: Ticket) {
    for hold in ticket.holds {
      let key = Reservation.Key(user: ticket.user, id: hold)
      reservations.want(key)
      if let reservation = reservations.peek(key) { tallies.want(reservation.date) }
    }
  }
}

extension Turn {
  /// The ticket by which `user` is inside the gate that guards something; nil where none does.
  mutating func ticket(
    by pass: Pass?,
    of user: UserID,
    to gate: String
  ) throws(Interruption) -> Ticket? {
    guard !gate.isEmpty else { return nil }
    guard let pass else {
      throw .no(.tokenMissing, "gate \(gate) guards this: it takes an entry token")
    }
    guard pass.gate == gate else {
      throw .no(.tokenWrongGate, "this entry token is for gate \(pass.gate), not for \(gate)")
    }
    guard pass.epoch == (try rows.gate(gate)).epoch else {
      throw .no(.tokenInvalid, "this entry token is of an earlier epoch; Enter gives new ones")
    }
    guard let ticket = try rows.tickets.find(pass.ticket), ticket.user == user, pass.user == user,
      ticket.gate == gate
    else { throw .no(.tokenInvalid, "this entry token is not this user's") }
    guard ticket.state == .active, let until = ticket.until, now < until else {
      // Its ticket may have been prolonged since the token was made, but not afterwards.
      if pass.expires <= now {
        throw .no(.tokenInvalid, "this entry token expired at \(pass.expires.milliseconds) ms")
      }
      throw .no(.ticketEnded, "ticket \(ticket.id) has ended")
    }
    return ticket
  }
}
