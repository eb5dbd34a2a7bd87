internal import Domain
internal import Ledger
internal import UsherAPI

// How gates and their lines look on the wire.

extension UsherAPI.GatePolicy {
  init(_ policy: Domain.GatePolicy) {
    self.init(
      insideMax: policy.insideMax,
      rateCount: policy.rateCount,
      rateIntervalMs: UInt32(clamping: policy.rateMilliseconds),
      claimTTLMs: UInt32(clamping: policy.claimMilliseconds),
      returnGraceMs: UInt32(clamping: policy.graceMilliseconds),
      sessionTTLMs: UInt32(clamping: policy.sessionMilliseconds),
      sessionMaxMs: UInt32(clamping: policy.sessionMaxMilliseconds),
      stopWhenSoldOut: policy.stopsWhenSoldOut,
      limitToStock: policy.isLimitedToStock,
      prioritySharePercent: policy.prioritySharePercent,
      askAgainMinMs: UInt32(clamping: policy.askAgainMinMilliseconds),
      askAgainMaxMs: UInt32(clamping: policy.askAgainMaxMilliseconds),
      adaptive: policy.adaptive.map { adaptive in
        UsherAPI.Adaptive(
          floorPerInterval: adaptive.floor,
          ceilingPerInterval: adaptive.ceiling,
          targetP99Ms: UInt32(clamping: adaptive.targetMilliseconds)
        )
      }
    )
  }

  /// The policy that this asks for; what is 0 and cannot be is as usual.
  var policy: Domain.GatePolicy {
    let usual = Domain.GatePolicy.defaults
    var policy = usual
    func or(_ value: UInt32, _ usual: Int64) -> Int64 { value == 0 ? usual : Int64(value) }
    policy.insideMax = insideMax
    policy.rateCount = rateCount
    policy.rateMilliseconds = or(rateIntervalMs, usual.rateMilliseconds)
    policy.claimMilliseconds = or(claimTTLMs, usual.claimMilliseconds)
    policy.graceMilliseconds = or(returnGraceMs, usual.graceMilliseconds)
    policy.sessionMilliseconds = or(sessionTTLMs, usual.sessionMilliseconds)
    // By default as long as a hold that is begun at the very end of the session.
    policy.sessionMaxMilliseconds = or(
      sessionMaxMs,
      policy.sessionMilliseconds + Rules.defaults.holdMilliseconds
    )
    policy.stopsWhenSoldOut = stopWhenSoldOut
    policy.isLimitedToStock = limitToStock
    policy.prioritySharePercent = prioritySharePercent
    // Whoever does not say how seldom people ask gets what the windows allow.
    let longest = max(1, (policy.claimMilliseconds + policy.graceMilliseconds) * 2 / 3)
    policy.askAgainMaxMilliseconds = or(
      askAgainMaxMs,
      max(Int64(askAgainMinMs), min(usual.askAgainMaxMilliseconds, longest))
    )
    policy.askAgainMinMilliseconds = or(
      askAgainMinMs,
      min(usual.askAgainMinMilliseconds, policy.askAgainMaxMilliseconds)
    )
    policy.adaptive = adaptive.map { adaptive in
      Domain.GatePolicy.Adaptive(
        floor: adaptive.floorPerInterval,
        ceiling: adaptive.ceilingPerInterval,
        targetMilliseconds: Int64(adaptive.targetP99Ms)
      )
    }
    return policy
  }
}

extension UsherAPI.Gate {
  /// What its operator says of it, as the log tells it. The seed of a draw is told once it was made.
  init(_ gate: Domain.Gate) {
    self.init(
      name: gate.name,
      policy: UsherAPI.GatePolicy(gate.policy),
      mode: UsherAPI.GateMode(rawValue: Int32(gate.mode.rawValue)),
      revision: gate.revision,
      epoch: gate.epoch,
      opensMs: gate.opens.ms,
      lottery: gate.isLottery,
      lotteryCommitment: gate.commitment,
      lotterySeed: gate.opened == nil ? [] : gate.seed,
      message: gate.message,
      rateReason: gate.rateReason,
      changedMs: gate.changed.milliseconds,
      changedBy: gate.changedBy,
      changedReason: gate.changedReason,
      openedMs: gate.opened.ms
    )
  }

  /// The same with the counters of its line.
  init(_ gate: Domain.Gate, _ line: Line) {
    self.init(gate)
    waiting = line.waitingTotal
    admittedUnclaimed = line.admitted
    active = line.active
    admittedTotal = line.admissions
    missedTotal = line.missedTotal
    doneTotal = line.doneTotal
    expiredTotal = line.expiredTotal
    leftTotal = line.leftTotal
  }

  /// The row again, from a message of the log; nil where it is none.
  var row: Domain.Gate? {
    guard let policy, let mode = Domain.Gate.Mode(rawValue: Int64(mode.rawValue)) else {
      return nil
    }
    var row = Domain.Gate(
      name: name,
      policy: policy.policy,
      changed: Instant(milliseconds: changedMs)
    )
    row.mode = mode
    row.revision = revision
    row.epoch = epoch
    row.opens = Instant(ms: opensMs)
    row.opened = Instant(ms: openedMs)
    row.commitment = lotteryCommitment
    row.seed = lotterySeed
    row.message = message
    row.rateReason = rateReason
    row.changedBy = changedBy
    row.changedReason = changedReason
    return row
  }
}

extension TicketEntered {
  init(_ entry: TicketEntry) {
    self.init(
      ticketID: entry.ticket.description,
      gate: entry.gate,
      userID: entry.user.description,
      number: entry.number,
      priority: entry.isPriority
    )
  }

  var entry: TicketEntry? {
    guard let ticket = TicketID(ticketID), let user = UserID(userID), number >= 1 else {
      return nil
    }
    return TicketEntry(
      ticket: ticket,
      gate: gate,
      user: user,
      number: number,
      isPriority: priority
    )
  }
}

extension TicketMoved {
  init(_ move: TicketMove) {
    self.init(
      ticketID: move.ticket.description,
      gate: move.gate,
      from: TicketState(move.from),
      to: TicketState(move.to),
      admission: move.admission,
      untilMs: move.until.ms,
      number: move.number
    )
  }

  var move: TicketMove? {
    guard let ticket = TicketID(ticketID), let from = from.state, let to = to.state else {
      return nil
    }
    return TicketMove(
      ticket: ticket,
      gate: gate,
      number: number,
      from: from,
      to: to,
      admission: admission,
      until: Instant(ms: untilMs)
    )
  }
}

extension TicketState {
  init(_ state: Domain.Ticket.State) {
    self.init(rawValue: Int32(state.rawValue))
  }

  var state: Domain.Ticket.State? { Domain.Ticket.State(rawValue: Int64(rawValue)) }
}
