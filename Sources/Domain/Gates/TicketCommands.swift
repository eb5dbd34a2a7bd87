/// What the owner of a queue token does with their ticket.
package protocol TicketCommand: RepeatableCommand where Outcome == Ticket {
  /// What the token says.
  var pass: Pass { get }
}

extension TicketCommand {
  package func want(in rows: inout WorkingSet) {
    rows.want(pass)
  }

  package func made(_ outcome: Ticket) -> [ID<Made>] { [outcome.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Ticket {
    try turn.place(of: pass).0
  }
}

/// Comes in: whoever was admitted in time is inside from now on. It can be said again.
package struct Claim: TicketCommand {
  package let pass: Pass

  package init(pass: Pass) {
    self.pass = pass
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Ticket {
    var (ticket, gate, line) = try turn.place(of: pass)
    let before = ticket
    try turn.settle(&ticket, at: gate, &line)
    switch ticket.state {
    case .active: break
    case .admitted: turn.claim(&ticket, at: gate, &line)
    case .missed: turn.comeBack(&ticket, at: gate, &line)
    case .waiting:
      throw .no(.notAdmitted, "it is not the turn of ticket \(ticket.id), number \(ticket.number)")
    case .done, .expired, .left:
      throw .no(.ticketEnded, "ticket \(ticket.id) has ended")
    }
    turn.save(ticket, line, unless: before)
    return ticket
  }
}

/// Goes out of the line, or out of the gate, and gives back what was held. It can be said again.
package struct Leave: TicketCommand {
  package let pass: Pass

  package init(pass: Pass) {
    self.pass = pass
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Ticket {
    var (ticket, gate, line) = try turn.place(of: pass)
    let before = ticket
    try turn.settle(&ticket, at: gate, &line)
    if ticket.state.isLiving {
      try turn.end(&ticket, as: .left, &line)
    } else if ticket.state != .left {
      throw .no(.ticketEnded, "ticket \(ticket.id) has ended already")
    }
    turn.save(ticket, line, unless: before)
    return ticket
  }
}

extension Turn {
  /// The ticket that a queue token names, with its gate and line.
  mutating func place(of pass: Pass) throws(Interruption) -> (Ticket, Gate, Line) {
    let gate = try rows.gate(pass.gate)
    guard pass.epoch == gate.epoch else {
      throw .no(.tokenInvalid, "this queue token is of an earlier epoch; Enter gives new ones")
    }
    guard let ticket = try rows.tickets.find(pass.ticket), ticket.user == pass.user,
      ticket.gate == gate.name
    else { throw .no(.tokenInvalid, "this queue token names no ticket of this user") }
    return (ticket, gate, try rows.line(of: gate))
  }

  mutating func save(_ ticket: Ticket, _ line: Line, unless before: Ticket) {
    guard ticket != before else { return }
    rows.tickets.put(ticket)
    rows.gateLines.put(line)
  }
}
