import LoadAPI
import Measuring
import RPCCore
@testable import Rehearsal
import Reports
import Scenarios
import ServicesSupport
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("A rehearsal that several processes share")
struct CompanyTests {
  /// A sale that is soon over, in which no connection is cut on purpose: whatever is called is answered.
  private static let short = {
    var short = Scenario.small
    short.people = 30
    short.arrivals = [.constant(perSecond: 30, for: .seconds(1))]
    short.sale.rateCount = 8
    short.sale.holdTTL = .seconds(3)
    short.sale.claimTTL = .seconds(1)
    short.sale.returnGrace = .seconds(1)
    short.crowd.reconnectShare = .none
    return short
  }()

  private static let methods = [
    GateMethods.enter, GateMethods.check, GateMethods.claim, GateMethods.leave,
    ConcertMethods.listDates, ConcertMethods.listSeats, ReservationMethods.hold,
    ReservationMethods.cancel, WalletMethods.charge, PaymentMethods.pay,
  ]

  @Test("Everyone comes once, brought by one of them, and what they measured adds up exactly")
  func everyone() throws {
    let troupe = try Troupe(of: 3)
    let rehearsed = try troupe.rehearse(Self.short)
    let people = 0..<Self.short.people
    #expect(troupe.names.entries.count == people.count)
    let wanted = people.map { "worker \($0 % 3 + 1) person \($0)" }
    #expect(Set(troupe.names.entries) == Set(wanted))
    let results = rehearsed.results
    #expect(results.counts[.came] == UInt64(people.count))
    #expect(results.counts.done == UInt64(people.count))
    #expect(results.counts.ends["unfinished"] == nil)
    #expect(results.facts.entered.count == people.count)
    #expect(Set(results.facts.entered.map(\.ticket)).count == people.count)
    #expect(try #require(rehearsed.judgements).allSatisfy { $0.isKept })
    #expect(try #require(rehearsed.judgement("acknowledged-lost")).facts >= UInt64(people.count))
    #expect(results.complaints.isEmpty && results.marks.isEmpty && rehearsed.loops == 3)
    checkSums(results, troupe)
  }

  /// Compares what was measured with what the server saw of each worker, call for call.
  private func checkSums(_ results: Results, _ troupe: Troupe) {
    func seen(_ method: MethodDescriptor) -> UInt64 {
      troupe.members.reduce(0) { $0 + $1.seen.calls(of: method) }
    }
    for (step, method) in [
      ("enter", GateMethods.enter), ("check", GateMethods.check), ("hold", ReservationMethods.hold),
      ("charge", WalletMethods.charge), ("pay", PaymentMethods.pay),
    ] {
      #expect(troupe.members.allSatisfy { $0.seen.calls(of: method) > 0 }, "\(step)")
      #expect(results.steps[step]?.count == seen(method), "\(step)")
    }
    let unary = results.steps.filter { $0.key != "watch" }.values
    #expect(unary.reduce(0) { $0 + $1.count } == Self.methods.reduce(0) { $0 + seen($1) })
    for step in unary {
      let inWindows = step.windows.cells.reduce(0) {
        $0 + $1.response.count + $1.failures.values.reduce(0, +)
      }
      #expect(inWindows == step.count, "\(step.name)")
    }
  }

  @Test("The people of a seed are the same ones, whether one process brings them or three")
  func sameSeed() throws {
    // Nobody waits for anybody, so that what becomes of people follows from who they are.
    var scenario = Scenario.calm
    scenario.people = 24
    scenario.arrivals = [.constant(perSecond: 12, for: .seconds(2))]
    scenario.sale.seatsPerDate = 200
    (scenario.sale.insideMax, scenario.sale.rateCount) = (0, 0)
    scenario.crowd.bestAvailableShare = .percent(100)
    scenario.crowd.doubleSubmitSameKeyShare = .percent(20)
    scenario.crowd.lapseShare = .percent(30)
    scenario.crowd.refundShare = .percent(30)
    let three = try told(Troupe(of: 3).rehearse(scenario, seed: 4))
    let one = try told(Theatre().rehearse(scenario, seed: 4))
    #expect(one == three, "\(Set(one).symmetricDifference(three).sorted())")
    #expect(try told(Theatre().rehearse(scenario, seed: 5)) != three)
  }

  /// What became of all.
  private func told(_ rehearsed: Rehearsed) -> [String] {
    let results = rehearsed.results
    let milestones = CrowdCounts.Milestone.allCases.map { "\($0) \(results.counts[$0])" }
    let ends = results.counts.ends.map { "\($0.key) \($0.value)" }.sorted()
    let steps = results.steps.map { "\($0.key) \($0.value.count)" }.sorted()
    let arrivals = results.punctuality.windows.cells.filter { $0.planned + $0.begun > 0 }
      .map { "\($0.planned) \($0.begun)" }
    return milestones + ends + steps + arrivals
  }

