import RPCCore
import ServicesSupport
import Testing
import UsherAPI

@Suite("What gates tell")
struct TellingTests {
  // MARK: - Those who wait

  @Test("Check says all that someone who waits wants to know")
  func check() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1, sessionTTLMs: 60_000)) { $0.message = "welcome" }
    _ = try house.guardedDate(seats: 7)
    let line = try house.line(of: 5)
    let place = try line[2].check()
    #expect(place.state == .waiting)
    #expect(place.ticketID == line[2].ticket)
    #expect(place.number == 3)
    #expect(place.ahead == 1)
    #expect(place.behind == 2)
    #expect(place.message == "welcome")
    #expect(place.stock?.free == 7)
    #expect(place.offset == house.offset)
    #expect(place.asOfMs == house.now)
    #expect(place.entryToken.isEmpty)
    #expect(place.claimByMs == 0)
    let wait = try #require(place.wait)
    #expect(wait.lowMs <= wait.likelyMs)
    #expect(wait.likelyMs > 0)
    #expect(wait.likelyMs <= wait.highMs)
    #expect(wait.reason == .peopleStay)
    #expect(try #require(line[4].check().wait).likelyMs > wait.likelyMs)
  }

  @Test("Whoever asks is told to come again within the policy's bounds, later further back")
  func askAgain() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(insideMax: 1, sessionTTLMs: 60_000, askAgainMinMs: 500, askAgainMaxMs: 8_000)
    )
    let line = try house.line(of: 60)
    var told: [UInt32] = []
    for visitor in line.dropFirst() {
      for _ in 0..<3 {
        let again = try visitor.check().askAgainMs
        #expect((500...8_000).contains(again))
        told.append(again)
        house.pass(milliseconds: 7)
      }
    }
    // Not in step with each other, and the last not as often as the first.
    #expect(Set(told.prefix(9)).count > 3)
    #expect(Set(told.suffix(9)).count > 3)
    #expect(told.prefix(3).max() ?? 0 < told.suffix(3).min() ?? 0)
    #expect((500...625).contains(try claimable(line).askAgainMs))
    try line[2].leave()
    #expect(try line[2].check().askAgainMs == 0)
  }

  private func claimable(_ line: [Visitor]) throws -> Place {
    try line[0].leave()
    return try line[1].check()
  }

  @Test("A lower rate is named as the reason of a longer wait")
  func lowered() throws {
    let house = try House()
    try house.setGate("west", .init(rateCount: 10, rateIntervalMs: 1_000))
    let line = try house.line(of: 15)
    let before = try #require(try line[14].check().wait)
    #expect(before.reason == .unspecified)
    try house.setGate("west", .init(rateCount: 1, rateIntervalMs: 1_000))
    let after = try #require(try line[14].check().wait)
    #expect(after.reason == .rateLowered)
    try house.setGate("west", .init(rateCount: 20, rateIntervalMs: 1_000))
  }

  // MARK: - Operators

  @Test("A gate's counters tell what became of everyone")
  func counters() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(
        insideMax: 4,
        claimTTLMs: 4_000,
        returnGraceMs: 60_000,
        sessionTTLMs: 20_000,
        askAgainMaxMs: 5_000
      )
    )
    let date = try house.guardedDate()
    let line = try house.line(of: 9)
    try line[0].pay(try line[0].hold([1], of: date.id))
    try line[1].leave()
    // The fifth and sixth are admitted; one claims, the other is missed, and the seventh follows.
    try line[4].claim()
    house.pass(milliseconds: 4_000)
    let gate = try house.gate()
    #expect(gate.waiting == 2)
    #expect(gate.admittedUnclaimed == 1)
    #expect(gate.active == 3)
    #expect(gate.admittedTotal == 7)
    #expect(gate.missedTotal == 1)
    #expect(gate.doneTotal == 1)
    #expect(gate.leftTotal == 1)
    #expect(gate.expiredTotal == 0)
    #expect(gate.stock?.sold == 1)
    #expect(gate.rateReason == "as many are inside as may be")
    #expect(gate.revision == 1)
    let desk = house.operator.operators
    #expect(try house.run { try await desk.listGates(.init()).gates } == [gate])
    #expect(try house.run { try await desk.stats(.init()).gates } == [gate])
  }

  @Test("A gate with room tells newcomers no wait, and a full one what binds")
  func newcomers() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 2))
    let ada = try house.visitor()
    try ada.enter()
    let open = try house.gate()
    #expect(open.rateReason == "nothing binds")
    #expect(open.wait?.highMs == 0)
    let bob = try house.visitor("Bob")
    try bob.enter()
    let full = try house.gate()
    #expect(full.rateReason == "as many are inside as may be")
    #expect(full.wait?.likelyMs ?? 0 > 0)
    #expect(full.wait?.reason == .peopleStay)
  }

  @Test("A dry run changes nothing, and says what would bind and how the wait would change")
  func dryRun() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let line = try house.line(of: 4)
    let before = try house.gate()
    let offset = house.offset
    let tried = try house.setGate("west", .init(insideMax: 3)) {
      $0.message = "more"
      $0.dryRun = true
    }
    #expect(tried.gate?.policy?.insideMax == 3)
    #expect(tried.gate?.message == "more")
    #expect(tried.gate?.waiting == 3)
    #expect(tried.forecast.contains("now as many are inside as may be"), "\(tried.forecast)")
    #expect(tried.forecast.contains("2 would come in at once"), "\(tried.forecast)")
    #expect(tried.forecast.contains("0 places would move"), "\(tried.forecast)")
    #expect(try house.gate() == before)
    #expect(house.offset == offset)
    #expect(try line[1].state == .waiting)
    let new = try house.setGate("east", .init(insideMax: 1)) { $0.dryRun = true }
    #expect(new.forecast.contains("new"), "\(new.forecast)")
    let desk = house.operator.operators
    #expect(
      try house.failure { try await desk.getGate(.init(name: "east")) }?.refusal
        == "GATE_NOT_FOUND"
    )
  }

  @Test("A dry run counts those who would stand elsewhere")
  func movedPlaces() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    _ = try house.line(of: 3)
    let ada = try house.visitor()
    try ada.enter(priority: true)
    let tried = try house.setGate("west", .init(insideMax: 1, prioritySharePercent: 100)) {
      $0.dryRun = true
    }
    #expect(tried.forecast.contains("3 places would move"), "\(tried.forecast)")
    #expect(try ada.ahead == 2)
    try house.setGate("west", .init(insideMax: 1, prioritySharePercent: 100))
    #expect(try ada.ahead == 0)
  }

  @Test("A ticket's story is told in order, each thing at its offset, and never the token")
  func explain() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(insideMax: 1, claimTTLMs: 5_000, returnGraceMs: 30_000, askAgainMaxMs: 10_000)
    )
    let date = try house.guardedDate()
    let line = try house.line(of: 2)
    try line[0].leave()
    house.pass(milliseconds: 5_000)
    try line[1].claim()
    try line[1].claim()
    try house.change { try await $0.pauseGate(.init(name: "west", reason: "a fire drill")) }
    let (ticket, desk) = (line[1].ticket, house.operator.operators)
    let open = try house.run { try await desk.explainTicket(.init(ticketID: ticket)) }
    #expect(open.place?.state == .active)
    #expect(open.place?.entryToken.isEmpty == true)
    try line[1].pay(try line[1].hold([4, 5], of: date.id))
    let told = try house.run { try await desk.explainTicket(.init(ticketID: ticket)) }
    #expect(told.place?.state == .done)
    let expected = [
      "entered gate west as number 2", "waiting -> admitted, admission 2", "admitted -> missed",
      "missed -> waiting", "waiting -> admitted, admission 3", "admitted -> active",
      "the gate changed to revision 2 by first: a fire drill", "held seats 4, 5",
      "active -> done",
    ]
    #expect(told.story.count == expected.count, "\(told.story)")
    for (line, text) in zip(told.story, expected) {
      #expect(line.contains(text), "\(line)")
    }
    let offsets = told.story.compactMap { UInt64($0.prefix { $0 != " " }) }
    #expect(offsets == offsets.sorted())
    #expect(offsets.count == expected.count)
    #expect(
      try house.failure { try await desk.explainTicket(.init(ticketID: stranger)) }?.refusal
        == "FIELD_INVALID"
    )
  }
}
