import Foundation
import LoadAPI
import Measuring
import RPCCore
@testable import Rehearsal
import Testing
import UsherAPI

@Suite("What a coordinator knows of its workers")
struct WorkersTests {
  private static let half: UInt64 = 500_000_000

  /// So many workers who have come, and what each is to show.
  private func workers(_ count: Int) async throws -> (Workers, passes: [String]) {
    let workers = Workers(count)
    workers.assign(Assignment())
    let assignments = try await withThrowingTaskGroup(of: Assignment.self) { group in
      for _ in 0..<count {
        group.addTask {
          try await workers.join(
            JoinRequest(version: Version.number),
            context: CallContext(method: CoordinationMethods.join)
          ).message()
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    return (workers, assignments.sorted { $0.part < $1.part }.map(\.pass))
  }

  private func tell(_ workers: Workers, _ part: Int, _ pass: String, _ results: Results)
    async throws
  {
    let json = Array(try JSONEncoder().encode(results))
    _ = try await workers.tell(
      Interim(part: UInt32(part), results: json, pass: pass),
      context: CallContext(method: CoordinationMethods.tell)
    )
  }

  @Test(
    "One who says nothing for ten seconds is lost since it was heard last, until it is heard again"
  )
  func silent() async throws {
    let (workers, passes) = try await workers(2)
    for look in UInt64(1)...20 { workers.look(at: look * Self.half) }
    #expect(workers.lost.isEmpty && !workers.areAllDone)
    try await tell(workers, 0, passes[0], Results())
    workers.look(at: 21 * Self.half)
    #expect(workers.lost.map(\.name) == ["worker 2"] && !workers.areAllDone)
    #expect(workers.lost.map(\.moment) == [Self.half])
    for look in UInt64(22)...41 { workers.look(at: look * Self.half) }
    #expect(workers.lost.map(\.name) == ["worker 1", "worker 2"] && workers.areAllDone)
    #expect(workers.lost.first?.moment == 21 * Self.half)
    try await tell(workers, 1, passes[1], Results())
    #expect(workers.lost.map(\.name) == ["worker 1"] && !workers.areAllDone)
  }

  @Test("What they tell adds up to the last bucket, and what one says again replaces what it said")
  func sums() async throws {
    let (workers, passes) = try await workers(2)
    var whole = StepMeasure(name: "hold", method: "Hold")
    var parts = [whole, whole]
    for number in UInt64(0)..<400 {
      let moments = StepMeasure.Moments(
        planned: number * 10_000_000,
        sent: number * 10_000_000 + number,
        ended: number * 10_000_000 + number * number * 977
      )
      if number % 7 == 0 {
        whole.failed(moments, as: "SEAT_TAKEN", isError: false, counted: 0)
        parts[Int(number % 2)].failed(moments, as: "SEAT_TAKEN", isError: false, counted: 0)
      } else {
        whole.succeeded(moments, counted: 0)
        parts[Int(number % 2)].succeeded(moments, counted: 0)
      }
    }
    for _ in 1...2 {
      for part in 0..<2 {
        var results = Results()
        results.steps["hold"] = parts[part]
        try await tell(workers, part, passes[part], results)
      }
    }
    let told = try #require(workers.results.steps["hold"])
    for (one, other) in [
      (told.response, whole.response), (told.service, whole.service), (told.failed, whole.failed),
    ] {
      #expect(Array(one.buckets) == Array(other.buckets))
      #expect(one.count == other.count && one.min == other.min && one.max == other.max)
    }
    #expect(told.failures == whole.failures)
    #expect(told.windows.cells.map(\.response.count) == whole.windows.cells.map(\.response.count))
    #expect(told.windows.cells.map(\.failures) == whole.windows.cells.map(\.failures))
  }
}
