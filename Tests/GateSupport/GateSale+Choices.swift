internal import Domain
internal import Ledger

/// A command, and what has to come of it if it comes alone.
struct Choice {
  let submission: Submission
  let expected: Expectation?

  init(_ command: some Command, _ expected: Expectation? = nil) {
    submission = SubmissionOf(command, deadline: nil)
    self.expected = expected
  }
}

// MARK: - Before the first comes

extension GateSale {
  mutating func prepare() async throws(StoreFailure) {
    let isCrowd = dice.chance(3)
    let count = isCrowd ? dice.number(60...120) : dice.number(2...24)
    users = (1...count).map { UserID(high: 7, low: UInt64($0)) }
    let registers = users.map { Choice(Register(id: $0, name: "Ada")) }
    let charges = users.map { user in
      Choice(Charge(user: user, amount: dice.chance(90) ? 1_000_000 : 1, description: "test"))
    }
    try await batch(registers + charges, is: .committed)
    for name in dice.chance(35) ? ["a", "b"] : ["a"] {
      let opens = dice.chance(35) ? now.after(milliseconds: dice.number(1...3_000)) : nil
      let plan = GatePlan(
        name: name,
        policy: dice.policy(audit.rules),
        opens: opens,
        isLottery: dice.chance(60)
      )
      try await batch([set(plan)], is: .committed)
      // A policy that contradicts itself was refused.
      guard audit.lineOf[name] != nil else { continue }
      for _ in 0..<dice.number(0...2) { try await addConcert(at: name) }
    }
    if audit.lines.isEmpty { try await batch([set(GatePlan(name: "a"))], is: .committed) }
    guard isCrowd, let line = audit.lines.first else { return }
    try await batch(users.map { enter($0, line) }, is: .committed)
  }

  private mutating func addConcert(at gate: String) async throws(StoreFailure) {
    let known = Set(audit.concerts.keys)
    let plan = dice.concert(at: gate, now)
    try await batch([Choice(CreateConcert(plan: plan))], is: .committed)
    guard let id = audit.concerts.keys.first(where: { !known.contains($0) }) else { return }
    for _ in 0..<dice.number(0...2) { try await batch([addDate(to: id)], is: .committed) }
  }

  private mutating func addDate(to concert: ConcertID) -> Choice {
    let seats = dice.number(1...(dice.chance(60) ? 4 : 12)) as UInt32
    guard let prices = SeatPrices(total: seats, price: 10) else {
      preconditionFailure("a date has seats")
    }
    return Choice(AddDate(concert: concert, times: dice.times(now), prices: prices))
  }
}

// MARK: - What anyone does

extension GateSale {
  mutating func choose() -> Choice {
    let line = dice.one(of: audit.lines)
    let isHalted = line.gate.mode == .paused || line.gate.mode == .drained
    if isHalted, dice.chance(20) { return act(on: line.gate) }
    switch dice.number(0...99) {
    case ..<30: return enter(dice.one(of: users), line)
    case ..<50: return claim(in: line)
    case ..<55: return leave(line)
    case ..<70: return hold(in: line)
    case ..<76: return release(in: line)
    case ..<86: return pay(in: line)
    case ..<91: return cancel()
    case ..<95: return change(line.gate)
    case ..<98: return act(on: line.gate)
    default: return changeDates() ?? enter(dice.one(of: users), line)
    }
  }

  private mutating func enter(_ user: UserID, _ line: LineModel) -> Choice {
    let fails = dice.chance(10)
    let enter = Enter(
      gate: line.gate.name,
      user: user,
      failsIfExists: fails,
      isPriority: dice.chance(35)
    )
    let place = audit.lineOf[line.gate.name] ?? 0
    guard let living = audit.living(of: user, in: place) else {
      let gathers = line.gate.opens?.after(milliseconds: -audit.rules.gatheringMilliseconds)
      let isOpen = line.gate.opened != nil || gathers.map { $0 <= now } ?? true
      guard isOpen, line.gate.mode != .drained else { return Choice(enter) }
      return Choice(enter, .lives(user, line.gate.name))
    }
    guard living.state == .missed, isSure(living), !fails else { return Choice(enter) }
    return Choice(enter, .becomes(living.id, [.waiting, .admitted]))
  }

  private mutating func claim(in line: LineModel) -> Choice {
    guard let ticket = someone(in: line, [.admitted, .missed, .active]) else {
      return enter(dice.one(of: users), line)
    }
    let pass = pass(of: ticket, line)
    let claim = Claim(pass: pass.pass)
    guard pass.isRight, isSure(ticket) else { return Choice(claim) }
    switch ticket.state {
    case .admitted, .active: return Choice(claim, .becomes(ticket.id, [.active]))
    case .missed: return Choice(claim, .becomes(ticket.id, [.waiting, .admitted]))
    case .waiting, .done, .expired, .left: return Choice(claim)
    }
  }

  private mutating func leave(_ line: LineModel) -> Choice {
    guard let ticket = dice.maybeOne(of: line.tickets.suffix(20)) else {
      return enter(dice.one(of: users), line)
    }
    let pass = pass(of: ticket, line)
    let isLiving = ticket.state == .waiting || isSure(ticket)
    let expected = pass.isRight && isLiving ? Expectation.becomes(ticket.id, [.left]) : nil
    return Choice(Leave(pass: pass.pass), expected)
  }

