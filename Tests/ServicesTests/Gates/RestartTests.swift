import ServicesSupport
import Testing
import UsherAPI
import Wire

@Suite("Gates after a restart")
struct RestartTests {
  /// What stays the same of a place: everything but what is made anew for each answer.
  private func lasting(_ place: Place) -> Place {
    var place = place
    place.offset = 0
    place.asOfMs = 0
    place.askAgainMs = 0
    place.entryToken = ""
    return place
  }

  /// Compares what a server says of gates and places with what another says over the same database.
  private func restart(_ house: House, _ line: [Visitor], gates: String...) throws {
    let places = try line.map { lasting(try $0.check()) }
    let before = try gates.map { try house.gate($0) }
    let other = try House(on: house.database, seed: 2)
    for (visitor, place) in zip(line, places) {
      let guest = other.app(for: visitor.user, [(Metadata.Key.token, visitor.queueToken)])
      let found = try other.run { try await guest.gates.check(.init()) }
      #expect(lasting(found) == place)
    }
    for (name, gate) in zip(gates, before) { #expect(try other.gate(name) == gate) }
  }

  @Test("Every place, state and remaining time is as it was")
  func places() throws {
    let house = try House()
    try house.setGate(
      "west",
      .init(
        insideMax: 4,
        rateCount: 40,
        rateIntervalMs: 30_000,
        claimTTLMs: 4_000,
        returnGraceMs: 60_000,
        sessionTTLMs: 30_000,
        limitToStock: true,
        prioritySharePercent: 50,
        askAgainMaxMs: 5_000
      )
    )
    let date = try house.guardedDate()
    var line = try house.line(of: 12)
    for number in 1...4 {
      let visitor = try house.visitor("first class \(number)")
      try visitor.enter(priority: true)
      line.append(visitor)
    }
    try line[0].pay(try line[0].hold([1], of: date.id))
    try line[1].leave()
    try line[2].hold([2, 3], of: date.id)
    try line[9].leave()
    house.pass(milliseconds: 4_000)
    let missed = try #require(try line.first { try $0.state == .missed })
    try missed.enter()
    try restart(house, line, gates: "west")
  }

  @Test("A line that gathers, and the order that was drawn", arguments: [false, true])
  func lottery(isDrawn: Bool) throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 2)) {
      $0.opensMs = house.now + 5_000
      $0.lottery = true
    }
    var line = try house.line(of: 10)
    try line[3].leave()
    if isDrawn {
      house.pass(milliseconds: 5_000)
      line += try house.line(of: 3)
      house.pass(milliseconds: 60_000)
      let missed = try #require(try line.first { try $0.state == .missed })
      try missed.enter()
    }
    try restart(house, line, gates: "west")
    guard !isDrawn else { return }
    // The draw of whoever opens the gate is the same, too.
    house.pass(milliseconds: 5_000)
    try restart(house, line, gates: "west")
  }

  @Test("A draw goes on where it was")
  func drawGoesOn() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1)) {
      $0.opensMs = house.now + 5_000
      $0.lottery = true
    }
    let line = try house.line(of: 8)
    house.pass(milliseconds: 5_000)
    let order = try line.sorted { one, other in
      let (a, b) = (try one.check(), try other.check())
      return (a.state == .admitted ? 0 : a.ahead + 1) < (b.state == .admitted ? 0 : b.ahead + 1)
    }
    try order[0].leave()
    let other = try House(on: house.database, seed: 2)
    func guest(_ place: Int) -> Guest {
      other.app(for: order[place].user, [(Metadata.Key.token, order[place].queueToken)])
    }
    for place in 1..<7 {
      let (one, next) = (guest(place), guest(place + 1))
      #expect(try other.run { try await one.gates.check(.init()).state } == .admitted)
      #expect(try other.run { try await next.gates.check(.init()).ahead } == 0)
      _ = try other.run { try await one.gates.leave(.init()) }
    }
  }
}
