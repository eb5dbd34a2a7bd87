internal import UsherAPI

/// The state that a log makes, event by event, by rules of its own: whoever checks a server must not
/// share its code.
struct Replay {
  var users: [String: Kept<User>] = [:]
  var concerts: [String: Kept<Concert>] = [:]
  var dates: [String: Kept<ConcertDate>] = [:]
  var seats: [SeatKey: Kept<TakenSeat>] = [:]
  var reservations: [String: Kept<Reservation>] = [:]
  var payments: [String: Kept<Payment>] = [:]
  var wallets: [String: Kept<Wallet>] = [:]
  var entries: [String: Kept<WalletMoved>] = [:]
  /// Entries by the payment or reservation that they say they are of.
  var entriesByReference: [String: [String]] = [:]
  var gates: [String: GateReplay] = [:]
  var findings = Findings()
  private(set) var last: (epoch: UInt64, offset: UInt64, atMs: Int64) = (0, 0, .min)

  /// Takes the next event.
  mutating func take(_ event: Event) {
    checkPlace(event)
    switch event.what {
    case .userChanged(let user): users[user.id] = Kept(row: user, offset: event.offset)
    case .concertChanged(let concert):
      concerts[concert.id] = Kept(row: concert, offset: event.offset)
    case .dateChanged(let date): dates[date.id] = Kept(row: date, offset: event.offset)
    case .seatsHeld(let held):
      for reservation in held.reservations { hold(reservation, held.holdID, event) }
    case .reservationEnded(let ended):
      if let reservation = ended.reservation { end(reservation, event) }
    case .paid(let payment): pay(payment, event)
    case .refunded(let ended):
      if let reservation = ended.reservation { refund(reservation, event) }
    case .walletMoved(let moved): move(moved, event)
    case .timeGivenBack(let back): giveBack(back, event)
    case .gateChanged(let gate):
      gates[gate.name, default: GateReplay()].change(gate, event)
    case .ticketEntered(let entered): gates[entered.gate]?.enter(entered, event, &findings)
    case .ticketMoved(let moved): gates[moved.gate]?.move(moved, event, &findings)
    case nil:
      findings.add(.stepsOutOfTurn, at: event.offset, "the event says nothing that is known here")
    }
  }

  /// The tickets of all gates.
  var tickets: [String: Kept<TicketRow>] {
    let all = gates.values.lazy.flatMap(\.tickets).map { ($0.row.id, $0) }
    // Where two gates say that they gave one ticket, the later is wrong, and found as such.
    return Dictionary(all) { $0.offset < $1.offset ? $0 : $1 }
  }

  private mutating func checkPlace(_ event: Event) {
    findings.looked(.logGaps)
    findings.looked(.logBackwards)
    if event.offset != last.offset &+ 1 {
      findings.add(.logGaps, at: event.offset, "comes after offset \(last.offset)")
    }
    if event.atMs < last.atMs || event.epoch < last.epoch {
      findings.add(
        .logBackwards,
        at: event.offset,
        "is of \(event.atMs) ms in epoch \(event.epoch), after \(last.atMs) ms in \(last.epoch)"
      )
    }
    last = (event.epoch, event.offset, event.atMs)
  }

  /// A step of a reservation that cannot follow from what it was.
  mutating func outOfTurn(_ event: Event, _ sentence: String) {
    findings.add(.stepsOutOfTurn, at: event.offset, sentence)
  }
}
