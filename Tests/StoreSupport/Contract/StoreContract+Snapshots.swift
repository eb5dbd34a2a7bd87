internal import Domain
internal import Ledger

extension StoreContract {
  static let snapshotClauses: [Clause] = [
    Clause("Pages of a held state are of one moment, whatever is committed meanwhile") { desk in
      let users = (1...9).map(Sample.user)
      let head = try await desk.commit(log: [[1]]) { rows in
        for user in users { rows.users.put(user) }
      }
      let held = try await desk.reader.hold()
      var all: [User] = []
      for round in 0..<4 {
        let last = all.last?.key
        all += try await held.read { snapshot throws(StoreFailure) -> [User] in
          try snapshot.page(after: last, max: 3)
        }
        try await desk.commit(log: [[2]]) { rows in
          rows.users.remove(users[8 - round].id)
          rows.users.put(Sample.user(UInt64(100 + round)))
        }
      }
      try desk.expect(all, is: users, "the pages")
      try desk.expect(try await held.read { $0.head }, is: head, "the head")
      try desk.expect(try await held.read(firstEvents), is: [[1]], "the log")
      await held.end()
      let now = try await desk.reader.read { $0.head.batch }
      try desk.expect(now, is: 5, "what is seen by whoever holds nothing")
    },
    Clause("Two states can be held at once") { desk in
      try await desk.commit()
      let first = try await desk.reader.hold()
      try await desk.commit()
      let second = try await desk.reader.hold()
      try await desk.commit()
      try desk.expect(try await first.read { $0.head.batch }, is: 1, "the first")
      try desk.expect(try await second.read { $0.head.batch }, is: 2, "the second")
      await first.end()
      await second.end()
    },
    Clause("Readers see nothing of a batch that is not committed") { desk in
      let head = try await desk.commit()
      _ = try await desk.store.begin()
      _ = try await desk.store.giveBack(milliseconds: 1, toWhatLivedAt: Sample.start)
      try desk.expect(try await desk.reader.read { $0.head }, is: head, "the head")
    },
    Clause("Whoever waits for a commit is woken by it, and by one that has come before") { desk in
      try await desk.commit()
      await desk.reader.waitForCommit(after: 0, atMost: .seconds(3_600))
      let reader = desk.reader
      async let woken: Void = reader.waitForCommit(after: 1, atMost: .seconds(3_600))
      try await desk.commit()
      await woken
    },
    Clause("What a reader's body throws comes through") { desk in
      do throws(StoreFailure) {
        try await desk.reader.read { _ throws(StoreFailure) in throw .unreachable("as planned") }
      } catch {
        return try desk.expect(error, is: .unreachable("as planned"), "the failure")
      }
      throw ContractBroken(description: "the failure was swallowed")
    },
  ]
}
