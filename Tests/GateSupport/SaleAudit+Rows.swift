internal import Domain
internal import Ledger

// Whether the store has what the log says, and boards show it.

extension SaleAudit {
  mutating func compare(with store: RowStore) {
    let rows = store.all(Ticket.self)
    check(
      .lost,
      rows.count == placeOf.count,
      "\(placeOf.count) came, and the store has \(rows.count)"
    )
    var living: Set<Ticket.Group> = []
    for row in rows {
      compare(row)
      guard row.state.isLiving, let group = row.group else { continue }
      check(.lost, living.insert(group).inserted, "a user has two tickets that live")
    }
    for line in lines { compare(line, with: store) }
    compareSeats(with: store)
  }

  private mutating func compare(_ row: Ticket) {
    guard let (line, place) = placeOf[row.id] else {
      return check(.lost, false, "the store has ticket \(row.number), which never came")
    }
    let ticket = lines[line].tickets[place]
    let isSame =
      row.state == ticket.state && row.until?.milliseconds == ticket.until
      && row.number == ticket.number && row.user == ticket.user
      && row.gate == lines[line].gate.name && Int(row.returns) == ticket.returns
      && row.isPriority == ticket.isPriority && row.isGathered == ticket.isGathered
      && Set(row.holds) == ticket.holds
    check(.lost, isSame, "the log says \(ticket), the store \(row)")
    guard ticket.state == .active else { return }
    check(
      .lost,
      row.sessionEnds?.milliseconds == ticket.sessionEnds
        && row.sessionMax?.milliseconds == ticket.sessionMax,
      "the session of \(name(ticket)) ends at \(ticket.sessionEnds ?? 0), in the store at \(row)"
    )
  }

  private mutating func compare(_ line: LineModel, with store: RowStore) {
    let name = line.gate.name
    guard store.row(name, of: Gate.self) == line.gate,
      let row = store.row(name, of: Line.self)
    else { return check(.lost, false, "the store has another gate \(name)") }
    compare(row, with: line)
    check(.lottery, row.gatheredDigest == line.digest, "\(name) keeps another chain")
    for (index, at) in line.admissions.enumerated().reversed() {
      guard now - at < rules.rateMillisecondsMax else { break }
      let key = Admission.Key(gate: name, number: UInt64(index) + 1)
      let kept = store.row(key, of: Admission.self)
      check(.rate, kept?.at.milliseconds == at, "admission \(index + 1) is forgotten")
    }
  }

  /// What both the store's line and a board's count.
  private mutating func compare(_ row: Line, with line: LineModel) {
    let counts: [(String, UInt64, Int)] = [
      ("came", row.lastNumber, line.tickets.count),
      ("wait", row.waitingTotal, line.count(.waiting)),
      ("wait first", row.waiting[.priority], line.lane(true).count),
      ("are admitted", row.admitted, line.count(.admitted)),
      ("are active", row.active, line.count(.active)),
      ("hold", row.holding, line.holding),
      ("were admitted", row.admissions, line.admissions.count),
      ("are done", row.doneTotal, line.count(.done)),
      ("expired", row.expiredTotal, line.count(.expired)),
      ("left", row.leftTotal, line.count(.left)),
      ("were contested", row.contested, Int(line.contested)),
      ("were given", row.given, Int(line.given)),
    ]
    for (what, kept, counted) in counts {
      check(.counters, kept == UInt64(counted), "\(counted) \(what), kept \(kept)")
    }
  }

  private mutating func compareSeats(with store: RowStore) {
    let rows = store.all(TakenSeat.self)
    check(.holds, rows.count == seats.count, "\(seats.count) seats are taken, kept \(rows.count)")
    for row in rows {
      let reservation = seats[row.key].flatMap { reservations[$0] }
      let until = reservation?.state == .paid ? nil : reservation?.expires
      check(
        .holds,
        reservation?.key.id == row.reservation && until == row.until,
        "seat \(row.key.number) is kept for another, or longer"
      )
    }
    for date in dates.values {
      let taken = seats.filter { $0.key.date == date.id }
      let sold = taken.count { reservations[$0.value]?.state == .paid }
      let tally = store.row(date.id, of: SeatTally.self) ?? SeatTally(date: date.id)
      check(
        .stock,
        Int(tally.sold) == sold && Int(tally.held) == taken.count - sold,
        "\(taken.count) are taken and \(sold) sold, kept \(tally)"
      )
    }
  }
}

// MARK: - Boards

extension SaleAudit {
  /// Whether boards say of everyone what there is to say.
  mutating func compare(with boards: Boards, _ kind: String) {
    for line in lines {
      let name = line.gate.name
      guard let view = boards.gateView(name), view.gate == line.gate else {
        check(.boards, false, "\(kind) boards have another gate \(name)")
        continue
      }
      let had = breaches.count
      compare(view.line, with: line)
      check(.boards, breaches.count == had, "\(kind) boards count otherwise")
      // What a batch leaves to the next has not lapsed for the log, and has for boards.
      let room = isBacklogged ? 0 : line.room(free: free(behind: name), at: now)
      check(
        .boards,
        Int(view.room.count) >= room,
        "\(kind) boards see room for \(view.room.count) of \(room)"
      )
      compareViews(of: line, with: boards, kind)
    }
  }

  private mutating func compareViews(
    of line: LineModel,
    with boards: Boards,
    _ kind: String
  ) {
    var ahead: [TicketID: Int] = [:]
    for (place, ticket) in line.order().enumerated() { ahead[ticket.id] = place }
    let waiting = ahead.count
    // Before a draw anyone may be drawn before.
    if line.gate.isLottery, line.gate.opened == nil { ahead = ahead.mapValues { _ in waiting - 1 } }
    for ticket in line.tickets {
      let view = boards.ticket(ticket.number, in: line.gate.name)
      let before = ahead[ticket.id] ?? 0
      let behind = ticket.state == .waiting ? waiting - before - 1 : 0
      let isSame =
        view?.state == ticket.state && view?.until?.milliseconds == ticket.until
        && view?.ahead == UInt64(before) && view?.behind == UInt64(behind)
        && (view?.lane == .priority) == ticket.isPriority
      check(.boards, isSame, "\(kind) boards say \(view as Any) of \(ticket), with \(before) ahead")
    }
  }
}