  private mutating func hold(in line: LineModel) -> Choice {
    guard let ticket = someone(in: line, [.active]),
      let date = dice.maybeOne(of: dates(behind: line.gate.name))
    else { return claim(in: line) }
    let pass = pass(of: ticket, line)
    let total = date.prices.total
    let choice: Hold.Choice
    if dice.chance(70) {
      let first = dice.number(1...total)
      choice = .seats(dice.chance(70) ? [first] : [first, first % total + 1])
    } else {
      choice = .best(dice.number(1...3))
    }
    return Choice(Hold(user: ticket.user, date: date.id, choice: choice, pass: pass.pass))
  }

  private mutating func release(in line: LineModel) -> Choice {
    guard let ticket = someone(in: line, [.active]), !ticket.holds.isEmpty else {
      return hold(in: line)
    }
    let pass = pass(of: ticket, line)
    let some = someHolds(of: ticket)
    let release = Release(user: ticket.user, reservations: some, pass: pass.pass)
    guard pass.isRight, isSure(ticket) else { return Choice(release) }
    return Choice(release, .free(some))
  }

  private mutating func pay(in line: LineModel) -> Choice {
    let holders = line.tickets.filter { !$0.holds.isEmpty }
    guard let ticket = dice.maybeOne(of: holders) else { return hold(in: line) }
    let pass = pass(of: ticket, line)
    let some = someHolds(of: ticket)
    return Choice(Pay(user: ticket.user, reservations: some, pass: pass.pass))
  }

  private mutating func cancel() -> Choice {
    let all = audit.reservations.values.sorted { $0.key.id < $1.key.id }
    guard let one = dice.maybeOne(of: all) else { return claim(in: dice.one(of: audit.lines)) }
    return Choice(Cancel(user: one.key.user, reservation: one.key.id))
  }

  private mutating func changeDates() -> Choice? {
    let dates = audit.dates.values.sorted { $0.id < $1.id }
    guard let date = dice.maybeOne(of: dates) else { return nil }
    if dice.chance(50) { return addDate(to: date.concert) }
    return Choice(CancelDate(id: date.id, seatsMax: dice.number(1...20)))
  }
}

// MARK: - What operators do

extension GateSale {
  private mutating func set(_ plan: GatePlan) -> Choice {
    plans[plan.name] = plan
    var told = plan
    told.policy = tampering.policy?(plan.policy) ?? plan.policy
    let seed = (0..<32).map { _ in dice.number(0...255) as UInt8 }
    return Choice(SetGate(plan: told, change: GateChange(by: "test"), seed: seed))
  }

  private mutating func change(_ gate: Gate) -> Choice {
    // What an audit is not told cannot be changed under it.
    guard tampering.policy == nil, tampering.action == nil else { return act(on: gate) }
    var policy = dice.chance(30) ? gate.policy : dice.policy(audit.rules)
    if dice.chance(30) { policy.insideMax = dice.number(0...3) }
    let isLater = gate.opened == nil && dice.chance(70)
    let plan = GatePlan(
      name: gate.name,
      policy: policy,
      opens: isLater ? now.after(milliseconds: dice.number(1...2_000)) : nil,
      isLottery: dice.chance(95) ? gate.isLottery : !gate.isLottery
    )
    return set(plan)
  }

  private mutating func act(on gate: Gate) -> Choice {
    let action: ChangeGate.Action =
      gate.mode == .paused || gate.mode == .drained
      ? dice.one(of: [.resume, .resume, .resume, .newEpoch])
      : dice.one(of: [.pause, .drain, .newEpoch])
    return Choice(
      ChangeGate(
        name: gate.name,
        tampering.action?(action) ?? action,
        message: action == .pause ? Self.paused : action == .drain ? "drained" : "",
        change: GateChange(by: "test")
      )
    )
  }
}

// MARK: - Who and with what

extension GateSale {
  private func dates(behind gate: String) -> [ConcertDate] {
    audit.dates.values.filter { audit.concerts[$0.concert]?.gate == gate }.sorted { $0.id < $1.id }
  }

  /// Mostly one in one of the states, now and then anyone.
  private mutating func someone(
    in line: LineModel,
    _ states: Set<Ticket.State>
  ) -> TicketModel? {
    let some = line.tickets.filter { states.contains($0.state) }
    return dice.chance(92) && !some.isEmpty
      ? dice.one(of: some) : dice.maybeOne(of: line.tickets)
  }

  private mutating func someHolds(of ticket: TicketModel) -> [ReservationID] {
    let all = ticket.holds.sorted()
    return Array(all.prefix(dice.chance(50) ? all.count : dice.number(1...all.count)))
  }

  /// Its pass, or one that is like it.
  private mutating func pass(of ticket: TicketModel, _ line: LineModel) -> (
    pass: Pass, isRight: Bool
  ) {
    var (gate, id, user, epoch) = (line.gate.name, ticket.id, ticket.user, line.gate.epoch)
    let isRight = dice.chance(92)
    if !isRight {
      switch dice.number(0...3) {
      case 0: gate = "b"
      case 1: id = dice.one(of: line.tickets).id
      case 2: user = dice.one(of: users)
      default: epoch -= 1
      }
    }
    let expires = now.after(milliseconds: 1_000_000)
    return (Pass(gate: gate, ticket: id, user: user, epoch: epoch, expires: expires), isRight)
  }

  /// Whether nothing ends the ticket before a batch that begins now comes to its command.
  private func isSure(_ ticket: TicketModel) -> Bool {
    let now = now.milliseconds
    let isOutage = now - audit.last > 5_000
    guard ticket.until.map({ now < $0 }) ?? false, !isOutage else { return false }
    return ticket.holds.allSatisfy { id in
      audit.reservations[id].map { now < $0.expires.milliseconds } ?? false
    }
  }
}
