internal import Domain
internal import Ledger

extension StoreContract {
  static let rowClauses: [Clause] = [
    Clause("Every table's rows come back as they were, at the ends of what columns hold") { desk in
      try await desk.commit { rows in
        var putter = SamplePutter()
        rows.visit(&putter)
      }
      var loaded = try await desk.load { rows in
        var wanter = SampleWanter()
        rows.visit(&wanter)
      }
      var checker = SampleChecker()
      try loaded.visit(&checker)
      try desk.expect(checker.tables, is: checker.expectedTables, "the tables with samples")
    },
    Clause("Readers find every table's rows by their keys, and go through them in order") { desk in
      try await desk.commit { rows in
        var putter = SamplePutter()
        rows.visit(&putter)
      }
      try await desk.reader.read { snapshot throws(StoreFailure) in
        var reading = SampleReading(snapshot: snapshot)
        var rows = WorkingSet()
        try rows.visit(&reading)
        return reading.problem
      }.map { problem in throw ContractBroken(description: problem) }
    },
    Clause("A row that is put again is changed, and stays one") { desk in
      var user = Sample.user(1)
      try await desk.commit { $0.users.put(user) }
      user.name = "another name"
      user.deleted = Sample.start
      let changed = user
      try await desk.commit { $0.users.put(changed) }
      var rows = try await desk.load { $0.users.want(changed.id) }
      try desk.expect(try rows.users.find(changed.id), is: changed, "the row")
      let all = try await desk.reader.read { snapshot throws(StoreFailure) -> [User] in
        try snapshot.page(after: nil, max: 10)
      }
      try desk.expect(all, is: [changed], "all rows")
    },
    Clause("A row that is removed is gone, and others are not") { desk in
      let seats = (1...3).map { Sample.seat(of: Sample.reservation($0)) }
      try await desk.commit { rows in
        for seat in seats { rows.seats.put(seat) }
      }
      try await desk.commit { rows in
        rows.seats.remove(seats[1].key)
        rows.users.remove(Sample.id(99))
      }
      var rows = try await desk.load { rows in
        for seat in seats { rows.seats.want(seat.key) }
      }
      try desk.expect(try rows.seats.find(seats[0].key), is: seats[0], "the first")
      try desk.expect(try rows.seats.find(seats[1].key), is: nil, "the one that was removed")
      try desk.expect(try rows.seats.find(seats[2].key), is: seats[2], "the last")
    },
    Clause("Keys that are not there are answered with nothing") { desk in
      try await desk.commit { $0.users.put(Sample.user(1)) }
      var rows = try await desk.load { rows in
        rows.users.want(Sample.id(2))
        rows.seats.want(TakenSeat.Key(date: Sample.id(1), number: 1))
        rows.repeats.want(Sample.record(1, created: 0).key)
        rows.dates.want(groupOf: Sample.id(1))
      }
      try desk.expect(try rows.users.find(Sample.id(2)), is: nil, "the user")
      let seat = TakenSeat.Key(date: Sample.id(1), number: 1)
      try desk.expect(try rows.seats.find(seat), is: nil, "the seat")
      try desk.expect(
        try rows.repeats.find(Sample.record(1, created: 0).key),
        is: nil,
        "the record of a key"
      )
      try desk.expect(try rows.dates.find(groupOf: Sample.id(1)), is: [], "the group")
    },
    Clause("Many rows are loaded and saved in one batch") { desk in
      let seats = (1...2_000).map { Sample.seat(of: Sample.reservation($0)) }
      try await desk.commit { rows in
        for seat in seats { rows.seats.put(seat) }
      }
      var rows = try await desk.load { rows in
        for seat in seats { rows.seats.want(seat.key) }
      }
      for seat in seats {
        try desk.expect(try rows.seats.find(seat.key), is: seat, "seat \(seat.key.number)")
      }
    },
    Clause("A batch that loads again finds what it loads then") { desk in
      try await desk.commit { rows in
        rows.users.put(Sample.user(1))
        rows.users.put(Sample.user(2))
      }
      _ = try await desk.store.begin()
      var rows = WorkingSet()
      rows.users.want(Sample.id(1))
      try await desk.store.load(&rows)
      rows.users.want(Sample.id(2))
      try await desk.store.load(&rows)
      try desk.expect(try rows.users.find(Sample.id(1)), is: Sample.user(1), "the first")
      try desk.expect(try rows.users.find(Sample.id(2)), is: Sample.user(2), "the second")
    },
    Clause("Old records of idempotency keys are forgotten, and no others") { desk in
      try await desk.commit { rows in
        for number in 1...10 { rows.repeats.put(Sample.record(number, created: Int64(number))) }
      }
      for _ in 0..<5 { try await desk.commit(forgetBefore: 7) }
      var rows = try await desk.load { rows in
        for number in 1...10 { rows.repeats.want(Sample.record(number, created: 0).key) }
      }
      for number in 1...10 {
        let record = Sample.record(number, created: Int64(number))
        try desk.expect(
          try rows.repeats.find(record.key),
          is: number < 7 ? nil : record,
          "the record made at \(number)"
        )
      }
    },
    Clause("Records are forgotten as fast as batches make them") { desk in
      for round in 1...8 {
        try await desk.commit(forgetBefore: Int64(round)) { rows in
          for number in 1...50 {
            rows.repeats.put(Sample.record(round * 100 + number, created: Int64(round)))
          }
        }
      }
      for _ in 0..<2 { try await desk.commit(forgetBefore: 8) }
      let left = try await desk.reader.read { snapshot throws(StoreFailure) -> [Repeat] in
        try snapshot.page(after: nil, max: 1_000)
      }
      try desk.expect(left.count, is: 50, "the records that are left")
    },
  ]
}

private struct SamplePutter: TableVisitor {
  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
    for row in SampleRows.make(Element.self) { table.put(row) }
  }
}

private struct SampleWanter: TableVisitor {
  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
    for row in SampleRows.make(Element.self) { table.want(row.key) }
  }
}

/// Compares by columns: texts are the same only where their bytes are.
private struct SampleChecker: TableVisitor {
  var tables = 0
  var expectedTables = 0

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(ContractBroken) {
    expectedTables += 1
    let samples = SampleRows.make(Element.self)
    for row in samples where table.peek(row.key)?.columnValues != row.columnValues {
      throw ContractBroken(
        description: "a row of \(Element.shape.name) came back as another: "
          + "\(table.peek(row.key).debugDescription.prefix(500))"
      )
    }
    if samples.count > 4 { tables += 1 }
  }
}

/// Reads every table by keys and by pages of three.
private struct SampleReading: TableVisitor {
  let snapshot: any Snapshot
  var problem: String?

  init(snapshot: any Snapshot) {
    self.snapshot = snapshot
  }

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(StoreFailure) {
    let name = Element.shape.name
    let samples = SampleRows.make(Element.self).map(\.columnValues)
      .sorted { $0.lexicographicallyPrecedes($1) }
    for row in SampleRows.make(Element.self) {
      let found: Element? = try snapshot.row(row.key)
      if found?.columnValues != row.columnValues { problem = "a row of \(name) is not found" }
    }
    var all: [Element] = []
    while true {
      let page: [Element] = try snapshot.page(after: all.last?.key, max: 3)
      all += page
      guard page.count == 3, all.count <= samples.count else { break }
    }
    if all.map(\.columnValues) != samples { problem = "the pages of \(name) are not its rows" }
  }
}
