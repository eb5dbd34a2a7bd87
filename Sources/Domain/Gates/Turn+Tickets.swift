// What becomes of tickets. Whoever calls these saves the line and the ticket.

extension Turn {
  /// Moves a ticket into a state that ends by itself.
  mutating func move(_ ticket: inout Ticket, to state: Ticket.State, until: Instant) {
    let before = ticket.state
    ticket.become(state, until: until)
    tellMove(&ticket, from: before)
  }

  private mutating func tellMove(_ ticket: inout Ticket, from before: Ticket.State) {
    ticket.updated = now
    tell(.ticketMoved(TicketMove(of: ticket, from: before)))
  }

  /// Whoever was admitted comes in.
  mutating func claim(_ ticket: inout Ticket, at gate: Gate, _ line: inout Line) {
    line.admitted -= 1
    line.active += 1
    let ends = now.after(milliseconds: gate.policy.sessionMilliseconds)
    ticket.sessionEnds = ends
    ticket.sessionMax = now.after(milliseconds: gate.policy.sessionMaxMilliseconds)
    move(&ticket, to: .active, until: ends)
  }

  /// Whoever missed their turn stands in their old place again.
  mutating func comeBack(_ ticket: inout Ticket, at gate: Gate, _ line: inout Line) {
    ticket.returns += 1
    line.waiting[ticket.lane] += 1
    let before = ticket.state
    ticket.wait(at: place(of: ticket, at: gate, line))
    tellMove(&ticket, from: before)
  }

  /// Those who come back from a draw stand by their lots before all who have a number: whoever was
  /// admitted before them had a lower lot.
  private func place(of ticket: Ticket, at gate: Gate, _ line: Line) -> Int64 {
    guard ticket.isGathered else { return Int64(clamping: ticket.number) }
    let lottery = Lottery(seed: gate.seed, digest: line.gatheredDigest)
    return Int64(bitPattern: lottery.lot(of: ticket.id) >> 1) + .min
  }

  /// Ends a ticket, and gives back what it still holds.
  mutating func end(
    _ ticket: inout Ticket,
    as state: Ticket.State,
    _ line: inout Line,
    sparing paid: [ReservationID] = []
  ) throws(Interruption) {
    let before = ticket.state
    try giveBackHolds(of: &ticket, &line, sparing: paid)
    switch before {
    case .waiting: line.waiting[ticket.lane] -= 1
    case .admitted: line.admitted -= 1
    case .active: line.active -= 1
    case .missed, .done, .expired, .left: break
    }
    switch state {
    case .done: line.doneTotal += 1
    case .expired: line.expiredTotal += 1
    case .left: line.leftTotal += 1
    case .waiting, .admitted, .active, .missed: break
    }
    ticket.end(as: state)
    tellMove(&ticket, from: before)
  }

  private mutating func giveBackHolds(
    of ticket: inout Ticket,
    _ line: inout Line,
    sparing paid: [ReservationID]
  ) throws(Interruption) {
    guard !ticket.holds.isEmpty else { return }
    line.holding -= 1
    // Asked for all together, however many they are.
    rows.want(holdsOf: ticket)
    for id in ticket.holds where !paid.contains(id) {
      let reservation = try rows.reservation(Reservation.Key(user: ticket.user, id: id))
      guard reservation.state == .pending else { continue }
      try end(reservation, as: now < reservation.expires ? .cancelled : .lapsed)
    }
    ticket.holds = []
  }

  /// Does what time asks of a ticket.
  mutating func settle(
    _ ticket: inout Ticket,
    at gate: Gate,
    _ line: inout Line
  ) throws(Interruption) {
    guard let until = ticket.until, until <= now else { return }
    guard ticket.state == .admitted, ticket.returns < Ticket.returnsMax else {
      return try end(&ticket, as: .expired, &line)
    }
    line.admitted -= 1
    line.missedTotal += 1
    let grace = now.after(milliseconds: gate.policy.graceMilliseconds)
    move(&ticket, to: .missed, until: grace)
  }
}

