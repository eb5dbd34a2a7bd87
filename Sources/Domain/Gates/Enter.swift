/// Takes a place in a gate's line, or finds the one that the user has.
package struct Enter: RepeatableCommand {
  package struct Outcome: Sendable, Hashable {
    package let ticket: Ticket
    package let isExisting: Bool
    /// What its tokens are of.
    package let epoch: UInt32
  }

  package let gate: String
  package let user: UserID
  /// Whether a living ticket is a reason to refuse.
  package let failsIfExists: Bool
  package let isPriority: Bool

  package init(gate: String, user: UserID, failsIfExists: Bool = false, isPriority: Bool = false) {
    self.gate = gate
    self.user = user
    self.failsIfExists = failsIfExists
    self.isPriority = isPriority
  }

  private var group: Ticket.Group { Ticket.Group(gate: gate, user: user) }

  package func want(in rows: inout WorkingSet) {
    rows.users.want(user)
    guard Gate.isName(gate) else { return }
    rows.want(gate: gate)
    rows.tickets.want(groupOf: group)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Outcome {
    _ = try turn.rows.livingUser(user)
    let gate = try turn.rows.gate(gate)
    var line = try turn.rows.line(of: gate)
    if let ticket = try living(at: gate, &line, in: &turn) {
      return Outcome(ticket: ticket, isExisting: true, epoch: gate.epoch)
    }
    let ticket = try new(at: gate, &line, in: &turn)
    turn.rows.gateLines.put(line)
    turn.rows.tickets.put(ticket)
    return Outcome(ticket: ticket, isExisting: false, epoch: gate.epoch)
  }

  /// The user's living ticket. Whoever missed their turn comes back to their place.
  private func living(
    at gate: Gate,
    _ line: inout Line,
    in turn: inout Turn
  ) throws(Interruption) -> Ticket? {
    let tickets = try turn.rows.tickets.find(groupOf: group)
    guard var ticket = tickets.first(where: \.state.isLiving) else { return nil }
    let before = ticket
    try turn.settle(&ticket, at: gate, &line)
    guard ticket.state.isLiving else {
      turn.rows.tickets.put(ticket)
      return nil
    }
    guard !failsIfExists else {
      throw .no(
        .alreadyInLine,
        "this user has ticket \(ticket.id), number \(ticket.number), in gate \(gate.name)"
      )
    }
    if ticket.state == .missed { turn.comeBack(&ticket, at: gate, &line) }
    turn.save(ticket, line, unless: before)
    return ticket
  }

  private func new(
    at gate: Gate,
    _ line: inout Line,
    in turn: inout Turn
  ) throws(Interruption) -> Ticket {
    try checkEntry(to: gate, turn)
    line.lastNumber += 1
    line.waiting[isPriority ? .priority : .regular] += 1
    let ticket = Ticket(
      id: turn.ids.next(),
      gate: gate.name,
      number: line.lastNumber,
      user: user,
      isPriority: isPriority,
      isGathered: gate.isLottery && gate.opened == nil,
      entered: turn.now,
      epoch: turn.epoch,
      offset: turn.nextOffset
    )
    if ticket.isGathered {
      line.gatheredDigest = Lottery.chain(line.gatheredDigest, ticket.id, user)
    }
    turn.tell(.ticketEntered(TicketEntry(of: ticket)))
    return try letIn(ticket, at: gate, &line, in: &turn)
  }

  /// Where nobody else waits and there is room, the newcomer goes straight in.
  private func letIn(
    _ ticket: Ticket,
    at gate: Gate,
    _ line: inout Line,
    in turn: inout Turn
  ) throws(Interruption) -> Ticket {
    var ticket = ticket
    guard gate.isServing, line.waitingTotal == 1,
      try turn.room(at: gate, line, for: 1).count == 1
    else { return ticket }
    try turn.admit(&ticket, to: gate, &line)
    turn.claim(&ticket, at: gate, &line)
    return ticket
  }

  private func checkEntry(to gate: Gate, _ turn: Turn) throws(Interruption) {
    guard gate.mode != .drained else {
      let why = gate.message.isEmpty ? "" : ": \(gate.message)"
      throw .no(.gateDrained, "gate \(gate.name) gives no new tickets\(why)")
    }
    guard gate.opened == nil, let opens = gate.opens else { return }
    let gathers = opens.after(milliseconds: -turn.rules.gatheringMilliseconds)
    guard gathers <= turn.now else {
      throw Interruption.refused(
        Refusal(
          .gateNotOpen,
          "gate \(gate.name) opens at \(opens.milliseconds) ms; places are given from "
            + "\(gathers.milliseconds) ms on",
          retryAfterMilliseconds: gathers.milliseconds(since: turn.now)
        )
      )
    }
  }

  package func made(_ outcome: Outcome) -> [ID<Made>] {
    // Whether it was there before is not to be seen from the ticket alone.
    [outcome.ticket.id.of()] + (outcome.isExisting ? [Self.existingMark] : [])
  }

  private static let existingMark = ID<Made>(high: 0, low: 1)

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Outcome {
    let isExisting = made.contains(Self.existingMark)
    let id: TicketID = try made.filter { $0 != Self.existingMark }.one()
    guard let ticket = try turn.rows.tickets.find(id) else {
      throw .no(.outcomeUnknown, "the ticket of this idempotency key cannot be found")
    }
    let gate = try turn.rows.gate(ticket.gate)
    return Outcome(ticket: ticket, isExisting: isExisting, epoch: gate.epoch)
  }
}

/// A new place in a line, for everyone who follows the log.
package struct TicketEntry: Sendable, Hashable {
  package let ticket: TicketID
  package let gate: String
  package let user: UserID
  package let number: UInt64
  package let isPriority: Bool

  package init(
    ticket: TicketID,
    gate: String,
    user: UserID,
    number: UInt64,
    isPriority: Bool
  ) {
    self.ticket = ticket
    self.gate = gate
    self.user = user
    self.number = number
    self.isPriority = isPriority
  }

  init(of ticket: Ticket) {
    self.init(
      ticket: ticket.id,
      gate: ticket.gate,
      user: ticket.user,
      number: ticket.number,
      isPriority: ticket.isPriority
    )
  }
}
