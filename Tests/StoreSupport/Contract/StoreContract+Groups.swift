internal import Domain
internal import Ledger

extension StoreContract {
  static let groupClauses: [Clause] = [
    Clause("A user's reservations of a date are those that are held or paid") { desk in
      let mine = [
        Sample.reservation(1), Sample.reservation(2, state: .paid),
      ]
      let others = [
        Sample.reservation(3, state: .cancelled), Sample.reservation(4, state: .lapsed),
        Sample.reservation(5, date: 2), Sample.reservation(6, of: 2),
      ]
      try await desk.commit { rows in
        for row in mine + others { rows.reservations.put(row) }
      }
      let group = Reservation.Group(user: Sample.id(1), date: Sample.id(1))
      var rows = try await desk.load { $0.reservations.want(groupOf: group) }
      try desk.expect(
        Set(try rows.reservations.find(groupOf: group)),
        is: Set(mine),
        "the group"
      )
      let read = try await desk.reader.read { snapshot throws(StoreFailure) -> [Reservation] in
        try snapshot.rows(groupOf: group)
      }
      try desk.expect(Set(read), is: Set(mine), "what readers see")
    },
    Clause("The taken seats of a date are its own") { desk in
      let mine = (1...60).map { Sample.seat(of: Sample.reservation($0)) }
      let others = (61...70).map { Sample.seat(of: Sample.reservation($0, date: 2)) }
      try await desk.commit { rows in
        for seat in mine + others { rows.seats.put(seat) }
      }
      var rows = try await desk.load { $0.seats.want(groupOf: Sample.id(1)) }
      try desk.expect(Set(try rows.seats.find(groupOf: Sample.id(1))), is: Set(mine), "the seats")
    },
    Clause("The dates of a concert are its own") { desk in
      let dates = [(1, 1), (2, 1), (3, 2)].compactMap { Sample.date($0.0, of: $0.1) }
      try await desk.commit { rows in
        for date in dates { rows.dates.put(date) }
      }
      var rows = try await desk.load { $0.dates.want(groupOf: Sample.id(1)) }
      try desk.expect(
        Set(try rows.dates.find(groupOf: Sample.id(1))),
        is: Set(dates.prefix(2)),
        "the dates"
      )
    },
    Clause("The lines of a payment are its own") { desk in
      let mine = (1...3).map { Sample.line($0, of: 1) }
      let others = [Sample.line(4, of: 2), Sample.line(5, of: 1, user: 2)]
      try await desk.commit { rows in
        for line in mine + others { rows.lines.put(line) }
      }
      let payment = Payment.Key(user: Sample.id(1), id: Sample.id(1))
      var rows = try await desk.load { $0.lines.want(groupOf: payment) }
      try desk.expect(Set(try rows.lines.find(groupOf: payment)), is: Set(mine), "the lines")
    },
    Clause("Rows and groups of several tables are loaded together") { desk in
      let seat = Sample.seat(of: Sample.reservation(1))
      try await desk.commit { rows in
        rows.users.put(Sample.user(1))
        rows.seats.put(seat)
        rows.lines.put(Sample.line(1, of: 1))
        rows.lines.put(Sample.line(2, of: 2))
      }
      let payments = (1...2).map { Payment.Key(user: Sample.id(1), id: Sample.id($0)) }
      var rows = try await desk.load { rows in
        rows.users.want(Sample.id(1))
        rows.seats.want(seat.key)
        rows.seats.want(groupOf: seat.key.date)
        for payment in payments { rows.lines.want(groupOf: payment) }
      }
      try desk.expect(try rows.users.find(Sample.id(1)), is: Sample.user(1), "the user")
      try desk.expect(try rows.seats.find(seat.key), is: seat, "the seat")
      try desk.expect(try rows.seats.find(groupOf: seat.key.date), is: [seat], "the seats")
      for number in 0..<2 {
        try desk.expect(
          try rows.lines.find(groupOf: payments[number]),
          is: [Sample.line(UInt64(number) + 1, of: UInt64(number) + 1)],
          "the lines of payment \(number + 1)"
        )
      }
    },
  ]
}
