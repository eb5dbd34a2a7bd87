import Measuring
import RPCCore
import Reports
import Scenarios
import ServicesSupport
import TestSupport
import Testing
import Threads
import UsherAPI

@testable import Rehearsal

@Suite("A rehearsal in which something goes wrong")
struct TroubleTests {
  @Test("A server that is not there ends it at once")
  func missing() throws {
    let theatre = try Theatre(connector: { MortalConnector(to: $0, on: $1, isDead: true) })
    let rehearsal = theatre.rehearsal(.small)
    let before = theatre.house.loop.now
    let running = theatre.house.loop.start { try await rehearsal.run { _ in } }
    #expect(throws: RPCFailure.self) { try theatre.finish(running) }
    #expect(theatre.house.loop.now - before < .seconds(60))
  }

  @Test("A server that dies is marked with the moment, and nothing hangs")
  func dies() throws {
    let (theatre, rehearsed) = try rehearse { connector, theatre in
      theatre.house.loop.perform { connector.die() }
    }
    let results = rehearsed.results
    #expect(results.marks.contains { $0.text.hasPrefix("a connection was lost") })
    let silence = try #require(
      results.marks.first { $0.text.hasPrefix("the server does not answer") }
    )
    // It died five seconds after the making of the sale began, which takes some of them.
    #expect((2_000_000_000...10_000_000_000).contains(silence.moment))
    #expect(rehearsed.seconds <= 90.1)
    #expect(results.counts.done == results.counts[.came])
    #expect(rehearsed.judgements == nil)
    guard case .failure(let why)? = rehearsed.sold?.judgements else { return }
    #expect(why.description.contains("did not answer when it was to be judged"))
    _ = theatre
  }

  @Test(
    "A server that is back after a while is rehearsed with to the end, and has kept its promises"
  )
  func revives() throws {
    let seen = Seen()
    let (_, rehearsed) = try rehearse(seen) { connector, theatre in
      theatre.house.loop.perform { connector.die() }
      theatre.house.loop.advance(by: .seconds(8))
      #expect(seen.sales.last?.silences.count == 1)
      connector.revive()
    }
    let marks = rehearsed.results.marks.map(\.text)
    #expect(marks.contains { $0.hasPrefix("the server does not answer") })
    #expect(marks.contains("the server answers again"))
    let broken = try #require(rehearsed.judgements).filter { !$0.isKept }
    #expect(broken.isEmpty, "\(broken)")
    #expect(rehearsed.results.counts.ends["bought"] ?? 0 > 10)
    // Those who look on see both, and each once.
    let silences = try #require(seen.sales.last).silences
    #expect(silences.map { $0.text.prefix(18) } == ["the server does no", "the server answers"])
    #expect(silences.allSatisfy { rehearsed.results.marks.contains($0) })
  }

  /// Rehearses, and after five seconds lets something happen.
  private func rehearse(
    _ seen: Seen = Seen(),
    _ happening: (MortalConnector, Theatre) -> Void
  ) throws -> (Theatre, Rehearsed) {
    let theatre = try Theatre(connector: { MortalConnector(to: $0, on: $1) })
    let connector = try #require(theatre.connector as? MortalConnector)
    let rehearsal = theatre.rehearsal(.small)
    let running = theatre.house.loop.start { try await rehearsal.run { seen.add($0) } }
    theatre.pass(.seconds(5)) { happening(connector, theatre) }
    return (theatre, try theatre.finish(running))
  }

  @Test("Whoever interrupts it gets what there is until then, judged")
  func interrupted() throws {
    let theatre = try Theatre()
    let rehearsal = theatre.rehearsal(.small)
    let running = theatre.house.loop.start { try await rehearsal.run { _ in } }
    theatre.pass(.seconds(4)) { running.cancel() }
    let rehearsed = try theatre.finish(running)
    #expect(rehearsed.ending == .interrupted)
    #expect(rehearsed.seconds < 5)
    let judgements = try #require(rehearsed.judgements)
    #expect(judgements.allSatisfy { $0.isKept })
    #expect(rehearsed.results.counts.ends["unfinished"] ?? 0 > 0)
    let lost = try #require(judgements.first { $0.name == "acknowledged-lost" })
    #expect(lost.facts >= rehearsed.results.counts[.entered])
    // Nobody who was left behind is let in while something else is measured.
    let desk = Desk(Client(connector: theatre.connector), theatre.keys)
    let asking = theatre.house.loop.start {
      let request = GetGateRequest(name: "rehearsal-test")
      return try await desk.operators.getGate(request, options: try desk.asOperator())
    }
    #expect(try theatre.finish(asking).mode == .paused)
  }

  @Test("It ends at its time limit, whatever is going on")
  func timeLimit() throws {
    var scenario = Scenario.small
    scenario.timeLimit = .seconds(6)
    let rehearsed = try Theatre().rehearse(scenario)
    #expect((6...6.1).contains(rehearsed.seconds))
    #expect(rehearsed.results.counts.ends["unfinished"] ?? 0 > 0)
    #expect(rehearsed.judgements?.allSatisfy { $0.isKept } == true)
    #expect(rehearsed.ending == .itself)
  }

  @Test("What was planned while it warmed up is seen over time and not counted")
  func warmUp() throws {
    var scenario = Scenario.small
    let whole = try Theatre().rehearse(scenario).results
    scenario.warmUp = .seconds(1)
    let counted = try Theatre().rehearse(scenario).results
    let (all, enter) = (try #require(whole.steps["enter"]), try #require(counted.steps["enter"]))
    #expect(enter.count < all.count)
    #expect(enter.count >= 40)
    func inWindows(_ measure: StepMeasure) -> UInt64 {
      measure.windows.cells.reduce(0) { $0 + $1.response.count }
    }
    #expect(inWindows(enter) == all.count)
    #expect(inWindows(all) == all.count)
    #expect(counted.counts == whole.counts)
  }

  @Test("Those who look on see it grow, and every promise about gates kept meanwhile")
  func progress() throws {
    let theatre = try Theatre()
    let seen = Seen()
    let rehearsal = theatre.rehearsal(.small)
    _ = try theatre.finish(
      theatre.house.loop.start { try await rehearsal.run { seen.add($0) } }
    )
    let glances = seen.glances
    #expect(glances.count > 20)
    #expect(glances.map(\.seconds) == glances.map(\.seconds).sorted())
    let sales = seen.sales
    #expect(sales.count == glances.count)
    #expect(sales.map(\.admitted) == sales.map(\.admitted).sorted())
    #expect(sales.contains { $0.waiting > 20 })
    #expect(sales.allSatisfy { $0.inside <= 8 && $0.sold + $0.held <= $0.seats })
    #expect(sales.allSatisfy { $0.judgements.allSatisfy { $0.isKept } })
    #expect(sales.last?.judgements.count == 4)
  }

  @Test("Whoever cannot wait sees all that there is so far, and what the log says of it")
  func soFar() throws {
    let theatre = try Theatre()
    let seen = Seen()
    let rehearsal = theatre.rehearsal(.small)
    let records = Guarded<[RunRecord]>([])
    _ = try theatre.finish(
      theatre.house.loop.start {
        try await rehearsal.run { progress in
          seen.add(progress)
          guard case .playing(let glance) = progress, seen.glances.count == 12 else { return }
          records.withLock { $0.append(RecordMaker(glance.soFar(), .init()).record) }
        }
      }
    )
    let record = try #require(records.withLock { $0 }.first)
    #expect(record.outcome == .underWay)
    #expect(record.verdicts.count == 4)
    #expect(record.verdicts.allSatisfy { $0.isKept })
    let sale = seen.sales[11]
    #expect(record.timeline.waiting.last == sale.waiting)
    #expect(record.timeline.seatsSold.last == sale.sold)
  }
}
