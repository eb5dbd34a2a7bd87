import Measuring
import RPCCore
@testable import Rehearsal
import Scenarios
import TestSupport
import Testing
import Wire

@Suite("One method, called over and over")
struct CallRunTests {
  @Test("Every planned call begins once and at its moment, also while the server answers none")
  func stalledServer() throws {
    let callee = Callee { loop in
      let stall = Moment(nanoseconds: 4_000_000_000) - loop.now
      if stall > .seconds(2) { try await loop.pause(for: stall) }
    }
    let begin = callee.loop.now
    let scenario = Scenario.hundredASecond(200)
    let rehearsed = try CalleeRun(of: callee, scenario).finish()
    let planned = scenario.schedule(seed: 1).part(.whole).map { ("\($0.number)", $0.moment) }
    let first = try #require(callee.calls.first).moment
    let came = callee.calls.map {
      ($0.name, planned[0].1 + UInt64(($0.moment - first).wholeNanoseconds))
    }
    #expect(came.map(\.0) == planned.map(\.0) && came.map(\.1) == planned.map(\.1))
    let (calls, punctuality) = (try rehearsed.calls, rehearsed.results.punctuality)
    #expect(calls.response.count == 200 && calls.failed.isEmpty)
    #expect(punctuality.begun == 200 && punctuality.planned == 200)
    #expect(punctuality.lateness.max == 0)
    // The first waited until the stall was over.
    let longest = UInt64((Moment(nanoseconds: 4_000_000_000) - first).wholeNanoseconds)
    #expect(first - begin < .seconds(1) && calls.response.max == longest)
    #expect(calls.response.min == 0)
  }

  @Test("Latency counts from the planned moment, also of a call that was sent late")
  func lateSender() throws {
    let callee = Callee()
    let run = try CalleeRun(of: callee, .hundredASecond(200))
    callee.loop.advance(by: .milliseconds(505))
    let before = callee.calls.count
    callee.loop.sleepThrough(.seconds(1))
    #expect(callee.calls.count - before == 100)
    let rehearsed = try run.finish()
    let calls = try rehearsed.calls
    #expect(calls.response.count == 200)
    // The server takes no time, and the first that was due in the stall waited for nearly all of it.
    #expect(calls.service.max == 0)
    #expect((990_000_000...1_000_000_000).contains(calls.response.max))
    #expect(calls.response.share(atMost: 0) == 0.5)
    #expect(rehearsed.results.punctuality.lateness.max == calls.response.max)
  }

  @Test(
    "Callers in a loop have as many calls open as they are, and make as many as were asked for",
    arguments: [CalleeRun.Naming.allAlike, .byNumber]
  )
  func closedLoop(naming: CalleeRun.Naming) throws {
    let callee = Callee { try await $0.pause(for: .milliseconds(10)) }
    let begin = callee.loop.now
    let rehearsed = try CalleeRun(of: callee, .callers(5, 42), naming).finish()
    #expect(callee.openMost == 5)
    #expect(callee.calls.count == 42 && rehearsed.results.health.living == 5)
    if naming == .byNumber {
      #expect(Set(callee.calls.map(\.name)) == Set((0..<42).map(String.init)))
    }
    let calls = try rehearsed.calls
    #expect(calls.response.count == 42)
    #expect(calls.response.min == 10_000_000 && calls.response.max == 10_000_000)
    // Nine rounds of ten milliseconds: nobody waits for anyone.
    #expect(callee.loop.now - begin < .milliseconds(90 + 50))
  }

  @Test("Where there are more callers than calls, nobody makes one too many")
  func fewCalls() throws {
    let callee = Callee { try await $0.pause(for: .milliseconds(10)) }
    let rehearsed = try CalleeRun(of: callee, .callers(7, 3), .allAlike).finish()
    #expect(callee.calls.count == 3)
    #expect(try rehearsed.calls.count == 3)
  }

  @Test("What was planned while it warmed up is made and seen over time, and not counted")
  func warmUp() throws {
    var planned = Scenario.hundredASecond(100)
    planned.warmUp = .milliseconds(305)
    let schedule = planned.schedule(seed: 1).part(.whole).map(\.moment)
    let open = Callee()
    let opened = try CalleeRun(of: open, planned).finish()
    #expect(open.calls.count == 100)
    #expect(try opened.calls.count == UInt64(schedule.count { $0 >= 305_000_000 }))
    #expect(try inWindows(opened.calls) == 100)
    var looped = Scenario.callers(1, 30)
    looped.warmUp = .milliseconds(95)
    let closed = Callee { try await $0.pause(for: .milliseconds(10)) }
    let closedRun = try CalleeRun(of: closed, looped, .allAlike).finish()
    // They begin every ten milliseconds, from 0 on.
    #expect(try closedRun.calls.count == 20)
    #expect(try inWindows(closedRun.calls) == 30)
  }

