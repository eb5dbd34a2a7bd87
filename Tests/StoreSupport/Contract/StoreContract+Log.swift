internal import Domain
internal import Ledger

extension StoreContract {
  static let logClauses: [Clause] = [
    Clause("The log gives every event in order, from any offset, as many as are asked for") {
      desk in
      let events = (1...20).map { [UInt8($0)] }
      try await desk.commit(log: Array(events[..<7]))
      try await desk.commit()
      try await desk.commit(log: Array(events[7...]))
      try await desk.expectLog(from: 1, max: 100, is: events)
      try await desk.expectLog(from: 0, max: 3, is: Array(events[..<3]))
      try await desk.expectLog(from: 7, max: 2, is: Array(events[6..<8]))
      try await desk.expectLog(from: 20, max: 2, is: [events[19]])
      try await desk.expectLog(from: 21, max: 2, is: [])
      try await desk.expectLog(from: UInt64(Int64.max), max: 2, is: [])
      try await desk.expectLog(from: .max, max: 2, is: [])
    },
    Clause("Events are kept byte for byte, empty and large") { desk in
      let events: [[UInt8]] = [
        [], [0], [0, 1, 0], (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 7) },
        [UInt8](repeating: 0, count: 1_000_000),
      ]
      try await desk.commit(log: events)
      try await desk.expectLog(from: 1, max: 10, is: events)
    },
    Clause("A batch that is rolled back leaves no gap in the log") { desk in
      try await desk.commit(log: [[1]])
      _ = try await desk.store.begin()
      await desk.store.rollBack()
      try await desk.commit(log: [[2]])
      try await desk.expectLog(from: 1, max: 10, is: [[1], [2]])
    },
  ]
}

extension Desk {
  func expectLog(from offset: UInt64, max: Int, is expected: [[UInt8]]) async throws {
    let found = try await reader.read { snapshot throws(StoreFailure) in
      try snapshot.log(from: offset, max: max)
    }
    try expect(found, is: expected, "\(max) events from \(offset)")
  }
}
