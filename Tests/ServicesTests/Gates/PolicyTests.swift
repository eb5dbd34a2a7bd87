import Crypto
import Domain
import RPCCore
import ServicesSupport
import Testing
import Threads
import UsherAPI

@Suite("What a gate's operator decides")
struct PolicyTests {
  private typealias Policy = UsherAPI.GatePolicy

  private func states(_ line: [Visitor]) throws -> [TicketState] { try line.map { try $0.state } }

  // MARK: - Rates

  @Test("A rate holds in every window of its length, whatever the clock's seconds are")
  func rate() throws {
    let house = try House()
    try house.setGate("west", .init(rateCount: 2, rateIntervalMs: 10_000))
    var line = try house.line(of: 1)
    house.pass(milliseconds: 7_000)
    // The second comes straight in, the third waits until the first is an interval old.
    line += try house.line(of: 3)
    #expect(try states(line) == [.active, .active, .waiting, .waiting])
    house.pass(milliseconds: 2_999)
    #expect(try states(line) == [.active, .active, .waiting, .waiting])
    house.pass(milliseconds: 1)
    #expect(try states(line) == [.active, .active, .admitted, .waiting])
    house.pass(milliseconds: 6_999)
    #expect(try line[3].state == .waiting)
    house.pass(milliseconds: 1)
    #expect(try line[3].state == .admitted)
  }

