internal import Crypto
internal import Domain

// What the log says of gates and tickets.

extension SaleAudit {
  mutating func change(_ gate: Gate) {
    guard let index = lineOf[gate.name] else {
      lineOf[gate.name] = lines.count
      lines.append(LineModel(gate: gate))
      lines[lines.count - 1].commitment = gate.commitment
      return
    }
    let old = lines[index].gate
    lines[index].gate = gate
    if old.policy.prioritySharePercent != gate.policy.prioritySharePercent {
      lines[index].contested = 0
      lines[index].given = 0
    }
    if old.opened == nil, lines[index].tickets.isEmpty {
      lines[index].commitment = gate.commitment
    }
    check(
      .lottery,
      lines[index].commitment == gate.commitment,
      "\(gate.name) draws otherwise than it promised"
    )
    guard old.opened == nil, gate.opened != nil else { return }
    let isDue = old.opens.map { $0.milliseconds <= now } ?? false
    check(.steps, isDue && old.mode != .paused, "\(gate.name) opens before its time")
    guard !gate.commitment.isEmpty else { return }
    let digest = gate.seed.withUnsafeBytes { SHA256.digest(of: $0) }
    check(.lottery, digest == gate.commitment, "\(gate.name) draws by another seed")
    lines[index].draw()
  }

  mutating func enter(_ entry: TicketEntry) {
    guard let index = lineOf[entry.gate] else {
      return check(.lost, false, "someone enters \(entry.gate), which is not")
    }
    let line = lines[index]
    check(
      .steps,
      entry.number == UInt64(line.tickets.count) + 1,
      "number \(entry.number) comes after \(line.tickets.count)"
    )
    check(.steps, line.gate.mode != .drained, "\(entry.gate) is drained, and someone enters")
    check(.lost, living(of: entry.user, in: index) == nil, "one user has two tickets that live")
    let isGathered = line.gate.isLottery && line.gate.opened == nil
    placeOf[entry.ticket] = (index, line.tickets.count)
    lines[index].tickets.append(
      TicketModel(
        id: entry.ticket,
        number: entry.number,
        user: entry.user,
        isPriority: entry.isPriority,
        isGathered: isGathered
      )
    )
    if isGathered { lines[index].chain(entry.ticket, entry.user) }
  }

  mutating func take(_ move: TicketMove) {
    guard let (line, place) = placeOf[move.ticket], lines[line].gate.name == move.gate else {
      return check(.lost, false, "ticket \(move.number) moves and never came")
    }
    let ticket = lines[line].tickets[place]
    check(
      .steps,
      ticket.state == move.from && ticket.number == move.number,
      "\(name(ticket)) is \(ticket.state) and moves from \(move.from) to \(move.to)"
    )
    let ends = move.to == .admitted || move.to == .active || move.to == .missed
    check(
      .steps,
      (move.until != nil) == ends,
      "\(name(ticket)) is \(move.to) until \(move.until as Any)"
    )
    if move.from == .waiting, move.to == .admitted {
      admit(ticket, line, as: move.admission)
    } else {
      check(.rate, move.admission == 0, "\(name(ticket)) is admitted as \(move.to)")
    }
    step(ticket, line, place, move)
    lines[line].tickets[place].state = move.to
    lines[line].tickets[place].until = move.until?.milliseconds
  }

  private mutating func step(
    _ ticket: TicketModel,
    _ line: Int,
    _ place: Int,
    _ move: TicketMove
  ) {
    let policy = lines[line].gate.policy
    let isOver = ticket.until.map { $0 <= now } ?? false
    let step =
      "\(name(ticket)) goes from \(move.from) to \(move.to) at \(now), until \(ticket.until ?? 0)"
    switch (move.from, move.to) {
    case (.waiting, .admitted):
      expect(move, policy.claimMilliseconds)
    case (.admitted, .active):
      check(.lifetimes, !isOver, step)
      expect(move, policy.sessionMilliseconds)
      lines[line].tickets[place].sessionEnds = now + policy.sessionMilliseconds
      lines[line].tickets[place].sessionMax = now + policy.sessionMaxMilliseconds
    case (.admitted, .missed):
      check(.lifetimes, isOver && ticket.returns < 2, step)
      expect(move, policy.graceMilliseconds)
    case (.missed, .waiting):
      check(.lifetimes, !isOver && ticket.returns < 2, step)
      lines[line].tickets[place].returns += 1
    case (.active, .active):
      let end = lines[line].end(of: ticket, holdsEnd: holdsEnd(of: ticket))
      check(.lifetimes, move.until?.milliseconds == end, "\(step): now \(move.until as Any)")
    case (.active, .done):
      check(.steps, ticket.hasToEnd, "\(name(ticket)) is done and has not paid")
    case (.admitted, .expired):
      check(.lifetimes, isOver && ticket.returns == 2, step)
    case (.missed, .expired), (.active, .expired):
      check(.lifetimes, isOver || ticket.hasToEnd, step)
    case (.waiting, .left), (.admitted, .left), (.active, .left), (.missed, .left):
      check(.lifetimes, !isOver, step)
    default:
      check(.steps, false, step)
    }
  }

  private mutating func expect(_ move: TicketMove, _ milliseconds: Int64) {
    check(
      .lifetimes,
      move.until?.milliseconds == now + milliseconds,
      "ticket \(move.number) is \(move.to) until \(move.until as Any), at \(now) + \(milliseconds)"
    )
  }

  /// Everything that an admission is judged by, as it was just before.
  private mutating func admit(_ ticket: TicketModel, _ index: Int, as number: UInt64) {
    let line = lines[index]
    let policy = line.gate.policy
    check(.steps, line.isServing, "\(line.gate.name) admits and does not serve")
    check(
      .rate,
      number == UInt64(line.admissions.count) + 1,
      "admission \(number) comes after \(line.admissions.count)"
    )
    if policy.insideMax > 0 {
      check(
        .inside,
        line.inside < policy.insideMax,
        "\(line.inside) are inside of \(policy.insideMax)"
      )
    }
    if policy.rateCount > 0 {
      let admitted = line.admitted(within: now)
      check(.rate, admitted < policy.rateCount, "\(admitted) came of \(policy.rateCount)")
    }
    if let free = free(behind: line.gate.name) {
      check(.stock, !policy.stopsWhenSoldOut || free > 0, "all is sold, and someone is admitted")
      let without = line.inside - line.holding
      check(
        .stock,
        !policy.isLimitedToStock || without < free,
        "\(without) are inside for \(free) seats, and one more is admitted"
      )
    }
    checkOrder(of: ticket, in: index)
    lines[index].admissions.append(now)
    lines[index].admittedNow += 1
  }

  private mutating func checkOrder(of ticket: TicketModel, in index: Int) {
    let line = lines[index]
    let first = line.lane(ticket.isPriority).first
    check(
      .order,
      first?.id == ticket.id,
      "\(name(ticket)) is admitted before \(first.map(name) ?? "nobody")"
    )
    guard !line.lane(!ticket.isPriority).isEmpty else { return }
    let contested = line.contested + 1
    let isDue = line.isPriorityDue(contested, line.given)
    check(
      .share,
      isDue == ticket.isPriority,
      "the priority lane was given \(line.given) of \(contested), and \(name(ticket)) is admitted"
    )
    lines[index].contested = contested
    if ticket.isPriority { lines[index].given += 1 }
  }
}
