package import Domain
internal import Threads

/// A gate as reads see it.
package struct GateView: Sendable {
  package let gate: Gate
  package let line: Line
  package let stock: SeatCounts?
  /// The wait of someone who came now.
  package let wait: WaitForecast
  /// How many could come in, that one among them, and what keeps more from it.
  package let room: Room
}

/// A ticket's place as its owner is told it.
package struct PlaceView: Sendable {
  package let gate: Gate
  package let ticket: TicketView
  /// Nil for those who do not wait.
  package let wait: WaitForecast?
  package let stock: SeatCounts?
  package let now: Instant
}

/// All gates, by their names and by the tags that tokens name them by.
struct GateList {
  private(set) var boards: [String: Guarded<GateBoard>] = [:]
  private(set) var names: [GateTag: String] = [:]

  mutating func add(_ board: GateBoard) {
    boards[board.gate.name] = Guarded(board)
    names[GateTag(gate: board.gate.name)] = board.gate.name
  }
}

// MARK: - Reading

extension Boards {
  /// What an operator is shown of a gate; nil if there is none.
  package func gateView(_ name: String) -> GateView? {
    let now = time.now
    let offset = at.offset
    return board(of: name)?.withLock { board in
      let stock = board.stock(asOf: offset, at: now) { self.stock(behind: name, at: now) }
      let free = stock.map { UInt64($0.free) }
      let newcomer = board.newcomer(free: free, at: now)
      return GateView(
        gate: board.gate,
        line: board.line,
        stock: stock,
        wait: newcomer.wait,
        room: newcomer.room
      )
    }
  }

  /// The names of all gates, in order.
  package var gateNames: [String] { gates.withLock { $0.boards.keys.sorted() } }

  /// The gate that a token names by its tag.
  package func gateName(_ tag: GateTag) -> String? {
    gates.withLock { $0.names[tag] }
  }

  /// The epoch that tokens of a gate have to be of; nil if there is no such gate.
  package func epoch(of tag: GateTag) -> UInt32? {
    let board = gates.withLock { gates in gates.names[tag].flatMap { gates.boards[$0] } }
    return board?.withLock { $0.gate.epoch }
  }

  /// What an operator has said of a gate.
  package func gate(_ name: String) -> Gate? {
    board(of: name)?.withLock { $0.gate }
  }

  /// A ticket's place; nil if the gate knows no such number.
  package func place(of number: UInt64, in gate: String) -> PlaceView? {
    let now = time.now
    let offset = at.offset
    return board(of: gate)?.withLock { board -> PlaceView? in
      guard let ticket = board.view(of: number) else { return nil }
      let stock = board.stock(asOf: offset, at: now) { self.stock(behind: gate, at: now) }
      var wait: WaitForecast?
      if ticket.state == .waiting {
        let free = stock.map { UInt64($0.free) }
        wait = board.forecast(ahead: ticket.ahead, free: free, at: now)
      }
      return PlaceView(gate: board.gate, ticket: ticket, wait: wait, stock: stock, now: now)
    }
  }

  /// One ticket without what has to be reckoned; nil if the gate knows no such number.
  package func ticket(_ number: UInt64, in gate: String) -> TicketView? {
    board(of: gate)?.withLock { $0.view(of: number) }
  }

  /// The seats of all that a gate guards and that can be booked now; nil where it guards nothing.
  func stock(behind gate: String, at now: Instant) -> SeatCounts? {
    guard let dates = catalogue.withLock({ $0.bookable(behind: gate, at: now) }) else { return nil }
    return dates.reduce(into: SeatCounts()) { sum, date in
      let counts = counts(of: date, at: now)
      sum.free += counts.free
      sum.held += counts.held
      sum.sold += counts.sold
    }
  }

  func board(of gate: String) -> Guarded<GateBoard>? {
    gates.withLock { $0.boards[gate] }
  }

