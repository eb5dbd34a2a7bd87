/// Ends a user, who from then on cannot call, hold or pay, and leaves every line with what is held
/// under their tickets. What they have paid stays; what they hold where no gate is lapses in its time.
package struct DeleteUser: RepeatableCommand {
  package let id: UserID

  package init(id: UserID) {
    self.id = id
  }

  package func want(in rows: inout WorkingSet) {
    rows.users.want(id)
    for gate in rows.wantGates() { rows.tickets.want(groupOf: group(in: gate)) }
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> User {
    var user = try turn.rows.livingUser(id)
    for gate in try turn.rows.allGates() { try leave(gate, in: &turn) }
    user.updated = turn.now
    user.deleted = turn.now
    turn.rows.users.put(user)
    turn.tell(.userChanged(user))
    return user
  }

  private func group(in gate: Gate) -> Ticket.Group { Ticket.Group(gate: gate.name, user: id) }

  private func leave(_ gate: Gate, in turn: inout Turn) throws(Interruption) {
    for var ticket in try turn.rows.tickets.find(groupOf: group(in: gate)) {
      guard ticket.state.isLiving else { continue }
      var line = try turn.rows.line(of: gate)
      try turn.settle(&ticket, at: gate, &line)
      if ticket.state.isLiving { try turn.end(&ticket, as: .left, &line) }
      turn.rows.tickets.put(ticket)
      turn.rows.gateLines.put(line)
    }
  }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> User {
    guard let user = try turn.rows.users.find(made.one()) else {
      throw .no(.userNotFound, "there is no user \(id)")
    }
    return user
  }
}
