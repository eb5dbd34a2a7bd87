import ServicesSupport
import Testing
import UsherAPI

@Suite("A line, as those in it see it")
struct LineTests {
  @Test("Whoever enters again has the place that they had, and hears that it was there")
  func enterAgain() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let line = try house.line(of: 3)
    let first = try line[1].enter()
    let second = try line[1].enter()
    for response in [first, second] {
      #expect(response.existing)
      #expect(response.place?.ticketID == line[1].ticket)
      #expect(response.place?.number == 2)
      #expect(response.place?.ahead == 0)
      #expect(response.place?.behind == 1)
    }
    #expect(first.offset == second.offset)
    #expect(first.atMs == second.atMs)
    #expect(try house.gate().waiting == 2)
  }

  @Test("The same person has a place of its own in every gate")
  func severalGates() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    try house.setGate("east", .init(insideMax: 1))
    _ = try house.line(of: 2, at: "west")
    let ada = try house.visitor(at: "west")
    #expect(try ada.enter().place?.number == 3)
    let guest = ada.outside
    let other = try house.run { try await guest.gates.enter(.init(gate: "east")) }
    #expect(other.place?.number == 1)
    #expect(other.existing == false)
    #expect(other.place?.state == .active)
  }

  @Test("Everyone's place is exact, whoever leaves")
  func places() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let line = try house.line(of: 9)
    for place in [4, 2, 8, 1] { try line[place].leave() }
    // Inside is the first; these wait.
    let waiting = [3, 5, 6, 7].map { line[$0] }
    for (ahead, visitor) in waiting.enumerated() {
      let place = try visitor.check()
      #expect(place.state == .waiting)
      #expect(place.ahead == UInt64(ahead))
      #expect(place.behind == UInt64(3 - ahead))
    }
    #expect(try line[4].state == .left)
    #expect(try line[4].check().ahead == 0)
  }

  @Test("A gate that lets one in lets the next in when they leave, in the same commit")
  func leaving() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let line = try house.line(of: 3)
    for (number, visitor) in line.enumerated() {
      #expect(try visitor.state == (number == 0 ? .active : .admitted))
      if number > 0 { #expect(try visitor.claim().state == .active) }
      if number < 2 { #expect(try line[number + 1].state == .waiting) }
      let before = house.now
      #expect(try visitor.leave().state == .left)
      guard number < 2 else { continue }
      let next = try line[number + 1].check()
      #expect(next.state == .admitted)
      // At the moment at which the other left, and not by a later beat.
      #expect(next.claimByMs == before + 60_000)
    }
    #expect(try house.gate().leftTotal == 3)
  }

  @Test("Who is deleted leaves every line, and what they hold there is free in the same commit")
  func deleted() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    try house.setGate("east", .init(insideMax: 1))
    let date = try house.guardedDate()
    let line = try house.line(of: 4)
    _ = try house.line(of: 1, at: "east")
    let guest = line[0].outside
    _ = try house.run { try await guest.gates.enter(.init(gate: "east")) }
    #expect(try house.gate("east").waiting == 1)
    try line[0].hold([1], of: date.id)
    let app = house.app
    // The first is inside, and waits elsewhere; the third waits.
    for user in [line[2].user, line[0].user] {
      try house.run { _ = try await app.users.delete(.init(userID: user)) }
    }
    #expect(try line.map { try $0.state } == [.left, .admitted, .left, .waiting])
    #expect(try line[1].check().claimByMs == house.now + 60_000)
    #expect(try line[1].check().stock?.free == 10)
    #expect(try line[3].ahead == 0)
    #expect(try house.gate("east").waiting == 0)
    #expect(try house.gate("east").leftTotal == 1)
    try line[1].leave()
    #expect(try line[3].state == .admitted)
  }

  @Test("Who has paid makes room in the same commit")
  func paying() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let date = try house.guardedDate()
    let line = try house.line(of: 2)
    try line[0].pay(try line[0].hold([1, 2], of: date.id))
    #expect(try line[0].state == .done)
    #expect(try line[1].state == .admitted)
    let gate = try house.gate()
    #expect(gate.doneTotal == 1)
    #expect(gate.admittedTotal == 2)
    #expect(gate.admittedUnclaimed == 1)
    #expect(gate.active == 0)
  }

  @Test("Whose session ends makes room at that very moment")
  func expiring() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1, sessionTTLMs: 10_000))
    let line = try house.line(of: 2)
    house.pass(milliseconds: 9_999)
    #expect(try line[0].state == .active)
    #expect(try line[1].state == .waiting)
    house.pass(milliseconds: 1)
    #expect(try line[0].state == .expired)
    let next = try line[1].check()
    #expect(next.state == .admitted)
    #expect(next.claimByMs == house.now + 60_000)
    #expect(try house.gate().expiredTotal == 1)
  }

  @Test("Who does not come in time makes room at that very moment, and is missed")
  func noShow() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(insideMax: 1, claimTTLMs: 5_000, returnGraceMs: 30_000, askAgainMaxMs: 10_000)
    )
    let line = try house.line(of: 3)
    try line[0].leave()
    #expect(try line[1].check().claimByMs == house.now + 5_000)
    house.pass(milliseconds: 4_999)
    #expect(try line[1].state == .admitted)
    #expect(try line[2].state == .waiting)
    house.pass(milliseconds: 1)
    #expect(try line[1].state == .missed)
    #expect(try line[2].state == .admitted)
    #expect(try house.gate().missedTotal == 1)
  }

  @Test("Who claims within the window is inside; said again, it changes nothing")
  func claiming() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1, sessionTTLMs: 20_000))
    let line = try house.line(of: 2)
    try line[0].leave()
    house.pass(milliseconds: 2_000)
    let first = try line[1].claim()
    #expect(first.state == .active)
    #expect(first.entryExpiresMs == house.now + 20_000)
    #expect(!first.entryToken.isEmpty)
    house.pass(milliseconds: 3_000)
    let second = try line[1].claim()
    #expect(second.entryExpiresMs == first.entryExpiresMs)
    #expect(try house.gate().admittedTotal == 2)
    // Later checks give the token again.
    #expect(try !line[1].check().entryToken.isEmpty)
  }

  @Test("Who was missed returns to the front by Claim and by Enter, twice at most")
  func returning() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(insideMax: 1, claimTTLMs: 5_000, returnGraceMs: 30_000, askAgainMaxMs: 10_000)
    )
    let line = try house.line(of: 6)
    let late = line[1]
    try line[0].leave()
    for (round, other) in [line[2], line[3]].enumerated() {
      house.pass(milliseconds: 5_000)
      #expect(try late.state == .missed)
      try other.claim()
      let place = round == 0 ? try late.claim() : try #require(try late.enter().place)
      #expect(place.state == .waiting)
      #expect(place.number == 2)
      // In front of all who wait, though they have been here all the while.
      #expect(place.ahead == 0)
      #expect(try line[4].ahead == (round == 0 ? 2 : 1))
      try other.leave()
      #expect(try late.state == .admitted)
    }
    house.pass(milliseconds: 5_000)
    #expect(try late.state == .expired)
    let again = try late.enter()
    #expect(!again.existing)
    #expect(again.place?.number == 7)
    #expect(try house.gate().missedTotal == 2)
    #expect(try house.gate().expiredTotal == 1)
  }

  @Test("The grace ends a missed ticket; entering then gives a place at the back")
  func graceEnds() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(insideMax: 1, claimTTLMs: 5_000, returnGraceMs: 10_000, askAgainMaxMs: 10_000)
    )
    let line = try house.line(of: 4)
    try line[0].leave()
    house.pass(milliseconds: 5_000)
    try line[2].claim()
    house.pass(milliseconds: 9_999)
    #expect(try line[1].state == .missed)
    house.pass(milliseconds: 1)
    #expect(try line[1].state == .expired)
    let place = try #require(try line[1].enter().place)
    #expect(place.number == 5)
    #expect(place.ahead == 1)
  }

  @Test("Where there is room and nobody waits, Enter lets in at once, with an entry token")
  func straightIn() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 2))
    let date = try house.guardedDate()
    let line = try house.line(of: 3)
    for visitor in line[..<2] {
      let place = try visitor.check()
      #expect(place.state == .active)
      #expect(!place.entryToken.isEmpty)
    }
    #expect(try line[2].state == .waiting)
    #expect(line[2].entryToken.isEmpty)
    try line[1].hold([1], of: date.id)
    #expect(try house.gate().active == 2)
  }

  @Test("While someone waits, a newcomer does not pass them")
  func noOvertaking() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let line = try house.line(of: 2)
    try house.change { try await $0.pauseGate(.init(name: "west")) }
    try line[0].leave()
    #expect(try line[1].state == .waiting)
    let late = try house.visitor("Late")
    #expect(try late.enter().place?.state == .waiting)
    try house.change { try await $0.resumeGate(.init(name: "west")) }
    #expect(try line[1].state == .admitted)
    #expect(try late.state == .waiting)
  }

  @Test("Leave can be said again, and gives back what is held")
  func leaveAgain() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let date = try house.guardedDate(seats: 3)
    let ada = try house.visitor()
    try ada.enter()
    try ada.hold([1, 2], of: date.id)
    #expect(try ada.check().stock?.held == 2)
    #expect(try ada.leave().state == .left)
    let again = try ada.leave()
    #expect(again.state == .left)
    #expect(again.stock?.free == 3)
    #expect(again.stock?.held == 0)
    #expect(try house.gate().leftTotal == 1)
  }

  @Test("An outage costs nobody their turn: every state gets the gap back")
  func outage() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(insideMax: 2, claimTTLMs: 20_000, sessionTTLMs: 30_000, askAgainMaxMs: 10_000)
    )
    let line = try house.line(of: 4)
    try line[0].leave()
    house.pass(milliseconds: 2_000)
    let claimBy = try line[2].check().claimByMs
    let expires = try line[1].check().entryExpiresMs
    house.jump(milliseconds: 3_600_000)
    let admitted = try line[2].check()
    #expect(admitted.state == .admitted)
    #expect(admitted.claimByMs == claimBy + 3_600_000)
    let active = try line[1].check()
    #expect(active.state == .active)
    #expect(active.entryExpiresMs == expires + 3_600_000)
    #expect(try line[3].check().ahead == 0)
  }
}
