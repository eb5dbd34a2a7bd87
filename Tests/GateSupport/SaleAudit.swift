package import Domain
package import Ledger

/// Judges a sale by its log, batch after batch, against a model that shares no code with what it
/// judges: plain lists, counted and sorted anew each time.
package struct SaleAudit {
  let rules: Rules
  let limits: LedgerLimits
  var lines: [LineModel] = []
  var lineOf: [String: Int] = [:]
  var placeOf: [TicketID: (line: Int, ticket: Int)] = [:]
  var concerts: [ConcertID: Concert] = [:]
  var dates: [DateID: ConcertDate] = [:]
  var reservations: [ReservationID: Reservation] = [:]
  /// Who has each seat that is taken.
  var seats: [TakenSeat.Key: ReservationID] = [:]
  private(set) var now: Int64 = 0
  /// The time of the last batch, and of the one before it.
  private(set) var last: Int64 = 0
  private(set) var before: Int64 = 0
  private var offset: UInt64 = 0
  /// Whether more was due than one batch ends.
  private(set) var isBacklogged = false
  private let findings = Findings()

  package init(rules: Rules, limits: LedgerLimits) {
    self.rules = rules
    self.limits = limits
  }

  /// What was broken.
  package var breaches: [Breach] { findings.breaches }
  /// How often each rule was looked at.
  package var facts: [Int] { findings.facts }

  func check(_ rule: GateRule, _ isSo: Bool, _ text: @autoclosure () -> String) {
    findings.facts[rule.rawValue] += 1
    guard !isSo, findings.breaches.count < 16 else { return }
    findings.breaches.append(Breach(rule: rule, text: text()))
  }

  /// What one batch that began at `now` came to.
  mutating func take(_ events: [LoggedEvent], at now: Instant) {
    before = last
    last = now.milliseconds
    self.now = last
    for index in lines.indices { lines[index].admittedNow = 0 }
    isBacklogged = hasBacklog(events)
    checkOutage(events)
    for event in events {
      check(.steps, event.offset == offset + 1, "offset \(event.offset) comes after \(offset)")
      offset = event.offset
      apply(event.event)
    }
    finish()
  }

  /// Time has passed, and nothing has happened.
  mutating func pass(to now: Instant) {
    guard breaches.isEmpty else { return }
    self.now = max(self.now, now.milliseconds)
    // What one batch could not end is ended by the next.
    guard !isBacklogged else { return }
    checkEnds()
    checkIdle()
  }

  private func hasBacklog(_ events: [LoggedEvent]) -> Bool {
    // An outage is given back before anything is due.
    var end = now
    if case .timeGivenBack = events.first?.event { end = before }
    let holds = reservations.values.count { $0.state == .pending && $0.expires.milliseconds <= end }
    let tickets = lines.map { line in line.tickets.count { $0.until.map { $0 <= end } ?? false } }
    return max(holds, tickets.max() ?? 0) > limits.lapsesPerBatchMax
  }

  private func checkOutage(_ events: [LoggedEvent]) {
    let isOutage = now - before > limits.outageMilliseconds && offset > 0
    let holds = reservations.values.contains {
      $0.state == .pending && $0.expires.milliseconds > before
    }
    let tickets = lines.contains { $0.tickets.contains { $0.until.map { $0 > before } ?? false } }
    var isGiven = false
    if case .timeGivenBack = events.first?.event { isGiven = true }
    check(
      .lifetimes,
      isGiven == (isOutage && (holds || tickets)),
      "after \(now - before) ms time was \(isGiven ? "" : "not ")given back"
    )
  }

  private mutating func apply(_ event: Event) {
    switch event {
    case .concertChanged(let concert): concerts[concert.id] = concert
    case .dateChanged(let date): dates[date.id] = date
    case .gateChanged(let gate): change(gate)
    case .ticketEntered(let entry): enter(entry)
    case .ticketMoved(let move): take(move)
    case .seatsHeld(_, let ticket, let reservations): hold(reservations, under: ticket)
    case .reservationEnded(let reservation): end(reservation)
    case .paid(_, let lines): pay(lines)
    case .refunded(let reservation): refund(reservation)
    case .timeGivenBack(let milliseconds, let tickets, let holds):
      giveBack(milliseconds, tickets: tickets, holds: holds)
    case .userChanged, .walletMoved: break
    }
  }

  private mutating func finish() {
    guard breaches.isEmpty else { return }
    for line in lines {
      for ticket in line.tickets {
        check(
          .holds,
          ticket.state == .active || ticket.holds.isEmpty,
          "\(name(ticket)) has ended and holds"
        )
        guard ticket.state.isLiving else { continue }
        check(.lifetimes, !ticket.hasToEnd, "\(name(ticket)) has paid or lapsed, and lives")
        guard ticket.state == .active else { continue }
        let end = line.end(of: ticket, holdsEnd: holdsEnd(of: ticket))
        check(
          .lifetimes,
          ticket.until == end || isBacklogged,
          "\(name(ticket)) lives until \(ticket.until ?? 0), and not until \(end ?? 0)"
        )
      }
    }
    guard !isBacklogged else { return }
    checkEnds()
    checkIdle()
  }

  /// What was to end by now has ended.
  private func checkEnds() {
    for line in lines {
      for ticket in line.tickets {
        guard let until = ticket.until else { continue }
        check(
          .lifetimes,
          now < until,
          "\(name(ticket)) was \(ticket.state) until \(until) and is at \(now)"
        )
      }
    }
    for hold in reservations.values where hold.state == .pending {
      check(
        .lifetimes,
        now < hold.expires.milliseconds,
        "a hold of seat \(hold.seat) has lapsed at \(hold.expires.milliseconds), and lives at \(now)"
      )
    }
  }

  /// Nobody waits where there is room.
  private func checkIdle() {
    for line in lines where line.admittedNow < rules.admissionsPerBatchMax {
      let room = line.room(free: free(behind: line.gate.name), at: now)
      check(
        .idle,
        room == 0,
        "\(room) of \(line.count(.waiting)) may come into \(line.gate.name) at \(now) and wait"
      )
    }
  }

  // MARK: - What is counted

  func name(_ ticket: TicketModel) -> String { "ticket \(ticket.number)" }

  /// The free seats of what a gate guards; nil if it guards nothing.
  func free(behind gate: String) -> Int? {
    let guarded = concerts.values.filter { $0.gate == gate && $0.deleted == nil }
    guard !guarded.isEmpty else { return nil }
    var free = 0
    for date in dates.values where guarded.contains(where: { $0.id == date.concert }) {
      guard date.deleted == nil, date.bookingStarts.milliseconds <= now,
        now < date.bookingEnds.milliseconds
      else { continue }
      free += Int(date.prices.total) - seats.keys.count { $0.date == date.id }
    }
    return free
  }

  /// When the last of a ticket's living holds ends.
  func holdsEnd(of ticket: TicketModel) -> Int64? {
    ticket.holds.compactMap { reservations[$0]?.expires.milliseconds }.filter { now < $0 }.max()
  }

  /// The user's ticket in a gate that lives.
  func living(of user: UserID, in line: Int) -> TicketModel? {
    lines[line].tickets.first { $0.user == user && $0.state.isLiving }
  }
}

/// What one audit has found so far. It is a class, so that what is found can be told while what it was
/// found in is looked at.
private final class Findings {
  var breaches: [Breach] = []
  var facts = [Int](repeating: 0, count: GateRule.allCases.count)
}
