internal import Domain
internal import Ledger

extension StoreContract {
  private static func instant(_ milliseconds: Int64) -> Instant {
    Sample.start.after(milliseconds: milliseconds)
  }

  static let holdClauses: [Clause] = [
    Clause("Holds are due once their time is over, those first that ended first") { desk in
      let holds = [
        Sample.reservation(1, expires: instant(30)), Sample.reservation(2, expires: instant(10)),
        Sample.reservation(3, of: 2, expires: instant(20)),
        Sample.reservation(4, expires: instant(31)),
      ]
      try await desk.commit { rows in
        for hold in holds { rows.reservations.put(hold) }
      }
      _ = try await desk.store.begin()
      let before = try await desk.store.due(at: instant(9), max: 10)
      try desk.expect(before, is: [], "what is due before the first has ended")
      let due = try await desk.store.due(at: instant(30), max: 10)
      try desk.expect(due, is: [holds[1], holds[2], holds[0]].map(\.key), "what is due")
      let first = try await desk.store.due(at: instant(30), max: 2)
      try desk.expect(first, is: [holds[1], holds[2]].map(\.key), "the first two")
    },
    Clause("Only what is still pending is due") { desk in
      let states: [Reservation.State] = [.paid, .cancelled, .lapsed, .pending]
      let holds = states.enumerated().map {
        Sample.reservation(UInt64($0.offset) + 1, state: $0.element, expires: instant(1))
      }
      try await desk.commit { rows in
        for hold in holds { rows.reservations.put(hold) }
      }
      _ = try await desk.store.begin()
      let due = try await desk.store.due(at: instant(100), max: 10)
      try desk.expect(due, is: [holds[3].key], "what is due")
      await desk.store.rollBack()
      var ended = holds[3]
      ended.state = .lapsed
      let lapsed = ended
      try await desk.commit { $0.reservations.put(lapsed) }
      _ = try await desk.store.begin()
      let rest = try await desk.store.due(at: instant(100), max: 10)
      try desk.expect(rest, is: [], "what is due once it has lapsed")
    },
    Clause("Time is given back to holds that lived and to their seats, and to nothing else") {
      desk in
      let living = [
        Sample.reservation(1, expires: instant(11)),
        Sample.reservation(2, of: 2, expires: Instant(milliseconds: .max - 3)),
      ]
      let others = [
        Sample.reservation(3, expires: instant(10)),
        Sample.reservation(4, state: .paid, expires: instant(20)),
        Sample.reservation(5, state: .cancelled, expires: instant(20)),
      ]
      // The seat that was given back is another's by now, and that one's hold is over.
      let stranger = Sample.reservation(6, of: 3, seat: 5, expires: instant(9))
      try await desk.commit { rows in
        for hold in living + others + [stranger] { rows.reservations.put(hold) }
        for hold in living + others.prefix(2) + [stranger] { rows.seats.put(Sample.seat(of: hold)) }
      }
      let head = try await desk.store.begin().head
      let count = try await desk.store.giveBack(milliseconds: 5, toWhatLivedAt: instant(10))
      try desk.expect(count, is: GivenBack(tickets: 0, holds: 2), "how many")
      try await desk.store.commit(
        Batch(
          rows: WorkingSet(),
          head: head.following(log: [], time: 0),
          log: [],
          forgetRepeatsBefore: Instant(milliseconds: .min)
        )
      )
      let later = living.map { hold in
        var hold = hold
        hold.expires = hold.expires.after(milliseconds: 5)
        return hold
      }
      var rows = try await desk.load { rows in
        for hold in living + others + [stranger] {
          rows.reservations.want(hold.key)
          rows.seats.want(hold.seatKey)
        }
      }
      for hold in later + others + [stranger] {
        try desk.expect(try rows.reservations.find(hold.key), is: hold, "a reservation")
      }
      for hold in later + others.prefix(2) + [stranger] {
        let seat = Sample.seat(of: hold)
        try desk.expect(try rows.seats.find(seat.key), is: seat, "a seat")
      }
    },
    Clause("A batch sees the time that it has given back") { desk in
      let hold = Sample.reservation(1, expires: instant(10))
      try await desk.commit { rows in
        rows.reservations.put(hold)
        rows.seats.put(Sample.seat(of: hold))
      }
      _ = try await desk.store.begin()
      _ = try await desk.store.giveBack(milliseconds: 5, toWhatLivedAt: instant(0))
      try desk.expect(try await desk.store.due(at: instant(14), max: 10), is: [], "what is due")
      var rows = WorkingSet()
      rows.reservations.want(hold.key)
      try await desk.store.load(&rows)
      try desk.expect(
        try rows.reservations.find(hold.key)?.expires,
        is: instant(15),
        "when it ends"
      )
    },
  ]
}