  @Test("A freed slot waits for the rate too, and the rate for a slot")
  func rateAndCap() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1, rateCount: 1, rateIntervalMs: 10_000))
    let line = try house.line(of: 3)
    try line[0].leave()
    #expect(try line[1].state == .waiting)
    house.pass(milliseconds: 10_000)
    #expect(try line[1].claim().state == .active)
    house.pass(milliseconds: 20_000)
    #expect(try line[2].state == .waiting)
    try line[1].leave()
    #expect(try line[2].state == .admitted)
  }

  @Test("A higher rate lets in at once whom it allows; those before count for it")
  func rateRaised() throws {
    let house = try House()
    try house.setGate("west", .init(rateCount: 1, rateIntervalMs: 60_000))
    let line = try house.line(of: 5)
    try house.setGate("west", .init(rateCount: 3, rateIntervalMs: 60_000))
    #expect(try states(line) == [.active, .admitted, .admitted, .waiting, .waiting])
  }

  @Test("Without a limit everyone comes in at once")
  func unlimited() throws {
    let house = try House()
    try house.setGate()
    let line = try house.line(of: 20)
    #expect(try states(line).allSatisfy { $0 == .active })
    #expect(try house.gate().active == 20)
  }

  @Test("A wider cap lets in at once; a narrower one throws nobody out")
  func capMoved() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let line = try house.line(of: 4)
    try house.setGate("west", .init(insideMax: 3))
    #expect(try states(line) == [.active, .admitted, .admitted, .waiting])
    try house.setGate("west", .init(insideMax: 1))
    #expect(try states(line) == [.active, .admitted, .admitted, .waiting])
    try line[0].leave()
    try line[1].leave()
    #expect(try line[3].state == .waiting)
    try line[2].leave()
    #expect(try line[3].state == .admitted)
  }

  // MARK: - Pause and drain

  @Test("A pause stops admissions and nothing else, and tells those who wait")
  func pause() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 2))
    let date = try house.guardedDate()
    let line = try house.line(of: 4)
    let paused = try house.change {
      try await $0.pauseGate(.init(name: "west", message: "a moment", reason: "the hall is full"))
    }
    #expect(paused.mode == .paused)
    #expect(paused.changedReason == "the hall is full")
    #expect(paused.changedBy == "first")
    #expect(paused.rateReason == "paused")
    try line[0].pay(try line[0].hold([1], of: date.id))
    let place = try line[2].check()
    #expect(place.state == .waiting)
    #expect(place.message == "a moment")
    #expect(place.wait?.reason == .paused)
    let late = try house.visitor("Late")
    #expect(try late.enter().place?.ahead == 2)
    house.pass(milliseconds: 60_000)
    #expect(try line[2].state == .waiting)
    let resumed = try house.change { try await $0.resumeGate(.init(name: "west")) }
    #expect(resumed.mode == .open)
    #expect(resumed.message.isEmpty)
    #expect(try line[2].state == .admitted)
  }

  @Test("A drained gate serves its line to the end")
  func drain() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    let line = try house.line(of: 3)
    try house.change { try await $0.drainGate(.init(name: "west")) }
    #expect(try line[1].enter().existing)
    for (visitor, next) in zip(line, line.dropFirst()) {
      try visitor.leave()
      #expect(try next.claim().state == .active)
    }
    #expect(try house.gate().mode == .drained)
    #expect(try house.gate().waiting == 0)
  }

  // MARK: - Openings

  @Test("Before an opening people gather; at the opening they come in as they came")
  func opening() throws {
    let house = try House()
    let opens = house.now + 20_000
    let made = try house.setGate("west", .init(insideMax: 2)) { $0.opensMs = opens }
    #expect(made.gate?.mode == .announced)
    let line = try house.line(of: 4)
    let early = try line[3].check()
    #expect(early.state == .waiting)
    #expect(early.ahead == 3)
    #expect(early.wait?.reason == .notOpenYet)
    house.pass(milliseconds: 19_999)
    #expect(try states(line) == [.waiting, .waiting, .waiting, .waiting])
    #expect(try house.gate().openedMs == 0)
    house.pass(milliseconds: 1)
    #expect(try states(line) == [.admitted, .admitted, .waiting, .waiting])
    let gate = try house.gate()
    #expect(gate.mode == .open)
    #expect(gate.openedMs == opens)
  }

  @Test(
    "A change that names no opening leaves the one that was announced; one that has passed opens"
  )
  func openingUnnamed() throws {
    let house = try House()
    let opens = house.now + 20_000
    try house.setGate("west", .init(insideMax: 2)) { $0.opensMs = opens }
    let line = try house.line(of: 2)
    let changed = try house.setGate("west", .init(insideMax: 1))
    #expect(changed.gate?.mode == .announced)
    #expect(changed.gate?.opensMs == opens)
    #expect(changed.gate?.policy?.insideMax == 1)
    let dry = try house.setGate("west", .init(insideMax: 3)) { $0.dryRun = true }
    #expect(dry.gate?.opensMs == opens)
    house.pass(milliseconds: 10_000)
    #expect(try states(line) == [.waiting, .waiting])
    let now = house.now
    #expect(
      try house.setGate("west", .init(insideMax: 1)) { $0.opensMs = 1 }.gate?.opensMs == now
    )
    house.pass(milliseconds: 1)
    #expect(try states(line) == [.admitted, .waiting])
    #expect(try house.gate().mode == .open)
    // A new gate that names none opens at once.
    #expect(try house.setGate("east").gate?.mode == .open)
  }

  @Test("A line gathers from thirty days before the opening on, to the millisecond")
  func gathering() throws {
    let house = try House()
    let opens = house.now + 30 * 86_400_000
    try house.setGate("west", .init(insideMax: 2)) { $0.opensMs = opens }
    #expect(try house.line(of: 1)[0].state == .waiting)
  }

  @Test("A pause delays an opening until the gate is resumed")
  func openingPaused() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1)) { $0.opensMs = house.now + 5_000 }
    let line = try house.line(of: 1)
    try house.change { try await $0.pauseGate(.init(name: "west")) }
    house.pass(milliseconds: 10_000)
    #expect(try line[0].state == .waiting)
    try house.change { try await $0.resumeGate(.init(name: "west")) }
    house.pass(milliseconds: 1_000)
    #expect(try line[0].state == .admitted)
    #expect(try house.gate().mode == .open)
  }

  @Test("A lottery draws as was promised: by the seed whose digest was published before")
  func lottery() throws {
    let house = try House()
    let made = try house.setGate("west", .init(insideMax: 3)) {
      $0.opensMs = house.now + 10_000
      $0.lottery = true
    }
    let announced = try #require(made.gate)
    #expect(announced.lottery)
    #expect(announced.lotteryCommitment.count == 32)
    #expect(announced.lotterySeed.isEmpty)
    let line = try house.line(of: 12)
    // Who leaves before the draw has no part in it, but in what it is drawn from.
    try line[4].leave()
    #expect(try house.gate().lotterySeed.isEmpty)
    #expect(try line[0].check().ahead == 10)
    house.pass(milliseconds: 10_000)
    let gate = try house.gate()
    #expect(gate.lotterySeed.count == 32)
    let digest = gate.lotterySeed.withUnsafeBytes { SHA256.digest(of: $0) }
    #expect(digest == announced.lotteryCommitment)
    let expected = try order(of: line, by: gate.lotterySeed).filter { $0.ticket != line[4].ticket }
    for (rank, visitor) in expected.enumerated() {
      let place = try visitor.check()
      #expect(place.state == (rank < 3 ? .admitted : .waiting), "rank \(rank)")
      #expect(place.ahead == UInt64(max(0, rank - 3)), "rank \(rank)")
    }
    // Those who come after the draw stand behind all of it; who was missed, in front.
    let late = try house.visitor("Late")
    #expect(try late.enter().place?.ahead == 8)
    house.pass(milliseconds: 60_000)
    #expect(try expected[0].state == .missed)
    for (rank, visitor) in expected[3...].enumerated() {
      #expect(try visitor.state == (rank < 3 ? .admitted : .waiting), "later rank \(rank)")
    }
    #expect(try expected[1].enter().place?.ahead == 0)
    #expect(try expected[0].enter().place?.ahead == 0)
    #expect(try expected[1].ahead == 1)
    #expect(try expected[6].ahead == 2)
  }

  /// The order that everybody can compute from what was published: tickets by HMAC of seed and digest
  /// of all who came.
  private func order(of line: [Visitor], by seed: [UInt8]) throws -> [Visitor] {
    var digest: [UInt8] = []
    var lots: [String: [UInt8]] = [:]
    for visitor in line {
      let ticket = try #require(TicketID(visitor.ticket))
      let user = try #require(UserID(visitor.user))
      digest = (digest + ticket.bytes + user.bytes).withUnsafeBytes { SHA256.digest(of: $0) }
    }
    let hmac = HMAC(key: seed + digest)
    for visitor in line {
      let ticket = try #require(TicketID(visitor.ticket))
      var code = [UInt8](repeating: 0, count: HMAC.codeBytes)
      code.withUnsafeMutableBytes { code in
        ticket.bytes.withUnsafeBytes { hmac.authenticate($0, into: code) }
      }
      lots[visitor.ticket] = Array(code.prefix(8))
    }
    return line.sorted { (lots[$0.ticket] ?? []).lexicographicallyPrecedes(lots[$1.ticket] ?? []) }
  }

  @Test(
    "While many lots are drawn nobody comes in, all else goes on, and then the order is the draw's"
  )
  func slowLottery() throws {
    let drawing = SlowWork()
    let house = try House(aside: { drawing.take($0) })
    try house.setGate("west", .init(insideMax: 3)) {
      $0.opensMs = house.now + 10_000
      $0.lottery = true
    }
    try house.setGate("east", .init(insideMax: 1))
    let line = try house.line(of: 8)
    try line[1].leave()
    house.pass(milliseconds: 10_000)
    #expect(drawing.count == 1)
    let gate = try house.gate()
    #expect(gate.mode == .open)
    #expect(gate.lotterySeed.count == 32)
    // Whoever comes now stands behind all who gathered, of whom nobody knows yet who is first.
    let late = try house.visitor("Late")
    #expect(try late.enter().place?.ahead == 7)
    #expect(try house.line(of: 1, at: "east")[0].state == .active)
    try line[2].leave()
    house.pass(milliseconds: 2_000)
    #expect(drawing.count == 1)
    #expect(try states([line[0]] + line[3...]) == Array(repeating: .waiting, count: 6))
    #expect(try line[0].ahead == 5)
    drawing.finish()
    let expected = try order(of: line, by: gate.lotterySeed)
      .filter { ![line[1].ticket, line[2].ticket].contains($0.ticket) }
    for (rank, visitor) in expected.enumerated() { #expect(try visitor.ahead == UInt64(rank)) }
    house.pass(milliseconds: 1)
    for (rank, visitor) in expected.enumerated() {
      #expect(try visitor.state == (rank < 3 ? .admitted : .waiting), "rank \(rank)")
    }
    #expect(try late.ahead == 3)
    #expect(drawing.count == 1)
  }

  @Test("The rule of an opening cannot change once someone stands in line")
  func lotteryFixed() throws {
    let house = try House()
    let opens = house.now + 10_000
    try house.setGate { $0.opensMs = opens }
    _ = try house.line(of: 1)
    let desk = house.operator.operators
    func failure(_ request: SetGateRequest) throws -> RPCFailure? {
      try house.failure { try await desk.setGate(request) }
    }
    let change = SetGateRequest(name: "west", opensMs: opens, lottery: true)
    #expect(try failure(change)?.refusal == "FIELD_INVALID")
    #expect(
      try failure(change)?.message
        == "lottery: people stand in this line under the rule announced"
    )
    // Where nobody stands yet, the reason is another, and says what would help.
    let new = SetGateRequest(name: "east", lottery: true)
    #expect(try failure(new)?.refusal == "FIELD_INVALID")
    #expect(
      try failure(new)?.message == "lottery: lots are drawn for those who come before an opening, "
        + "and gate east would open at once: opens_ms has to be later than now"
    )
    try house.setGate("north")
    let open = SetGateRequest(name: "north", lottery: true)
    #expect(try failure(open)?.refusal == "FIELD_INVALID")
    #expect(try failure(open)?.message == "lottery: gate north is open already")
  }

  // MARK: - Lanes

  @Test("The priority lane gets its share while both wait, and no more")
  func priority() throws {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1, prioritySharePercent: 40))
    let first = try house.visitor("first")
    try first.enter()
    var names: [(visitor: Visitor, isPriority: Bool)] = []
    for number in 0..<12 {
      let visitor = try house.visitor("visitor \(number)")
      // The regular ones came first.
      try visitor.enter(priority: number >= 8)
      names.append((visitor, number >= 8))
    }
    let promised = try names.map { try $0.visitor.ahead }
    #expect(Set(promised) == Set(0..<12))
    var inside = first
    var served: [Bool] = []
    for turn in 0..<12 {
      try inside.leave()
      let next = try #require(try names.first { try $0.visitor.state == .admitted })
      #expect(promised[try #require(names.firstIndex { $0.visitor === next.visitor })] == turn)
      served.append(next.isPriority)
      try next.visitor.claim()
      inside = next.visitor
    }
    // floor(k x 0.4) of the first k: the third, the fifth, the eighth and the tenth.
    #expect(served.indices.filter { served[$0] } == [2, 4, 7, 9])
  }

  @Test("Only an app may put someone into the priority lane")
  func priorityByUser() throws {
    let house = try House()
    try house.setGate()
    let app = house.app
    let token = try house.run { try await app.users.register(.init(name: "Ada")).token }
    let ada = house.bearer(token)
    let request = EnterRequest(gate: "west", priority: true)
    #expect(try house.failure { try await ada.gates.enter(request) }?.refusal == "FORBIDDEN")
    #expect(
      try house.run { try await ada.gates.enter(.init(gate: "west")).place?.state } == .active
    )
  }
}

/// Work that takes until the test says that it is done.
private final class SlowWork: Sendable {
  private let works = Guarded<[@Sendable () -> Void]>([])
  private let taken = Guarded(0)

  /// How much was ever given.
  var count: Int { taken.withLock { $0 } }

  func take(_ work: @escaping @Sendable () -> Void) {
    taken.withLock { $0 += 1 }
    works.withLock { $0.append(work) }
  }

  func finish() {
    let all = works.withLock { works in
      defer { works = [] }
      return works
    }
    for work in all { work() }
  }
}