extension Ticket {
  /// How often someone may miss their turn and come back.
  static var returnsMax: Int64 { 2 }
}

// MARK: - Holds and their ticket

extension Turn {
  /// A ticket lives as long as its session, or its holds if that is longer, and never past its most.
  mutating func adding(
    _ holds: [Reservation],
    to ticket: Ticket
  ) throws(Interruption) -> Ticket {
    var ticket = ticket
    var line = try rows.line(of: rows.gate(ticket.gate))
    if ticket.holds.isEmpty { line.holding += 1 }
    ticket.holds += holds.map(\.key.id)
    prolong(&ticket, for: try living(ticket.holds, of: ticket.user))
    rows.gateLines.put(line)
    rows.tickets.put(ticket)
    return ticket
  }

  /// Those of a ticket's holds that have not lapsed.
  private mutating func living(
    _ holds: [ReservationID],
    of user: UserID
  ) throws(Interruption) -> [Reservation] {
    var living: [Reservation] = []
    for id in holds {
      let hold = try rows.reservation(Reservation.Key(user: user, id: id))
      if hold.isLive(at: now) { living.append(hold) }
    }
    return living
  }

  private mutating func prolong(_ ticket: inout Ticket, for holds: [Reservation]) {
    guard let session = ticket.sessionEnds, let most = ticket.sessionMax else { return }
    let last = holds.map(\.expires).max() ?? session
    let until = min(max(session, last), most)
    if until != ticket.until { move(&ticket, to: .active, until: until) }
  }

  /// Whoever has paid is done: what else they held is given back, and their place is free.
  mutating func finish(
    _ paying: Ticket,
    with paid: [ReservationID]
  ) throws(Interruption) {
    var ticket = paying
    let gate = try rows.gate(ticket.gate)
    var line = try rows.line(of: gate)
    try end(&ticket, as: .done, &line, sparing: paid)
    rows.gateLines.put(line)
    rows.tickets.put(ticket)
  }

  /// A hold has ended, other than with its ticket: a lapse that leaves none ends the ticket too; any
  /// other end takes the ticket's end back.
  mutating func holdEnded(_ reservation: Reservation, isLapse: Bool) throws(Interruption) {
    guard let id = reservation.ticket, var ticket = try rows.tickets.find(id),
      ticket.state == .active, let place = ticket.holds.firstIndex(of: reservation.key.id)
    else { return }
    let gate = try rows.gate(ticket.gate)
    var line = try rows.line(of: gate)
    ticket.holds.remove(at: place)
    if ticket.holds.isEmpty { line.holding -= 1 }
    let living = try living(ticket.holds, of: ticket.user)
    if isLapse, living.isEmpty {
      try end(&ticket, as: .expired, &line)
    } else {
      prolong(&ticket, for: living)
      // Where its session was over only its holds have kept it.
      try settle(&ticket, at: gate, &line)
    }
    rows.gateLines.put(line)
    rows.tickets.put(ticket)
  }
}

/// A ticket's step from one state to the next, for everyone who follows the log.
package struct TicketMove: Sendable, Hashable {
  package let ticket: TicketID
  package let gate: String
  package let number: UInt64
  package let from: Ticket.State
  package let to: Ticket.State
  /// Its number among the gate's admissions; 0 where this is none.
  package let admission: UInt64
  /// When the new state ends by itself.
  package let until: Instant?

  package init(
    ticket: TicketID,
    gate: String,
    number: UInt64,
    from: Ticket.State,
    to: Ticket.State,
    admission: UInt64,
    until: Instant?
  ) {
    self.ticket = ticket
    self.gate = gate
    self.number = number
    self.from = from
    self.to = to
    self.admission = admission
    self.until = until
  }

  init(of ticket: Ticket, from before: Ticket.State) {
    self.init(
      ticket: ticket.id,
      gate: ticket.gate,
      number: ticket.number,
      from: before,
      to: ticket.state,
      admission: ticket.state == .admitted ? ticket.admission : 0,
      until: ticket.until
    )
  }
}
