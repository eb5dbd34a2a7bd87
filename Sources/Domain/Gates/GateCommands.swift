/// What an operator says of a gate.
package struct GatePlan: Sendable, Hashable {
  package let name: String
  package var policy: GatePolicy
  /// When it opens. Nil leaves it as it was announced, and opens a new gate at once; a time that has
  /// passed opens either.
  package var opens: Instant?
  package var isLottery: Bool
  package var message: String

  package init(
    name: String,
    policy: GatePolicy = .defaults,
    opens: Instant? = nil,
    isLottery: Bool = false,
    message: String = ""
  ) {
    self.name = name
    self.policy = policy
    self.opens = opens
    self.isLottery = isLottery
    self.message = message
  }
}

/// Who changes a gate, why, and what they saw of it.
package struct GateChange: Sendable, Hashable {
  package let by: String
  package let reason: String
  /// The revision that they saw; 0: whatever it is now.
  package let ifRevision: UInt64

  package init(by: String, reason: String = "", ifRevision: UInt64 = 0) {
    self.by = by
    self.reason = reason
    self.ifRevision = ifRevision
  }

  fileprivate func check(_ revision: UInt64, of name: String) throws(Interruption) {
    guard ifRevision == 0 || ifRevision == revision else {
      throw .no(
        .revisionChanged,
        "gate \(name) is at revision \(revision), and not at \(ifRevision) any more"
      )
    }
  }

  fileprivate func sign(_ gate: inout Gate, at now: Instant) {
    gate.revision += 1
    gate.changed = now
    gate.changedBy = by
    gate.changedReason = reason
  }
}