  @Test("A worker that dies is named with the moment, and the others bring their part to the end")
  func dies() throws {
    let troupe = try Troupe(of: 2)
    let coordinating = troupe.coordinate(Self.short)
    let (living, dying) = (troupe.begin(troupe.members[0]), troupe.begin(troupe.members[1]))
    troupe.theatre.pass(.milliseconds(2_500)) { troupe.kill(troupe.members[1]) }
    let rehearsed = try troupe.theatre.finish(coordinating)
    #expect(try troupe.failure(of: living) == nil)
    #expect(try troupe.failure(of: dying) != nil)
    // What is silent is given up after ten seconds, and looked for twice a second.
    #expect(rehearsed.seconds < 30)
    let mark = try #require(rehearsed.results.marks.first { $0.text.hasPrefix("worker 2 ") })
    #expect(mark.text == "worker 2 was heard of for the last time")
    // It died so long after the making of the sale began, which takes a part of it.
    #expect((1_000_000_000...2_500_000_000).contains(mark.moment))
    let record = RecordMaker(rehearsed, RecordMaker.Circumstances()).record
    #expect(record.outcome == .invalid)
    #expect(record.sentence.contains("worker 2 was not heard of after"), "\(record.sentence)")
    #expect(record.marks.contains { $0.text == mark.text })
    #expect(record.generator.complaints.allSatisfy { !$0.contains("worker 1") })
    // The part of the other is whole.
    #expect(rehearsed.results.facts.entered.count == Self.short.people / 2)
    #expect(try #require(rehearsed.judgements).allSatisfy { $0.isKept })
  }

  @Test("Where not all workers come, it ends after five minutes and says how many came, to all")
  func neverComes() throws {
    let troupe = try Troupe(of: 2)
    let before = troupe.theatre.house.loop.now
    let coordinating = troupe.coordinate(.calm)
    let waiting = troupe.begin(troupe.members[0])
    let why = "1 of 2 workers came within five minutes"
    #expect(try troupe.failure(of: coordinating) == why)
    let waited = troupe.theatre.house.loop.now - before
    #expect(waited >= .seconds(300) && waited < .seconds(305))
    #expect(try troupe.failure(of: waiting)?.contains(why) == true)
    #expect(troupe.members[0].seen.opened == 0)
  }

  @Test("A worker that came and is never ready is named after five minutes")
  func neverReady() throws {
    let (troupe, coordinating, ready) = try withOneReady()
    #expect(try troupe.failure(of: coordinating) == "not ready within five minutes: worker 2")
    #expect(try troupe.failure(of: ready)?.contains("worker 2") == true)
    #expect(troupe.members[0].seen.open == 0)
  }

  @Test("A worker that is ready and goes away before the doors open ends it at once, and is named")
  func goesAway() throws {
    let (troupe, coordinating, ready) = try withOneReady()
    let before = troupe.theatre.house.loop.now
    troupe.theatre.pass(.seconds(1)) { troupe.kill(troupe.members[0]) }
    #expect(try troupe.failure(of: coordinating) == "worker 1 went away before the doors opened")
    #expect(troupe.theatre.house.loop.now - before < .seconds(2))
    #expect(try troupe.failure(of: ready) != nil)
  }

  /// A rehearsal for two, of whom the first is ready, and the second has come and does nothing.
  private func withOneReady() throws -> (Troupe, Running<Rehearsed>, Running<Void>) {
    let troupe = try Troupe(of: 2)
    let coordinating = troupe.coordinate(.calm)
    let ready = troupe.begin(troupe.members[0])
    troupe.theatre.pass(.seconds(2)) {}
    #expect(try troupe.refusal { try await $0.join(JoinRequest(version: Version.number)) } == nil)
    troupe.theatre.pass(.seconds(2)) {}
    #expect(troupe.workers.standCount == 1)
    return (troupe, coordinating, ready)
  }

