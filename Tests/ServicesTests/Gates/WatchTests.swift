import Ledger
import RPCCore
import ServicesSupport
import TestSupport
import Testing
import UsherAPI

@Suite("Watching a place")
struct WatchTests {
  /// What someone is told, and the call that tells it.
  private struct Watching {
    let places = Record<Place>()
    let call: Running<Void>

    init(
      _ visitor: Visitor,
      atMostEvery milliseconds: UInt32 = 0,
      through gate: TestSupport.Gate? = nil
    ) {
      let (guest, places) = (visitor.queued, places)
      call = visitor.house.loop.start {
        let request = WatchRequest(atMostEveryMs: milliseconds)
        for try await place in guest.gates.watch(request) {
          places.add(place)
          if let gate { await gate.pass() }
        }
      }
    }

    var states: [TicketState] { places.entries.map(\.state) }
  }

  private func house(_ insideMax: UInt32 = 1) throws -> House {
    let house = try House()
    try house.setGate(
      "west",
      .init(insideMax: insideMax, claimTTLMs: 5_000, returnGraceMs: 60_000, askAgainMaxMs: 10_000)
    )
    return house
  }

  @Test("A change of state is pushed at once, each, until the ticket has ended")
  func states() throws {
    let house = try house()
    let line = try house.line(of: 3)
    let watching = Watching(line[1])
    #expect(watching.states == [.waiting])
    try line[0].leave()
    #expect(watching.states == [.waiting, .admitted])
    #expect(watching.places.entries[1].claimByMs == house.now + 5_000)
    house.pass(milliseconds: 5_000)
    #expect(watching.states == [.waiting, .admitted, .missed])
    try line[2].claim()
    try line[1].claim()
    try line[2].leave()
    try line[1].claim()
    #expect(watching.states == [.waiting, .admitted, .missed, .waiting, .admitted, .active])
    #expect(!watching.places.entries[5].entryToken.isEmpty)
    #expect(!watching.call.isDone)
    try line[1].leave()
    #expect(watching.states.last == .left)
    #expect(watching.call.isDone)
    #expect(house.parts.follower.boards.watch.count == 0)
  }

  @Test("Positions come together, and no more often than was asked")
  func positions() throws {
    let house = try house()
    let line = try house.line(of: 12)
    let watching = Watching(line[11], atMostEvery: 20_000)
    for number in [1, 3, 5] { try line[number].leave() }
    house.ring()
    #expect(watching.places.entries.map(\.ahead) == [10])
    house.pass(milliseconds: 19_999)
    house.ring()
    #expect(watching.places.entries.map(\.ahead) == [10])
    house.pass(milliseconds: 1)
    house.ring()
    #expect(watching.places.entries.map(\.ahead) == [10, 7])
    watching.call.cancel()
    house.loop.perform {}
    #expect(watching.call.isDone)
    #expect(house.parts.follower.boards.watch.count == 0)
  }

  @Test("What nobody would learn from is not told")
  func nothingNew() throws {
    let house = try house()
    try house.setGate("west", .init(insideMax: 1, rateCount: 1, rateIntervalMs: 3_600_000))
    try house.change { try await $0.pauseGate(.init(name: "west")) }
    let line = try house.line(of: 2)
    let watching = Watching(line[1])
    for _ in 0..<5 {
      house.pass(milliseconds: 30_000)
      house.ring()
    }
    #expect(watching.places.entries.count == 1)
    watching.call.cancel()
    house.loop.perform {}
  }

  @Test("A slow watcher gets the latest, and no backlog")
  func slow() throws {
    let house = try house()
    let line = try house.line(of: 3)
    let gate = TestSupport.Gate()
    let watching = Watching(line[2], through: gate)
    let messages = 800
    // Long enough for what the connection takes ahead to be full soon.
    let long = String(repeating: ".", count: 1_000)
    for number in 1...messages {
      try house.change { try await $0.pauseGate(.init(name: "west", message: "\(number)\(long)")) }
    }
    gate.open()
    house.loop.perform {}
    let told = watching.places.entries
    #expect(told.last?.message == "\(messages)\(long)")
    #expect(told.count < messages / 2, "\(told.count) of \(messages) were kept for them")
    watching.call.cancel()
    house.loop.perform {}
  }

  @Test("What the operator says comes at once to everyone who watches")
  func message() throws {
    let house = try house()
    let line = try house.line(of: 4)
    let watching = line[1...].map { Watching($0) }
    try house.change { try await $0.pauseGate(.init(name: "west", message: "a moment")) }
    for one in watching {
      #expect(one.places.entries.last?.message == "a moment")
      #expect(one.places.entries.last?.wait?.reason == .paused)
      one.call.cancel()
    }
    house.loop.perform {}
  }

  @Test("Two may watch the same place")
  func two() throws {
    let house = try house()
    let line = try house.line(of: 2)
    let watching = [Watching(line[1]), Watching(line[1])]
    try line[0].leave()
    for one in watching { #expect(one.states == [.waiting, .admitted]) }
    watching[0].call.cancel()
    house.loop.perform {}
    try line[1].claim()
    #expect(watching[0].states == [.waiting, .admitted])
    #expect(watching[1].states == [.waiting, .admitted, .active])
    watching[1].call.cancel()
    house.loop.perform {}
  }

  @Test("A watcher whose token becomes worthless is told so, and needs a new one")
  func epoch() throws {
    let house = try house()
    let line = try house.line(of: 2)
    let watching = Watching(line[1])
    try house.change { try await $0.newEpoch(.init(name: "west")) }
    guard case .failure(let failure as RPCFailure)? = watching.call.outcome else {
      Issue.record("still watching, or ended in peace")
      return
    }
    #expect(failure.refusal == "TOKEN_INVALID")
    try line[1].enter()
    let again = Watching(line[1])
    #expect(again.states == [.waiting])
    again.call.cancel()
    house.loop.perform {}
  }

  @Test("An outage that gives time back is told to those whose time it is")
  func outage() throws {
    let house = try house()
    let line = try house.line(of: 2)
    try line[0].leave()
    let watching = Watching(line[1])
    let claimBy = try #require(watching.places.entries.last).claimByMs
    house.jump(milliseconds: 60_000)
    #expect(watching.places.entries.last?.claimByMs == claimBy + 60_000)
    watching.call.cancel()
    house.loop.perform {}
  }
}
