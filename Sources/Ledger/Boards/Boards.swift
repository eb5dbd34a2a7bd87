package import Domain
internal import Threads

/// What reads are answered from without asking the store: the catalogue and every date's seats, as of
/// an offset of the log.
///
/// Each date has its own lock, held for as long as a list is encoded at most.
package final class Boards: Sendable {
  /// The log's place that a board has come to.
  package struct Position: Sendable, Hashable {
    package var epoch: UInt64
    package var offset: UInt64
    /// The log's time there.
    package var time: Instant
  }

  package let time: StoreTime
  private let position: Guarded<Position>
  let catalogue = Guarded(Catalogue())
  private let seats = Guarded<[DateID: Guarded<DateBoard>]>([:])
  let gates = Guarded(GateList())
  /// What is held under tickets.
  let ticketHolds = Guarded(TicketHolds())
  /// Those who watch tickets.
  package let watch = TicketWatch()
  private let encode: @Sendable ([SeatView]) -> [UInt8]
  /// Runs what takes long, where nobody waits for it.
  let aside: @Sendable (@escaping @Sendable () -> Void) -> Void
  /// When holds are over.
  private let lapses = Guarded(DeadlineHeap<Void>())

  /// Boards that know nothing yet. `encode` writes a list of seats, and `aside` runs what takes long.
  package init(
    time: StoreTime,
    position: Position,
    encode: @escaping @Sendable ([SeatView]) -> [UInt8],
    aside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    self.time = time
    self.position = Guarded(position)
    self.encode = encode
    self.aside = aside
  }

  package var at: Position { position.withLock { $0 } }

  /// Whether something that was committed by `instant` may not have come here yet: where several servers
  /// share a store, one hands out tokens of what another has not read.
  package func mayLack(whatWasCommittedBy instant: Instant) -> Bool { at.time <= instant }
}

// MARK: - Reading

extension Boards {
  package func concert(_ id: ConcertID) -> Concert? {
    catalogue.withLock { $0.concert(id) }
  }

  package func date(_ id: DateID) -> ConcertDate? {
    catalogue.withLock { $0.date(id) }
  }

  package func concerts(after id: ConcertID?, max: Int) -> [Concert] {
    catalogue.withLock { $0.concerts(after: id, max: max) }
  }

  /// The dates of a concert that can be booked now, with their seats counted.
  package func bookable(of concert: ConcertID) -> [(date: ConcertDate, seats: SeatCounts)] {
    let now = time.now
    return catalogue.withLock { $0.bookable(of: concert, at: now) }
      .map { ($0, counts(of: $0.id, at: now)) }
  }

  /// How many seats of a date are free, held and sold now.
  package func counts(of date: DateID) -> SeatCounts {
    counts(of: date, at: time.now)
  }

  func counts(of date: DateID, at now: Instant) -> SeatCounts {
    board(of: date)?.withLock { $0.counts(at: now) } ?? SeatCounts()
  }

  /// A date's seats, encoded; nil if none is to be shown.
  package func list(of date: DateID, all: Bool) -> [UInt8]? {
    let now = time.now
    return board(of: date)?.withLock { $0.list(all: all, at: now, encode: encode) }
  }

  private func board(of date: DateID) -> Guarded<DateBoard>? {
    seats.withLock { $0[date] }
  }

  /// Whether anything lives that time may end.
  package var isAnythingAlive: Bool {
    lapses.withLock { $0.count > 0 } || isAnyGateAlive
  }

  /// Whether time has come for something since this was last asked: a hold, a ticket, a gate.
  package func isDue() -> Bool {
    let now = time.now
    let isLapse = lapses.withLock { $0.removeThrough(now.milliseconds) }
    let isGate = isAnyGateDue(at: now)
    return isLapse || isGate
  }
}

// MARK: - Following

extension Boards {
  /// Takes what happened next. Events that it knows already are left out; whoever calls sees to it
  /// that none is missing and that no one else calls at the same time.
  package func apply(_ events: [LoggedEvent]) {
    for event in events where event.offset > at.offset {
      apply(event.event, at: event.at)
      position.withLock {
        $0 = Position(epoch: event.epoch, offset: event.offset, time: event.at)
      }
    }
  }

  /// Takes rows of a snapshot, concerts first and taken seats last.
  package func put(_ concert: Concert) {
    catalogue.withLock { $0.put(concert) }
  }

  /// Takes a date of a snapshot.
  package func put(_ date: ConcertDate) {
    catalogue.withLock { $0.put(date) }
    seats.withLock { seats in
      if seats[date.id] == nil { seats[date.id] = Guarded(DateBoard(prices: date.prices)) }
    }
  }

  /// Takes a taken seat of a snapshot.
  package func put(_ seat: TakenSeat) {
    take(seat.key, until: seat.until)
  }

  private func apply(_ event: Event, at time: Instant) {
    switch event {
    case .concertChanged(let concert): put(concert)
    case .dateChanged(let date): put(date)
    case .gateChanged(let gate): change(gate, at: time)
    case .ticketEntered(let entry): board(of: entry.gate)?.withLock { $0.enter(entry, at: time) }
    case .ticketMoved(let move):
      board(of: move.gate)?.withLock { $0.move(move, at: time) }
      watch.moved(move.number, in: move.gate)
    case .seatsHeld(_, let ticket, let reservations):
      for reservation in reservations { take(reservation.seatKey, until: reservation.expires) }
      if let ticket { hold(reservations, under: ticket) }
    case .reservationEnded(let reservation), .refunded(let reservation):
      let seat = reservation.seatKey
      board(of: seat.date)?.withLock { $0.free(seat.number) }
      holdEnded(reservation.key.id)
    case .paid(_, let lines):
      for line in lines {
        take(TakenSeat.Key(date: line.date, number: line.seat), until: nil)
        holdEnded(line.key.reservation)
      }
    case .timeGivenBack(let milliseconds, _, _): giveBack(milliseconds, at: time)
    case .userChanged, .walletMoved: break
    }
  }

  private func take(_ seat: TakenSeat.Key, until: Instant?) {
    board(of: seat.date)?.withLock { $0.take(seat.number, until: until) }
    if let until { lapses.withLock { $0.insert(until.milliseconds) } }
  }

  private func giveBack(_ milliseconds: Int64, at time: Instant) {
    // The gap ended with this event's batch, and began with the one before it.
    let start = time.after(milliseconds: -milliseconds)
    let boards = seats.withLock { Array($0.values) }
    for board in allGates { board.withLock { $0.giveBack(milliseconds, toWhatLivedAt: start) } }
    watch.changedForAll()
    for board in boards {
      let untils = board.withLock { board in
        board.giveBack(milliseconds: milliseconds, toHoldsLivingAt: start)
        return board.heldUntil(after: start)
      }
      lapses.withLock { lapses in
        for until in untils { lapses.insert(until) }
      }
    }
  }
}