  private func inWindows(_ calls: StepMeasure) -> UInt64 {
    calls.windows.cells.reduce(0) { $0 + $1.response.count + $1.failures.values.reduce(0, +) }
  }

  @Test(
    "The time limit ends it though nothing is answered, and whoever was not answered is counted",
    arguments: [
      Scenario.hundredASecond(400, timeLimit: .seconds(3)), .callers(6, 99, timeLimit: .seconds(3)),
    ]
  )
  func timeLimit(scenario: Scenario) throws {
    let never = Gate()
    let callee = Callee { _ in try await never.passOrCancel() }
    let rehearsed = try CalleeRun(of: callee, scenario).finish()
    #expect((3...3.1).contains(rehearsed.seconds) && rehearsed.ending == .itself)
    let calls = try rehearsed.calls
    // Of those that were sent in the last second nobody can say that they are overdue.
    let overdue = scenario.callers ?? 200
    #expect(callee.calls.count == scenario.callers ?? 300)
    #expect(calls.response.isEmpty)
    #expect(calls.failures.keys.sorted() == ["UNANSWERED"])
    #expect(abs(Int(calls.errors) - overdue) <= 1)
  }

  @Test("A server that refuses everything is called again after a pause, by every caller")
  func refusing() throws {
    let callee = Callee { _ in throw RPCFailure(.unavailable, "not today") }
    let scenario = Scenario.callers(4, 100_000, timeLimit: .seconds(2))
    let calls = try CalleeRun(of: callee, scenario, .allAlike).finish().calls
    #expect(calls.response.isEmpty && calls.errors == calls.count)
    // Each calls at once and then ten times a second.
    #expect(calls.count == 4 * 20)
    #expect(callee.calls.count == 4 * 20)
  }

  @Test("A server that is gone is not hammered, and is called again when it is back")
  func gone() throws {
    let callee = Callee { try await $0.pause(for: .milliseconds(10)) }
    let connector = MortalConnector(to: try callee.makeCore(), on: callee.loop)
    let run = try CalleeRun(
      of: callee,
      .callers(4, 100_000, timeLimit: .seconds(6)),
      through: connector
    )
    callee.loop.advance(by: .seconds(2))
    callee.loop.perform { connector.die() }
    let before = callee.calls.count
    callee.loop.advance(by: .seconds(2))
    #expect(callee.calls.count == before)
    connector.revive()
    let rehearsed = try run.finish()
    #expect(callee.calls.count > before + 50)
    let calls = try rehearsed.calls
    #expect(calls.response.count > UInt64(before))
    // The four that were open, and then each ten times a second.
    #expect((4 * 19...4 * 22).contains(Int(calls.errors)), "\(calls.errors)")
    #expect(rehearsed.results.marks.contains { $0.text.hasPrefix("a connection was lost: ") })
  }

  @Test("Whoever interrupts it gets what there is until then", arguments: [nil, 3])
  func cancelled(callers: Int?) throws {
    let callee = Callee { try await $0.pause(for: .milliseconds(10)) }
    let scenario = callers.map { Scenario.callers($0, 100_000) } ?? .hundredASecond(1_000)
    let run = try CalleeRun(of: callee, scenario)
    callee.loop.advance(by: .seconds(1))
    run.cancel()
    let rehearsed = try run.finish()
    #expect(rehearsed.ending == .interrupted)
    #expect((0.9...1.1).contains(rehearsed.seconds))
    let calls = try rehearsed.calls
    // Those that were open have had no time to become overdue.
    #expect(calls.errors == 0)
    #expect(Int(calls.count) >= callee.calls.count - (callers ?? 2) && calls.count > 90)
    let punctuality = rehearsed.results.punctuality
    #expect(punctuality.begun == punctuality.planned)
  }

  @Test("What is made of a template for some numbers and is no request is counted, and not sent")
  func noRequest() throws {
    let callee = Callee()
    for scenario in [Scenario.hundredASecond(40), .callers(2, 40)] {
      let before = callee.calls.count
      let rehearsed = try CalleeRun(of: callee, scenario, .odd).finish()
      let calls = try rehearsed.calls
      #expect(callee.calls.count - before == 20)
      #expect(calls.response.count == 20)
      #expect(calls.failures.values.map(\.count) == [20])
    }
  }

  @Test("A method that takes a stream of requests is refused")
  func requestStreams() throws {
    let method = MethodDescriptor(
      service: "test.Callee",
      name: "Tell",
      kind: .clientStreaming,
      effects: .none,
      isAtOnce: false
    )
    let callee = Callee()
    let connector = InProcessConnector(to: try callee.makeCore(), on: callee.loop)
    #expect(throws: RehearsalFailure.self) {
      try CallRun(
        of: .callers(1, 1),
        seed: 1,
        method: method,
        .each { _ in nil },
        on: Grounds(through: connector, on: callee.loop),
        connections: 1
      )
    }
  }
}
