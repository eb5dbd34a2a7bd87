/// Does what time asks of gates and their tickets: what a batch does first.
package struct SettleGates: Command {
  /// The most tickets of one gate in one batch.
  package let ticketsMax: Int

  package init(ticketsMax: Int) {
    self.ticketsMax = ticketsMax
  }

  package func want(in rows: inout WorkingSet) {
    for gate in rows.wantGates() {
      _ = try? due(at: gate, Instant(milliseconds: .min), &rows)  // asks for what it does not find
    }
  }

  /// Answers whether there may be more to do than was done.
  package func decide(in turn: inout Turn) throws(Interruption) -> Bool {
    var isMore = false
    for var gate in try turn.rows.allGates() {
      if turn.open(&gate) { turn.rows.gates.put(gate) }
      let due = try due(at: gate, turn.now, &turn.rows)
      if due.count == ticketsMax { isMore = true }
      // What they hold is given back: asked for all together.
      for ticket in due { turn.rows.want(holdsOf: ticket) }
      for var ticket in due {
        // Read each time: what ends with one ticket may change the line for the next.
        var line = try turn.rows.line(of: gate)
        try turn.settle(&ticket, at: gate, &line)
        turn.rows.tickets.put(ticket)
        turn.rows.gateLines.put(line)
      }
    }
    return isMore
  }

  private func due(
    at gate: Gate,
    _ now: Instant,
    _ rows: inout WorkingSet
  ) throws(Interruption) -> [Ticket] {
    let queue = Ticket.Queue(.timed, of: gate.name)
    return try rows.tickets.find(first: ticketsMax, of: queue, through: now.milliseconds)
  }
}

/// Lets in whoever may come in: what a batch does last, so that a place that it freed is given in the
/// same commit.
package struct ServeLines: Command {
  package init() {}

  package func want(in rows: inout WorkingSet) {
    _ = rows.wantGates()
  }

  package func decide(in turn: inout Turn) throws(Interruption) {
    var isMissing = false
    for gate in try turn.rows.allGates() {
      do throws(Interruption) {
        try turn.serve(gate)
      } catch .missing {
        // The next gate asks for what it needs too, so that all are loaded together.
        isMissing = true
      }
    }
    if isMissing { throw .missing }
  }
}

extension WorkingSet {
  /// Every gate, in the order of their names.
  mutating func allGates() throws(Interruption) -> [Gate] {
    try gates.find(groupOf: .whole).sorted { $0.name < $1.name }
  }

  /// Asks for every gate with its line, and answers those that are known.
  mutating func wantGates() -> [Gate] {
    let known = (try? allGates()) ?? []  // where they are not known yet, they are asked for
    for gate in known { gateLines.want(gate.name) }
    return known
  }
}

extension Turn {
  /// Opens a gate whose time has come; answers whether it did.
  fileprivate mutating func open(_ gate: inout Gate) -> Bool {
    guard gate.opened == nil, gate.mode != .paused, let opens = gate.opens, opens <= now else {
      return false
    }
    gate.opened = now
    if gate.mode == .announced { gate.mode = .open }
    tell(.gateChanged(gate))
    return true
  }
}
