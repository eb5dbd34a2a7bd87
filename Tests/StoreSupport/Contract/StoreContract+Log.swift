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
    Clause("The log tells the last offset that it has in common with each of its epochs") { desk in
      try await desk.expectCommonOffsets([0, 0, 0])
      try await desk.commit(log: [[1], [1], [1]])
      try await desk.expectCommonOffsets([0, 3, 0])
      try await desk.commit(epoch: 2)
      try await desk.expectCommonOffsets([0, 3, 3, 0])
      try await desk.commit(log: [[2]])
      try await desk.commit(log: [[4], [4]], epoch: 4)
      try await desk.expectCommonOffsets([0, 3, 4, 4, 6, 0])
      try await desk.reopen()
      try await desk.expectCommonOffsets([0, 3, 4, 4, 6, 0])
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

/// Events that say nothing but their epoch.
private struct EpochCoder: EventCoder {
  func encode(_ event: LoggedEvent) -> [UInt8] { [UInt8(event.epoch)] }

  func decode(_ bytes: [UInt8]) -> LoggedEvent? {
    LoggedEvent(
      epoch: UInt64(bytes[0]),
      offset: 0,
      at: Instant(milliseconds: 0),
      event: .timeGivenBack(milliseconds: 0, tickets: 0, holds: 0)
    )
  }
}

extension Desk {
  /// For each epoch from 0 on.
  func expectCommonOffsets(_ expected: [UInt64]) async throws {
    let found = try await reader.read { snapshot throws(StoreFailure) in
      var found: [UInt64] = []
      for epoch in expected.indices {
        found.append(try snapshot.lastCommonOffset(with: UInt64(epoch), by: EpochCoder()))
      }
      return found
    }
    try expect(found, is: expected, "the last common offsets of the epochs from 0 on")
  }

  func expectLog(from offset: UInt64, max: Int, is expected: [[UInt8]]) async throws {
    let found = try await reader.read { snapshot throws(StoreFailure) in
      try snapshot.log(from: offset, max: max)
    }
    try expect(found, is: expected, "\(max) events from \(offset)")
  }
}
