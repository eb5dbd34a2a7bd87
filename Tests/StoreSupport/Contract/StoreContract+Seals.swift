internal import Domain
internal import Ledger

extension StoreContract {
  static let sealClauses: [Clause] = [
    Clause("Every event is found with the seal of its batch, and no event between two is missed") {
      desk in
      var before = Head.firstHash
      for count in [1, 3, 1, 20, 2] {
        let log = (0..<count).map { [UInt8($0)] }
        let hash = try await desk.commit(log: log, sealed: true).hash
        try await desk.commit()
        try desk.expect(try await desk.store.begin().head.hash, is: hash, "the head's hash")
        await desk.store.rollBack()
        try desk.expect(hash == before, is: false, "that the chain stands still")
        before = hash
      }
      let all = try await desk.seals(of: 1...27)
      try desk.expect(
        all.map { $0.map { $0.offsets.count } ?? 0 },
        is: [1, 3, 3, 3, 1] + Array(repeating: 20, count: 20) + [2, 2],
        "how many events each one's batch has"
      )
      for (seal, next) in zip(all, all.dropFirst()) where seal != next {
        guard let seal, let next else { continue }
        try desk.expect(next.offsets.lowerBound, is: seal.offsets.upperBound + 1, "the next")
        try desk.expect(next.before, is: Sample.hash(after: seal), "what the chain had come to")
      }
      try desk.expect(
        all.last ?? nil,
        is: Sample.seal(of: [[0], [1]], after: Head(offset: 25, hash: all[26]?.before ?? [])),
        "the last seal"
      )
    },
    Clause("Where there is no seal none is found, beyond the end and before the first") { desk in
      try desk.expect(try await desk.seals(of: 0...1), is: [nil, nil], "those of an empty store")
      try await desk.commit(log: [[1], [2]])
      try await desk.commit(log: [[3]], sealed: true)
      try desk.expect(
        try await desk.seals(of: 0...4).map { $0 != nil },
        is: [false, false, false, true, false],
        "which events have seals"
      )
      for offset in [UInt64(Int64.max), .max] {
        try desk.expect(try await desk.seals(of: offset...offset), is: [nil], "that of \(offset)")
      }
    },
    Clause("Seals and the head's hash are there when the store is opened again") { desk in
      let head = try await desk.commit(log: [[7], [8]], sealed: true)
      let seals = try await desk.seals(of: 1...2)
      try await desk.reopen()
      try desk.expect(try await desk.store.begin().head, is: head, "the head")
      await desk.store.rollBack()
      try desk.expect(try await desk.seals(of: 1...2), is: seals, "the seals")
      try desk.expect(seals.contains(nil), is: false, "that one is missing")
    },
    Clause("A batch that is rolled back leaves no seal") { desk in
      _ = try await desk.store.begin()
      await desk.store.rollBack()
      try desk.expect(try await desk.seals(of: 1...1), is: [nil], "the seal")
      try desk.expect(
        try await desk.reader.read { $0.head.hash },
        is: Head.firstHash,
        "the head's hash"
      )
    },
  ]
}

extension Desk {
  /// The seal of every event there.
  func seals(of offsets: ClosedRange<UInt64>) async throws -> [Seal?] {
    try await reader.read { snapshot throws(StoreFailure) in
      var seals: [Seal?] = []
      for offset in offsets { seals.append(try snapshot.seal(of: offset)) }
      return seals
    }
  }
}

extension Head {
  /// A head of which nothing else matters.
  fileprivate init(offset: UInt64, hash: [UInt8]) {
    self.init(epoch: 1, offset: offset, batch: 0, time: Sample.start, hash: hash)
  }
}
