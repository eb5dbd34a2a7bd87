internal import Domain

/// What has to have come of a command that was rightly given.
enum Expectation {
  /// The ticket is in one of these states.
  case becomes(TicketID, Set<Ticket.State>)
  /// The user has a ticket in the gate that lives.
  case lives(UserID, String)
  /// These are held no longer.
  case free([ReservationID])
}

extension SaleAudit {
  mutating func check(_ expected: Expectation) {
    guard !isBacklogged else { return }
    switch expected {
    case .becomes(let id, let states):
      guard let (line, place) = placeOf[id] else { return }
      let ticket = lines[line].tickets[place]
      check(
        .answers,
        states.contains(ticket.state),
        "\(name(ticket)) is \(ticket.state), not \(states)"
      )
    case .lives(let user, let gate):
      let place = lineOf[gate] ?? 0
      check(
        .answers,
        living(of: user, in: place) != nil,
        "someone enters \(gate) and has no ticket"
      )
    case .free(let ids):
      let isFree = ids.allSatisfy { reservations[$0]?.state == .cancelled }
      check(.answers, isFree, "seats are given back and still held")
    }
  }
}
