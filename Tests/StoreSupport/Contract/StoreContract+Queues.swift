internal import Domain
internal import Ledger

extension StoreContract {
  private static let west = Ticket.Queue(.waiting, of: "west")

  static let queueClauses: [Clause] = [
    Clause("A queue comes in the order of its places, and those at one place by their keys") {
      desk in
      let places: [Int64] = [.min, -1, 0, 7, 7, 7, 8, .max]
      // Made in no order.
      let numbers: [UInt64] = [5, 3, 8, 2, 4, 6, 1, 7]
      let line = zip(numbers, places).map { Sample.ticket($0, at: $1) }
      try await desk.commit { rows in
        for ticket in line.sorted(by: { $0.number < $1.number }) { rows.tickets.put(ticket) }
      }
      try desk.expect(try await desk.rows(of: west), is: line, "the queue")
      try desk.expect(
        try await desk.rows(of: west, from: 7, max: 2),
        is: Array(line[3..<5]),
        "two from a place on at which several stand"
      )
      try desk.expect(
        try await desk.rows(of: west, from: .max, max: 2),
        is: [line[7]],
        "those at the last place of all"
      )
      try desk.expect(try await desk.rows(of: west, max: 0), is: [], "none of them")
    },
    Clause("A queue has those who stand in it, and nobody who has moved on") { desk in
      let mine = Sample.ticket(1, at: 1)
      let others = [
        Sample.ticket(2, of: "east", at: 1), Sample.ticket(3, of: "west", at: 1, isPriority: true),
        Sample.ticket(4, state: .admitted, at: 1), Sample.ticket(5, state: .done, at: 1),
        Sample.ticket(6, state: .left, at: 1), Sample.ticket(7, state: .expired, at: 1),
      ]
      let moving = Sample.ticket(8, at: 2)
      try await desk.commit { rows in
        for ticket in [mine, moving] + others { rows.tickets.put(ticket) }
      }
      try desk.expect(try await desk.rows(of: west), is: [mine, moving], "the queue")
      let moved = Sample.ticket(8, state: .missed, at: 5)
      try await desk.commit { $0.tickets.put(moved) }
      try desk.expect(try await desk.rows(of: west), is: [mine], "the queue once one has gone")
      let timed = Ticket.Queue(.timed, of: "west")
      try desk.expect(
        try await desk.rows(of: timed),
        is: [others[2], moved],
        "those whose time is measured"
      )
    },
    Clause("A front is found as deep as a batch looks, page after page") { desk in
      let line = (1...700).map { Sample.ticket(UInt64($0), at: Int64($0)) }
      try await desk.commit { rows in for ticket in line { rows.tickets.put(ticket) } }
      for count in [1, 256, 257, 700, 701] {
        let found = try await desk.front(of: west, first: count)
        try desk.expect(found, is: Array(line.prefix(count)), "the first \(count)")
      }
      let through = try await desk.front(of: west, first: 1_000, through: 300)
      try desk.expect(through, is: Array(line.prefix(300)), "all up to the 300th")
    },
    Clause("A front with more at one place than a page has is found whole") { desk in
      let line =
        (1...10).map { Sample.ticket(UInt64($0), at: 0) }
        + (11...600).map { Sample.ticket(UInt64($0), at: 5) }
        + (601...620).map { Sample.ticket(UInt64($0), at: 6) }
      try await desk.commit { rows in for ticket in line { rows.tickets.put(ticket) } }
      for count in [10, 11, 600, 615, 620] {
        let found = try await desk.front(of: west, first: count)
        try desk.expect(found, is: Array(line.prefix(count)), "the first \(count)")
      }
    },
    Clause("A front has what the batch has changed, where it stands now") { desk in
      let line = (1...5).map { Sample.ticket(UInt64($0), at: Int64($0)) }
      try await desk.commit { rows in for ticket in line { rows.tickets.put(ticket) } }
      let found = try await desk.front(of: west, first: 10) { rows in
        rows.tickets.put(Sample.ticket(2, state: .admitted, at: 2))
        rows.tickets.put(Sample.ticket(4, at: 0))
        rows.tickets.put(Sample.ticket(9, at: 9))
      }
      try desk.expect(found.map(\.number), is: [4, 1, 3, 5, 9], "the numbers in the front")
    },
    Clause("A user's living ticket in a gate is found, and none that has ended") { desk in
      let living = Sample.ticket(1, of: "west", user: 1, at: 1)
      let others = [
        Sample.ticket(2, of: "east", user: 1, at: 1), Sample.ticket(3, user: 2, at: 2),
        Sample.ticket(4, user: 1, state: .done, at: 0),
        Sample.ticket(5, user: 1, state: .left, at: 0),
        Sample.ticket(6, user: 1, state: .expired, at: 0),
      ]
      try await desk.commit { rows in
        for ticket in [living] + others { rows.tickets.put(ticket) }
      }
      let group = Ticket.Group(gate: "west", user: Sample.id(1))
      var rows = try await desk.load { $0.tickets.want(groupOf: group) }
      try desk.expect(try rows.tickets.find(groupOf: group), is: [living], "the tickets")
    },
    Clause("Time is given back to tickets whose state would end, and to no other") { desk in
      try await checkGiveBack(desk)
    },
  ]

