internal import Domain
internal import Ledger

extension StoreContract {
  private static func newest(
    of user: UInt64,
    before id: UInt64? = nil,
    state: Reservation.State? = nil,
    max: Int = 10
  ) -> @Sendable (any Snapshot) throws(StoreFailure) -> [Reservation] {
    { snapshot throws(StoreFailure) in
      try snapshot.newest(
        of: Sample.id(user),
        before: id.map { Sample.id($0) },
        state: state?.rawValue,
        max: max
      )
    }
  }

  static let pageClauses: [Clause] = [
    Clause("A user's rows come newest first, from before any of them, narrowed by state") { desk in
      let states: [Reservation.State] = [.pending, .paid, .paid, .lapsed, .paid]
      let mine = states.enumerated().map {
        Sample.reservation(UInt64($0.offset) + 1, state: $0.element)
      }
      try await desk.commit { rows in
        for row in mine { rows.reservations.put(row) }
        rows.reservations.put(Sample.reservation(9, of: 2))
      }
      let all = Array(mine.reversed())
      try desk.expect(try await desk.reader.read(newest(of: 1)), is: all, "all")
      try desk.expect(
        try await desk.reader.read(newest(of: 1, max: 2)),
        is: Array(all[..<2]),
        "the newest two"
      )
      try desk.expect(
        try await desk.reader.read(newest(of: 1, before: 4, max: 2)),
        is: Array(all[2..<4]),
        "two before the fourth"
      )
      try desk.expect(
        try await desk.reader.read(newest(of: 1, before: 5, state: .paid, max: 1)),
        is: [mine[2]],
        "one that is paid, before the fifth"
      )
      try desk.expect(
        try await desk.reader.read(newest(of: 1, before: 1)),
        is: [],
        "those before the first"
      )
      try desk.expect(try await desk.reader.read(newest(of: 3)), is: [], "a stranger's")
    },
    Clause("A table without states is listed whole") { desk in
      let entries = (1...3).map { number in
        Entry(
          key: Entry.Key(user: Sample.id(1), id: Sample.id(number)),
          kind: .charge,
          amount: 1,
          balance: Int64(number),
          description: "",
          reference: nil,
          at: Sample.start
        )
      }
      try await desk.commit { rows in
        for entry in entries { rows.entries.put(entry) }
      }
      let found = try await desk.reader.read { snapshot throws(StoreFailure) -> [Entry] in
        try snapshot.newest(of: Sample.id(1), before: nil, state: nil, max: 10)
      }
      try desk.expect(found, is: entries.reversed(), "the entries")
    },
  ]
}
