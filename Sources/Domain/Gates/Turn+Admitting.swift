// Who comes in, and when.

extension Turn {
  /// Lets in as many of those who wait as may come in now.
  mutating func serve(_ gate: Gate) throws(Interruption) {
    var line = try rows.line(of: gate)
    let wanted = min(line.waitingTotal, UInt64(rules.admissionsPerBatchMax))
    guard wanted > 0, gate.isServing else { return }
    let room = try room(at: gate, line, for: wanted)
    guard room.count > 0, try isDrawn(gate, line) else { return }
    for _ in 0..<room.count {
      guard var ticket = try next(at: gate, &line) else { break }
      try admit(&ticket, to: gate, &line)
      rows.tickets.put(ticket)
    }
    rows.gateLines.put(line)
  }

  /// How many of at most `wanted` may come in now.
  mutating func room(
    at gate: Gate,
    _ line: Line,
    for wanted: UInt64
  ) throws(Interruption) -> Room {
    let needsStock = gate.policy.stopsWhenSoldOut || gate.policy.isLimitedToStock
    let facts = Room.Facts(
      now: now,
      inside: line.inside,
      holding: line.holding,
      admissions: line.admissions,
      free: needsStock ? try rows.freeSeats(behind: gate.name, at: now) : nil
    )
    wantAdmissions(of: gate, line, count: wanted)
    return try gate.room(for: wanted, facts) { number throws(Interruption) in
      try rows.admissions.find(Admission.Key(gate: gate.name, number: number))?.at
    }
  }

  /// Asks for all the admissions at once that a rate is judged by.
  private mutating func wantAdmissions(of gate: Gate, _ line: Line, count: UInt64) {
    let limit = UInt64(gate.policy.rateCount)
    guard limit > 0, count > 0 else { return }
    let first = (line.admissions + 1).minus(limit)
    let numbers = (first..<first + count).clamped(to: 1..<line.admissions + 1)
    rows.want(admissions: numbers, of: gate.name)
  }

  /// Lets one person in, whose turn it is.
  mutating func admit(
    _ ticket: inout Ticket,
    to gate: Gate,
    _ line: inout Line
  ) throws(Interruption) {
    try forgetAdmissions(of: gate, &line)
    line.admissions += 1
    line.waiting[ticket.lane] -= 1
    line.admitted += 1
    let key = Admission.Key(gate: gate.name, number: line.admissions)
    rows.admissions.put(Admission(key: key, at: now))
    ticket.admission = line.admissions
    let until = now.after(milliseconds: gate.policy.claimMilliseconds)
    move(&ticket, to: .admitted, until: until)
  }

  /// Forgets two of the admissions that no rate can look back to any more.
  private mutating func forgetAdmissions(of gate: Gate, _ line: inout Line) throws(Interruption) {
    for _ in 0..<2 {
      guard line.firstKept <= line.admissions else { return }
      let key = Admission.Key(gate: gate.name, number: line.firstKept)
      if rows.admissions.peek(key) == nil {
        // Some that stand together, so that a crowd's do not take a look-up each.
        rows.want(admissions: line.firstKept..<line.firstKept + 256, of: gate.name)
      }
      guard let first = try rows.admissions.find(key),
        first.at.after(milliseconds: rules.rateMillisecondsMax) <= now
      else { return }
      rows.admissions.remove(key)
      line.firstKept += 1
    }
  }
}

extension WorkingSet {
  /// Asks for admissions of a gate by their numbers.
  fileprivate mutating func want(admissions numbers: Range<UInt64>, of gate: String) {
    for number in numbers { admissions.want(Admission.Key(gate: gate, number: number)) }
  }
}

// MARK: - Whose turn it is

extension Turn {
  /// The one whose turn it is; nil if nobody waits.
  private mutating func next(
    at gate: Gate,
    _ line: inout Line
  ) throws(Interruption) -> Ticket? {
    let regular = line.waiting[.regular] > 0
    let priority = line.waiting[.priority] > 0
    guard regular, priority else {
      return try first(in: priority ? .priority : .regular, at: gate, &line)
    }
    // The priority lane is due when its share of the admissions so far exceeds what it was given.
    // Only those count for which both lanes waited: a share that nobody used is not saved up.
    line.contested += 1
    let share = line.contested * UInt64(gate.policy.prioritySharePercent) / 100
    guard share > line.given else { return try first(in: .regular, at: gate, &line) }
    line.given += 1
    return try first(in: .priority, at: gate, &line)
  }

  /// The first of a lane: who came back from a draw, then those of the draw, then by number.
  private mutating func first(
    in lane: TicketLane,
    at gate: Gate,
    _ line: inout Line
  ) throws(Interruption) -> Ticket? {
    let queue = Ticket.Queue(lane.waiting, of: gate.name)
    let front = try rows.tickets.find(first: 1, of: queue).first
    guard gate.isLottery, front.map({ $0.place >= 0 }) ?? true else { return front }
    return try drawn(in: lane, at: gate, &line) ?? front
  }

  /// Whether it is known whose turn it is: a draw of many takes a while, in which nobody comes in.
  private mutating func isDrawn(_ gate: Gate, _ line: Line) throws(Interruption) -> Bool {
    guard gate.isLottery else { return true }
    for lane in TicketLane.allCases where line.waiting[lane] > 0 {
      if try rows.draws.find(Draws.Key(gate, line, lane)) == nil { return false }
    }
    return true
  }

  /// The next of the draw who still waits.
  private mutating func drawn(
    in lane: TicketLane,
    at gate: Gate,
    _ line: inout Line
  ) throws(Interruption) -> Ticket? {
    guard let draw = try rows.draws.find(Draws.Key(gate, line, lane)) else { return nil }
    while true {
      let some = draw.after(line.drawn[lane], max: 256)
      guard !some.isEmpty else { return nil }
      for id in some { rows.tickets.want(id) }
      for id in some {
        let ticket = try rows.tickets.find(id)
        line.drawn[lane] = id
        if let ticket, ticket.standing?.queue.kind == lane.gathered { return ticket }
      }
    }
  }
}

extension Draws.Key {
  fileprivate init(_ gate: Gate, _ line: Line, _ lane: TicketLane) {
    self.init(gate: gate.name, lane: lane, seed: gate.seed, digest: line.gatheredDigest)
  }
}
