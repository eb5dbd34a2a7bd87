import Glibc
import RPCCore
import SocketSupport
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("A line whose server is killed with SIGKILL", .timeLimit(.minutes(5)))
struct LineKillTests {
  private static let rounds = Program.isSanitized ? 2 : 5
  private static let insideMax: UInt32 = 3

  @Test("Every place, state and remaining time is as it was")
  func places() async throws {
    let place = try DataPlace()
    var usherd = try await place.start()
    var line: [LineVisitor] = []
    try await place.withShop { shop in
      try await place.openGate(over: shop.caller, insideMax: Self.insideMax)
      for number in 0..<12 {
        var visitor = LineVisitor(name: "visitor \(number)")
        #expect(try await visitor.enter(shop))
        line.append(visitor)
      }
      // One inside, one admitted, one gone from the middle.
      try await line[0].leave(shop)
      try await line[7].leave(shop)
    }
    for _ in 0..<Self.rounds {
      var before: [Place] = []
      try await place.withShop { shop in
        for visitor in line { before.append(try await visitor.check(shop)) }
      }
      usherd.signal(SIGKILL)
      #expect(try await usherd.outcome().code == -SIGKILL)
      usherd = try await place.start()
      try await place.withShop { shop in
        var gaps: Set<Int64> = []
        for (visitor, old) in zip(line, before) {
          let new = try await visitor.check(shop)
          #expect(new.ticketID == old.ticketID)
          #expect(new.number == old.number)
          #expect(new.state == old.state)
          #expect(new.ahead == old.ahead)
          #expect(new.behind == old.behind)
          switch old.state {
          case .admitted: gaps.insert(new.claimByMs - old.claimByMs)
          case .active: gaps.insert(new.entryExpiresMs - old.entryExpiresMs)
          default: break
          }
        }
        // A start that took long was an outage, which costs nobody their time.
        #expect(gaps.count == 1)
        #expect(gaps.allSatisfy { $0 >= 0 })
      }
    }
    usherd.signal(SIGTERM)
    #expect(try await usherd.outcome().code == 0)
  }

  @Test("Whoever was told a place has it, and whoever was not has one when they ask again")
  func entering() async throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("killing with the seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let place = try DataPlace()
    var line: [LineVisitor] = []
    for round in 0..<Self.rounds {
      let usherd = try await place.start()
      try await place.withShop { shop in
        if round == 0 { try await place.openGate(over: shop.caller, insideMax: Self.insideMax) }
        line = try await check(line, shop)
        let kill = random.draw(from: 1..<24)
        line += try await enter(round, shop, killing: usherd, after: kill)
      }
      #expect(try await usherd.outcome().code == -SIGKILL)
    }
    let usherd = try await place.start()
    try await place.withShop { shop in line = try await check(line, shop) }
    #expect(line.count == 24 * Self.rounds)
    usherd.signal(SIGTERM)
    #expect(try await usherd.outcome().code == 0)
  }

  /// Twenty-four enter at once, until so many answers have come and the server is killed.
  private func enter(
    _ round: Int,
    _ shop: ShopCalls,
    killing usherd: Program,
    after answers: Int
  ) async throws -> [LineVisitor] {
    let answered = Shared(0)
    return try await withThrowingTaskGroup(of: LineVisitor.self) { group in
      for number in 0..<24 {
        group.addTask {
          var visitor = LineVisitor(name: "visitor \(round)-\(number)")
          guard try await visitor.enter(shop) else { return visitor }
          let count = answered.change { count in
            count += 1
            return count
          }
          if count == answers { usherd.signal(SIGKILL) }
          return visitor
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// Lets those ask again who were not answered, and compares everyone's place with what they were
  /// told and with each other's.
  private func check(_ line: [LineVisitor], _ shop: ShopCalls) async throws -> [LineVisitor] {
    var line = line
    var ahead: Set<UInt64> = []
    var inside: UInt32 = 0
    var waiting: UInt64 = 0
    for number in line.indices {
      let told = line[number]
      #expect(try await line[number].enter(shop))
      if told.number > 0 {
        #expect(line[number].number == told.number)
        #expect(line[number].ticket == told.ticket)
      }
    }
    #expect(Set(line.map(\.number)).count == line.count)
    for visitor in line {
      let place = try await visitor.check(shop)
      switch place.state {
      case .waiting:
        waiting += 1
        ahead.insert(place.ahead)
      case .active, .admitted: inside += 1
      default: Issue.record("\(visitor.name) is \(place.state)")
      }
    }
    #expect(ahead == Set(0..<waiting))
    #expect(inside == min(Self.insideMax, UInt32(line.count)))
    return line
  }
}

/// One who stands in line, and what they were told last.
private struct LineVisitor: Sendable {
  let name: String
  private(set) var ticket = ""
  private(set) var number: UInt64 = 0
  private var user = ""
  private var token = ""

  init(name: String) {
    self.name = name
  }

  /// Enters, always with the same keys; answers whether the server was there to answer.
  mutating func enter(_ shop: ShopCalls) async throws -> Bool {
    do {
      if user.isEmpty {
        let registered = try await UserClient(shop.caller).register(
          RegisterRequest(name: name),
          options: try shop.options(key: "\(name) comes")
        )
        user = registered.user?.id ?? ""
      }
      let response = try await GateClient(shop.caller).enter(
        EnterRequest(gate: "west"),
        options: try shop.options(user: user, key: "\(name) enters")
      )
      ticket = response.place?.ticketID ?? ""
      number = response.place?.number ?? 0
      token = response.queueToken
      return true
    } catch let failure as RPCFailure {
      guard failure.code == .unavailable || failure.isOutcomeUnknown else { throw failure }
      return false
    }
  }

  func check(_ shop: ShopCalls) async throws -> Place {
    try await GateClient(shop.caller).check(CheckRequest(), options: try options(shop))
  }

  func leave(_ shop: ShopCalls) async throws {
    _ = try await GateClient(shop.caller).leave(LeaveRequest(), options: try options(shop))
  }

  private func options(_ shop: ShopCalls) throws -> CallOptions {
    var options = try shop.options(user: user)
    try options.metadata.add(Metadata.Key.token, token)
    return options
  }
}