  private static func checkGiveBack(_ desk: Desk) async throws {
    var gate = Gate(name: "west", policy: .defaults, changed: Sample.start)
    gate.opened = Sample.start
    let west = gate
    gate = Gate(name: "east", policy: .defaults, changed: Sample.start)
    let east = gate
    let living = [
      Sample.ticket(1, state: .admitted, at: 11),
      Sample.ticket(2, of: "east", state: .missed, at: 12),
      Sample.ticket(3, state: .active, at: 20, sessionEnds: 9, sessionMax: 30),
      Sample.ticket(4, state: .active, at: .max - 3, sessionEnds: 11, sessionMax: .max - 1),
    ]
    let others = [
      Sample.ticket(5, state: .admitted, at: 10), Sample.ticket(6, at: 50),
      Sample.ticket(7, state: .done, at: 0, sessionEnds: 40, sessionMax: 50),
    ]
    try await desk.commit { rows in
      rows.gates.put(west)
      rows.gates.put(east)
      for ticket in living + others { rows.tickets.put(ticket) }
    }
    let head = try await desk.store.begin().head
    let instant = Instant(milliseconds: 10)
    let count = try await desk.store.giveBack(milliseconds: 5, toWhatLivedAt: instant)
    try desk.expect(count, is: GivenBack(tickets: 4, holds: 0), "how many")
    try await desk.store.commit(
      Batch(
        rows: WorkingSet(),
        head: head.following(log: [], time: 0),
        log: [],
        forgetRepeatsBefore: Instant(milliseconds: .min)
      )
    )
    var rows = try await desk.load { rows in
      for ticket in living + others { rows.tickets.want(ticket.id) }
    }
    for ticket in living.map({ $0.later(by: 5) }) + others {
      try desk.expect(try rows.tickets.find(ticket.id), is: ticket, "ticket \(ticket.number)")
    }
    let timed = try await desk.rows(of: Ticket.Queue(.timed, of: "west"))
    try desk.expect(
      timed.map(\.number),
      is: [5, 1, 3, 4],
      "the order of those whose time is measured"
    )
  }
}

extension Desk {
  /// A queue's rows, by a batch of its own.
  fileprivate func rows(
    of queue: Ticket.Queue,
    from place: Int64 = .min,
    max: Int = 1_000
  ) async throws -> [Ticket] {
    _ = try await store.begin()
    let rows: [Ticket] = try await store.rows(of: queue, from: place, max: max)
    await store.rollBack()
    return rows
  }

  /// The front of a queue, as a batch finds it that has changed something before.
  fileprivate func front(
    of queue: Ticket.Queue,
    first count: Int,
    through limit: Int64 = .max,
    after change: (inout WorkingSet) -> Void = { _ in }
  ) async throws -> [Ticket] {
    _ = try await store.begin()
    var rows = WorkingSet()
    change(&rows)
    // Each round finds more; none of these queues takes many.
    for _ in 0..<20 {
      do throws(Interruption) {
        let found = try rows.tickets.find(first: count, of: queue, through: limit)
        await store.rollBack()
        return found
      } catch {
        try await store.load(&rows)
      }
    }
    await store.rollBack()
    throw ContractBroken(description: "the first \(count) were not found in twenty rounds")
  }
}

extension Sample {
  /// A ticket in any state and at any place.
  static func ticket(
    _ number: UInt64,
    of gate: String = "west",
    user: UInt64? = nil,
    state: Ticket.State = .waiting,
    at place: Int64,
    isPriority: Bool = false,
    sessionEnds: Int64 = 0,
    sessionMax: Int64 = 0
  ) -> Ticket {
    let ticket = Ticket(
      id: id(number),
      gate: gate,
      number: number,
      user: id(user ?? number),
      isPriority: isPriority,
      isGathered: false,
      entered: start,
      epoch: 1,
      offset: number
    )
    var values = ticket.columnValues
    values[Ticket.shape.place(of: "state")] = .integer(state.rawValue)
    values[Ticket.shape.place(of: "place")] = .integer(place)
    values[Ticket.shape.place(of: "session_ends_ms")] = .integer(sessionEnds)
    values[Ticket.shape.place(of: "session_max_ms")] = .integer(sessionMax)
    var reader = ValueReader(values, of: Ticket.shape.name)
    do throws(DamagedRow) {
      return try Ticket(from: &reader)
    } catch {
      preconditionFailure("a sample cannot be read: \(error.problem)")
    }
  }
}