/// Makes a gate, or changes it while its line moves.
package struct SetGate: RepeatableCommand {
  package let plan: GatePlan
  package let change: GateChange
  /// Random bytes for a draw.
  package let seed: [UInt8]

  package init(plan: GatePlan, change: GateChange, seed: [UInt8]) {
    self.plan = plan
    self.change = change
    self.seed = seed
  }

  package func want(in rows: inout WorkingSet) {
    rows.want(gate: plan.name)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Gate {
    try Gate.check(name: plan.name)
    let known = try turn.rows.gates.find(plan.name)
    try change.check(known?.revision ?? 0, of: plan.name)
    let (gate, line) = try plan.apply(
      to: known,
      turn.rows.gateLines.find(plan.name),
      seed: seed,
      turn.now,
      turn.rules
    )
    var changed = gate
    change.sign(&changed, at: turn.now)
    turn.rows.gates.put(changed)
    turn.rows.gateLines.put(line)
    turn.tell(.gateChanged(changed))
    return changed
  }

  package func made(_ outcome: Gate) -> [ID<Made>] { outcome.made }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Gate {
    try turn.rows.gate(plan.name)
  }
}

extension GatePlan {
  /// The gate as it would be, and its line. What is tried dry goes through here too.
  package func apply(
    to known: Gate?,
    _ knownLine: Line?,
    seed: [UInt8],
    _ now: Instant,
    _ rules: Rules
  ) throws(Interruption) -> (Gate, Line) {
    try Gate.check(name: name)
    var policy = policy
    if let adaptive = policy.adaptive, adaptive.floor <= adaptive.ceiling {
      let start = policy.rateCount == 0 ? adaptive.ceiling : policy.rateCount
      policy.rateCount = min(max(start, adaptive.floor), adaptive.ceiling)
    }
    try policy.check(rules)
    var gate = known ?? Gate(name: name, policy: policy, changed: now)
    var line = knownLine ?? Line(gate: name)
    try open(&gate, isNew: known == nil, now)
    if gate.isLottery != isLottery {
      try checkDraw(gate, line, isNew: known == nil)
      gate.draw(by: isLottery ? seed : nil)
    }
    if gate.policy.prioritySharePercent != policy.prioritySharePercent {
      line.contested = 0
      line.given = 0
    }
    gate.policy = policy
    if policy.adaptive == nil { gate.rateReason = "" }
    gate.message = message
    return (gate, line)
  }

  /// Whether lots are drawn is settled before anyone comes, and for those who come before an opening.
  private func checkDraw(_ gate: Gate, _ line: Line, isNew: Bool) throws(Interruption) {
    guard gate.opened == nil else {
      throw .no(
        .fieldInvalid,
        isNew
          ? "lottery: lots are drawn for those who come before an opening, and gate \(name) would "
            + "open at once: opens_ms has to be later than now"
          : "lottery: gate \(name) is open already"
      )
    }
    guard line.lastNumber == 0 else {
      throw .no(.fieldInvalid, "lottery: people stand in this line under the rule announced")
    }
  }

  private func open(_ gate: inout Gate, isNew: Bool, _ now: Instant) throws(Interruption) {
    let isLater = opens.map { now < $0 } ?? false
    if isNew {
      gate.opens = isLater ? opens : nil
      gate.opened = isLater ? nil : now
      gate.mode = isLater ? .announced : .open
    } else if gate.opened == nil {
      // Whoever gathers is admitted by the batch that finds the time has come.
      if let opens { gate.opens = max(opens, now) }
    } else if let opens, opens != gate.opens, isLater {
      throw .no(.fieldInvalid, "opens_ms: gate \(name) is open already; pause it instead")
    }
  }
}

/// Changes how a gate works.
package struct ChangeGate: RepeatableCommand {
  package enum Action: Sendable, Hashable {
    case pause
    case resume
    case drain
    /// Makes all tokens worthless that were given so far.
    case newEpoch
  }

  package let name: String
  package let action: Action
  /// To those who wait. Empty leaves the one that is there, but for a resumption, which ends it.
  package let message: String
  package let change: GateChange

  package init(name: String, _ action: Action, message: String = "", change: GateChange) {
    self.name = name
    self.action = action
    self.message = message
    self.change = change
  }

  package func want(in rows: inout WorkingSet) {
    rows.want(gate: name)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Gate {
    var gate = try turn.rows.gate(name)
    try change.check(gate.revision, of: name)
    switch action {
    case .pause: gate.mode = .paused
    case .resume: gate.mode = gate.opened == nil ? .announced : .open
    case .drain: gate.mode = .drained
    case .newEpoch:
      let (next, overflow) = gate.epoch.addingReportingOverflow(1)
      guard !overflow else { throw .no(.fieldInvalid, "name: gate \(name) has had every epoch") }
      gate.epoch = next
    }
    if !message.isEmpty || action == .resume { gate.message = message }
    change.sign(&gate, at: turn.now)
    turn.rows.gates.put(gate)
    turn.tell(.gateChanged(gate))
    return gate
  }

  package func made(_ outcome: Gate) -> [ID<Made>] { outcome.made }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Gate {
    try turn.rows.gate(name)
  }
}

/// Moves an adaptive rate, as the server's own measures ask.
package struct AdaptRate: Command {
  package let name: String
  package let count: UInt32
  package let reason: String

  package init(name: String, count: UInt32, reason: String) {
    self.name = name
    self.count = count
    self.reason = reason
  }

  package func want(in rows: inout WorkingSet) {
    rows.want(gate: name)
  }

  package func decide(in turn: inout Turn) throws(Interruption) {
    var gate = try turn.rows.gate(name)
    guard let adaptive = gate.policy.adaptive else { return }
    let count = min(max(count, adaptive.floor), adaptive.ceiling)
    guard count != gate.policy.rateCount else { return }
    gate.policy.rateCount = count
    gate.rateReason = reason
    turn.rows.gates.put(gate)
    turn.tell(.gateChanged(gate))
  }
}

extension Gate {
  /// What an idempotency key remembers of a change: a gate has no id, but a revision.
  fileprivate var made: [ID<Made>] { [ID(high: 0, low: revision)] }
}