  var allGates: [Guarded<GateBoard>] { gates.withLock { Array($0.boards.values) } }

  /// Whether any line has someone in it.
  var isAnyGateAlive: Bool {
    allGates.contains { board in board.withLock { $0.isAlive } }
  }

  /// Whether time has come for any gate.
  func isAnyGateDue(at now: Instant) -> Bool {
    let all = gates.withLock { $0.boards }
    return all.reduce(false) { isDue, named in
      let (name, board) = named
      return board.withLock { board in
        board.isDue(free: { stock(behind: name, at: now).map { UInt64($0.free) } }, at: now)
      } || isDue
    }
  }
}

// MARK: - Following

extension Boards {
  func change(_ gate: Gate, at time: Instant) {
    let board = gates.withLock { gates -> Guarded<GateBoard>? in
      if let known = gates.boards[gate.name] { return known }
      gates.add(GateBoard(gate: gate))
      return nil
    }
    let opening = board?.withLock { board in
      board.change(to: gate, at: time)
      return board.opening
    }
    if let board, let opening { make(opening, of: board) }
    watch.changed(gate.name)
  }

  /// The draw of those who came before a gate opened. Whoever asks first has it made, of those whom the
  /// board knows: they are in memory, and in the store a million rows would have to be read.
  package func draw(for key: Draws.Key) -> DrawState {
    // What others have committed has to come here first.
    guard let board = board(of: key.gate) else { return .making }
    let opening = Opening(seed: key.seed, digest: key.digest)
    make(opening, of: board)
    return board.withLock { $0.draw(opening)?.lanes[key.lane] }.map(DrawState.made) ?? .making
  }

  private func make(_ opening: Opening, of board: Guarded<GateBoard>) {
    guard let draw = board.withLock({ $0.begin(opening) }) else { return }
    aside { [watch] in
      let drawn = draw()
      let name = board.withLock { board in
        board.finish(drawn, of: opening)
        return board.gate.name
      }
      watch.changed(name)
    }
  }

  /// Seats are held under a ticket.
  func hold(_ reservations: [Reservation], under ticket: TicketID) {
    // The gate that guards their concert is the ticket's, or they would not be held.
    guard let first = reservations.first,
      let gate = catalogue.withLock({ $0.concert(first.concert)?.gate })
    else { return }
    let isFirst = ticketHolds.withLock { holds in
      reservations.reduce(false) { holds.add($1.key.id, of: ticket, in: gate) || $0 }
    }
    if isFirst { board(of: gate)?.withLock { $0.holdingChanged(by: 1) } }
  }

  /// A hold has ended, whichever way.
  func holdEnded(_ hold: ReservationID) {
    guard let gate = ticketHolds.withLock({ $0.remove(hold) }) else { return }
    board(of: gate)?.withLock { $0.holdingChanged(by: -1) }
  }

  /// Reads gates, lines and tickets of a snapshot.
  func loadGates(from snapshot: any Snapshot) throws(StoreFailure) {
    var found: [String: GateBoard] = [:]
    try snapshot.all { (gate: Gate) in found[gate.name] = GateBoard(gate: gate) }
    guard !found.isEmpty else { return }
    try snapshot.all { (line: Line) in
      if let gate = found[line.gate]?.gate { found[line.gate] = GateBoard(gate: gate, line: line) }
    }
    var holds = TicketHolds()
    try snapshot.all { (ticket: Ticket) in
      found[ticket.gate]?.put(ticket)
      // The line says already how many hold.
      for hold in ticket.holds { _ = holds.add(hold, of: ticket.id, in: ticket.gate) }
    }
    try snapshot.all { (admission: Admission) in found[admission.key.gate]?.put(admission) }
    for name in found.keys { found[name]?.finishLoading() }
    var list = GateList()
    for board in found.values { list.add(board) }
    gates.withLock { $0 = list }
    let read = holds
    ticketHolds.withLock { $0 = read }
  }
}