  @Test("A worker that cannot reach the server ends it with the reason, and all are told")
  func noServer() throws {
    let troupe = try Troupe(of: 2)
    let coordinating = troupe.coordinate(.calm)
    troupe.theatre.house.loop.perform { troupe.members[1].toServer.die() }
    let bringing = troupe.members.map(troupe.begin)
    let why = try #require(try troupe.failure(of: coordinating))
    #expect(why.hasPrefix("worker 2: ") && why.contains("connection refused"), "\(why)")
    let told = try bringing.map { try #require(try troupe.failure(of: $0)) }
    #expect(told[0].contains("worker 2: "), "\(told[0])")
    #expect(told[1].contains("connection refused") && !told[1].contains("worker 2"), "\(told[1])")
  }

  @Test("Where the coordinator dies, workers end with the reason and leave no connection open")
  func coordinatorDies() throws {
    let troupe = try Troupe(of: 2)
    let coordinating = troupe.coordinate(Self.short)
    let bringing = troupe.members.map(troupe.begin)
    troupe.theatre.pass(.seconds(2)) {
      #expect(troupe.members.allSatisfy { $0.seen.open > 0 })
      for member in troupe.members {
        troupe.theatre.house.loop.perform { member.toCoordinator.die() }
      }
    }
    let before = troupe.theatre.house.loop.now
    for one in bringing {
      let why = try #require(try troupe.failure(of: one))
      #expect(why.hasPrefix("no coordinator at the mortal server: "), "\(why)")
    }
    // They speak with it twice a second, and do not wait for it.
    #expect(troupe.theatre.house.loop.now - before < .seconds(10))
    troupe.theatre.pass(.seconds(1)) {}
    #expect(troupe.members.map(\.seen.open) == [0, 0])
    let rehearsed = try troupe.theatre.finish(coordinating)
    #expect(rehearsed.results.complaints.count == 2)
  }

  @Test("Whoever waits for the others when the coordinator dies ends with the reason too")
  func coordinatorDiesEarly() throws {
    let troupe = try Troupe(of: 2)
    let waiting = troupe.begin(troupe.members[0])
    troupe.theatre.pass(.seconds(1)) {
      troupe.theatre.house.loop.perform { troupe.members[0].toCoordinator.die() }
    }
    let why = try #require(try troupe.failure(of: waiting))
    #expect(why.hasPrefix("no coordinator at the mortal server: "), "\(why)")
    let late = try Troupe(of: 1)
    late.theatre.house.loop.perform { late.members[0].toCoordinator.die() }
    let before = late.theatre.house.loop.now
    #expect(try late.failure(of: late.begin(late.members[0]))?.hasPrefix("no coordinator") == true)
    // It may have been started before its coordinator.
    #expect(late.theatre.house.loop.now - before >= .seconds(30))
  }

  @Test("Whoever is of another version or another run is refused, and the run goes on")
  func strangers() throws {
    let troupe = try Troupe(of: 2)
    let old = try #require(try troupe.refusal { try await $0.join(JoinRequest(version: "0.0.1")) })
    #expect(old.code == .failedPrecondition && old.message.contains(Version.number))
    let coordinating = troupe.coordinate(Self.short)
    let bringing = troupe.members.map(troupe.begin)
    troupe.theatre.pass(.seconds(2)) {}
    let late = try #require(
      try troupe.refusal { try await $0.join(JoinRequest(version: Version.number)) }
    )
    #expect(late.code == .failedPrecondition && late.message.contains("as many workers"))
    for (part, pass) in [(UInt32(0), ""), (1, "of another run"), (2, ""), (.max, "")] {
      let results = Array("{}".utf8)
      let refusals = [
        try troupe.refusal { try await $0.stand(StandRequest(part: part, pass: pass)) },
        try troupe.refusal {
          try await $0.stand(StandRequest(part: part, failure: "it is broken", pass: pass))
        },
        try troupe.refusal {
          try await $0.tell(Interim(part: part, results: results, pass: pass))
        },
        try troupe.refusal {
          try await $0.finish {
            try await $0.write(Piece(part: part, results: results, pass: pass))
          }
        },
      ]
      #expect(refusals.map { $0?.code } == Array(repeating: .permissionDenied, count: 4))
    }
    let rehearsed = try troupe.theatre.finish(coordinating)
    for one in bringing { #expect(try troupe.failure(of: one) == nil) }
    #expect(rehearsed.results.counts.done == UInt64(Self.short.people))
    #expect(rehearsed.results.counts.ends["unfinished"] == nil)
    #expect(rehearsed.results.complaints.isEmpty)
  }

  @Test("Whoever interrupts the one who coordinates gets what all came to until then, judged")
  func interrupted() throws {
    let troupe = try Troupe(of: 2)
    let coordinating = troupe.coordinate(Self.short)
    let bringing = troupe.members.map(troupe.begin)
    troupe.theatre.pass(.seconds(2)) { coordinating.cancel() }
    let rehearsed = try troupe.theatre.finish(coordinating)
    for one in bringing { #expect(try troupe.failure(of: one) == nil) }
    #expect(rehearsed.ending == .interrupted && rehearsed.seconds < 4)
    #expect(rehearsed.results.counts.ends["unfinished"] ?? 0 > 0)
    #expect(rehearsed.results.counts.done == UInt64(Self.short.people))
    #expect(rehearsed.results.facts.entered.count == Self.short.people)
    #expect(rehearsed.results.complaints.isEmpty)
    #expect(try #require(rehearsed.judgements).allSatisfy { $0.isKept })
  }
}
