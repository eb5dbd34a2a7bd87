internal import Domain
internal import Ledger

extension StoreContract {
  static let headClauses: [Clause] = [
    Clause("An empty store stands at the beginning") { desk in
      let head = try await desk.store.begin().head
      try desk.expect(head.offset, is: 0, "the offset")
      try desk.expect(head.batch, is: 0, "the batch")
      try desk.expect(head.time, is: Instant(milliseconds: 0), "the time")
      try desk.expect(head.hash, is: Head.firstHash, "the hash")
      try desk.expect(head.epoch > 0, is: true, "that the epoch is above 0")
    },
    Clause("A commit moves the head to what the batch says") { desk in
      let first = try await desk.commit(log: [[1], [2]], time: 1_000)
      try desk.expect(try await desk.store.begin().head, is: first, "the head")
      await desk.store.rollBack()
      let wanted = Head(
        epoch: UInt64(Int64.max),
        offset: first.offset,
        batch: first.batch + 1,
        time: Instant(milliseconds: .max),
        hash: (0..<32).map { 255 - $0 }
      )
      _ = try await desk.store.begin()
      try await desk.store.commit(
        Batch(rows: WorkingSet(), head: wanted, log: [], forgetRepeatsBefore: wanted.time)
      )
      try desk.expect(try await desk.store.begin().head, is: wanted, "the head")
    },
    Clause("Every commit is counted, and nothing else") { desk in
      for _ in 0..<3 { try await desk.commit() }
      _ = try await desk.store.begin()
      await desk.store.rollBack()
      try desk.expect(try await desk.store.begin().head.batch, is: 3, "the batches")
      try desk.expect(try await desk.reader.read { $0.head.batch }, is: 3, "what readers see")
    },
    Clause("A batch that is rolled back leaves nothing") { desk in
      let user = Sample.user(1)
      let before = try await desk.commit { $0.users.put(user) }
      _ = try await desk.store.begin()
      _ = try await desk.store.giveBack(
        milliseconds: 1,
        toWhatLivedAt: Instant(milliseconds: 0)
      )
      await desk.store.rollBack()
      try desk.expect(try await desk.store.begin().head, is: before, "the head")
      await desk.store.rollBack()
      try desk.expect(try await desk.reader.read { $0.head }, is: before, "what readers see")
    },
    Clause("Rolling back where no batch is open does nothing") { desk in
      await desk.store.rollBack()
      try await desk.commit()
      await desk.store.rollBack()
      try desk.expect(try await desk.store.begin().head.batch, is: 1, "the batches")
    },
    Clause("What was committed is there when the store is opened again") { desk in
      let user = Sample.user(1)
      let head = try await desk.commit(log: [[7]]) { $0.users.put(user) }
      try await desk.reopen()
      try desk.expect(try await desk.store.begin().head, is: head, "the head")
      await desk.store.rollBack()
      var rows = try await desk.load { $0.users.want(user.id) }
      try desk.expect(try rows.users.find(user.id), is: user, "the row")
      try desk.expect(try await desk.reader.read(firstEvents), is: [[7]], "the log")
    },
  ]

  @Sendable
  static func firstEvents(_ snapshot: any Snapshot) throws(StoreFailure) -> [[UInt8]] {
    try snapshot.log(from: 1, max: 10)
  }
}
