internal import Domain

// What the log says of seats.

extension SaleAudit {
  mutating func hold(_ held: [Reservation], under id: TicketID?) {
    for reservation in held {
      check(.holds, seats[reservation.seatKey] == nil, "seat \(reservation.seat) is held twice")
      check(.holds, reservation.ticket == id, "a hold is under another ticket than it says")
      seats[reservation.seatKey] = reservation.key.id
      reservations[reservation.key.id] = reservation
    }
    guard let first = held.first, let concert = concerts[first.concert],
      let date = dates[first.date]
    else { return check(.holds, false, "nothing is held, or of no date") }
    var end = min(now + concert.holdMilliseconds, date.closes.milliseconds)
    defer {
      check(
        .lifetimes,
        held.allSatisfy { $0.expires.milliseconds == end },
        "a hold ends at \(first.expires.milliseconds) and not at \(end)"
      )
    }
    guard !concert.gate.isEmpty else { return }
    guard let id, let (line, place) = placeOf[id], lines[line].gate.name == concert.gate else {
      return check(.holds, false, "\(concert.gate) guards what is held without its ticket")
    }
    let ticket = lines[line].tickets[place]
    end = min(end, ticket.sessionMax ?? 0)
    check(.holds, ticket.user == first.key.user, "\(name(ticket)) is another's")
    check(
      .holds,
      ticket.state == .active && now < ticket.until ?? 0 && now < ticket.sessionEnds ?? 0,
      "\(name(ticket)) is \(ticket.state) until \(ticket.until ?? 0), and holds at \(now)"
    )
    lines[line].tickets[place].holds.formUnion(held.map(\.key.id))
    let count = lines[line].tickets[place].holds.count
    check(.holds, count <= rules.seatsPerTicketMax, "\(name(ticket)) holds \(count) seats")
  }

  mutating func end(_ ended: Reservation) {
    guard let known = reservations[ended.key.id], known.state == .pending else {
      return check(.holds, false, "a hold of seat \(ended.seat) ends that is none")
    }
    let isOver = known.expires.milliseconds <= now
    check(
      .lifetimes,
      ended.state == (isOver ? .lapsed : .cancelled),
      "a hold until \(known.expires.milliseconds) is \(ended.state) at \(now)"
    )
    take(known, as: ended.state)
    seats[known.seatKey] = nil
    guard let id = known.ticket, let (line, place) = placeOf[id] else { return }
    let ticket = lines[line].tickets[place]
    if isOver, ticket.state == .active, holdsEnd(of: ticket) == nil {
      lines[line].tickets[place].hasToEnd = true
    }
  }

  mutating func pay(_ paid: [PaymentLine]) {
    for line in paid {
      guard let known = reservations[line.key.reservation], known.state == .pending else {
        check(.holds, false, "seat \(line.seat) is paid and was not held")
        continue
      }
      check(
        .lifetimes,
        now < known.expires.milliseconds,
        "seat \(line.seat) is paid after its lapse"
      )
      take(known, as: .paid)
      guard let id = known.ticket, let (line, place) = placeOf[id] else { continue }
      lines[line].tickets[place].hasToEnd = true
    }
  }

  mutating func refund(_ refunded: Reservation) {
    guard let known = reservations[refunded.key.id], known.state == .paid else {
      return check(.holds, false, "seat \(refunded.seat) is given back and was not paid")
    }
    take(known, as: .cancelled)
    seats[known.seatKey] = nil
  }

  /// A hold has ended, or was paid.
  private mutating func take(_ reservation: Reservation, as state: Reservation.State) {
    reservations[reservation.key.id]?.state = state
    guard let id = reservation.ticket, let (line, place) = placeOf[id] else { return }
    lines[line].tickets[place].holds.remove(reservation.key.id)
  }

  mutating func giveBack(_ milliseconds: Int64, tickets: UInt64, holds: UInt64) {
    check(.lifetimes, milliseconds == now - before, "\(milliseconds) ms are given back")
    var given: (tickets: UInt64, holds: UInt64) = (0, 0)
    for (id, hold) in reservations where hold.state == .pending {
      guard hold.expires.milliseconds > before else { continue }
      reservations[id]?.expires = hold.expires.after(milliseconds: milliseconds)
      given.holds += 1
    }
    for line in lines.indices {
      for place in lines[line].tickets.indices {
        let ticket = lines[line].tickets[place]
        guard let until = ticket.until, until > before else { continue }
        lines[line].tickets[place].until = until + milliseconds
        lines[line].tickets[place].sessionEnds = ticket.sessionEnds.map { $0 + milliseconds }
        lines[line].tickets[place].sessionMax = ticket.sessionMax.map { $0 + milliseconds }
        given.tickets += 1
      }
    }
    check(
      .lifetimes,
      given == (tickets, holds),
      "time is given to \(tickets) and \(holds), not \(given)"
    )
  }
}
