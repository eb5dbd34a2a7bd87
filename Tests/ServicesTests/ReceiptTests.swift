import Ledger
import RPCCore
import ServicesSupport
import StoreSupport
import TestSupport
import Testing
import UsherAPI
import UsherClient
import Wire

@Suite("Receipts, over the wire's bytes")
struct ReceiptTests {
  private let house: House

  init() throws {
    house = try House()
    let desk = house.operator
    _ = try house.run {
      try await desk.operators.setGate(
        SetGateRequest(name: "spring", policy: GatePolicy(insideMax: 1))
      )
    }
  }

  /// Someone in the line.
  private struct Waiter: Sendable {
    let user: String
    let entered: EnterResponse
  }

  private static func enter(_ guest: Guest) async throws -> EnterResponse {
    try await GateClient(guest.caller).enter(EnterRequest(gate: "spring"))
  }

  private func enter(_ user: String) throws -> Waiter {
    let guest = house.app(for: user)
    return Waiter(user: user, entered: try house.run { try await Self.enter(guest) })
  }

  /// As many as that, all at once.
  private func crowd(_ count: Int) throws -> [Waiter] {
    let users = try (0..<count).map { try house.user("user \($0)") }
    let guests = users.map { ($0, house.app(for: $0)) }
    return try house.run {
      try await withThrowingTaskGroup(of: Waiter.self) { group in
        for (user, guest) in guests {
          group.addTask { Waiter(user: user, entered: try await Self.enter(guest)) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
    }
  }

  private func prover(
    _ waiter: Waiter,
    as user: String? = nil,
    in house: House? = nil
  ) -> GateClient {
    let token = [(Metadata.Key.token, waiter.entered.queueToken)]
    return GateClient((house ?? self.house).app(for: user ?? waiter.user, token).caller)
  }

  private func receipt(of waiter: Waiter, in other: House? = nil) throws -> Receipt {
    let client = prover(waiter, in: other)
    return try (other ?? house).run { try await client.prove(ProveRequest()) }
  }

  private func expectProof(of waiter: Waiter, _ receipt: Receipt) throws {
    let proven = try receipt.proven(by: receipt.keyID)
    #expect(proven.ticketID == waiter.entered.place?.ticketID)
    #expect(proven.userID == waiter.user)
    #expect(proven.gate == "spring")
    #expect(proven.number == waiter.entered.place?.number)
    #expect(proven.epoch == waiter.entered.epoch)
    #expect(proven.offset == waiter.entered.offset)
    #expect(proven.atMs == waiter.entered.atMs)
    #expect(receipt.event == house.log[Int(waiter.entered.offset) - 1])
  }

  @Test("One who comes alone gets a receipt of what the log says")
  func alone() throws {
    let ada = try enter(house.user())
    try expectProof(of: ada, receipt(of: ada))
  }

  @Test("Everyone of a batch of many gets a receipt of their own")
  func batch() throws {
    let waiters = try crowd(40)
    var leavesMax: UInt32 = 0
    for waiter in waiters {
      let receipt = try receipt(of: waiter)
      try expectProof(of: waiter, receipt)
      leavesMax = max(leavesMax, receipt.leaves)
    }
    #expect(leavesMax > 10)
  }

  @Test("Every batch is chained to the one before, from nothing on, and no event is outside")
  func chain() throws {
    _ = try crowd(20)
    house.pass(milliseconds: 90_000)
    let seals = house.database.state.seals
    #expect(seals.first?.before == [UInt8](repeating: 0, count: 32))
    #expect(seals.flatMap { Array($0.offsets) } == (1...house.offset).map { $0 })
    for (seal, next) in zip(seals, seals.dropFirst()) { #expect(seal.before != next.before) }
    #expect(Set(seals.map(\.publicKey)).count == 1)
    let head = house.database.state.head
    let desk = house.operator
    _ = try house.run { try await desk.operators.getGate(.init(name: "spring")) }
    house.pass(milliseconds: 3_000)
    #expect(house.database.state.head.hash == head.hash)
    #expect(house.database.state.head.batch > head.batch)
  }

  @Test("Only the owner of the token gets the receipt, and only with the token")
  func strangers() throws {
    let ada = try enter(house.user("Ada"))
    let bob = try house.user("Bob")
    let stranger = prover(ada, as: bob)
    let failure = try house.failure { try await stranger.prove(ProveRequest()) }
    #expect(failure?.refusal == "FORBIDDEN")
    let guest = house.app(for: ada.user)
    let without = try house.failure { try await GateClient(guest.caller).prove(ProveRequest()) }
    #expect(without?.refusal == "TOKEN_MISSING")
  }

  @Test("Whoever enters again proves the new ticket with the new token, the old with the old")
  func twoTickets() throws {
    let first = try enter(house.user())
    let client = prover(first)
    _ = try house.run { try await client.leave(LeaveRequest()) }
    let second = try enter(first.user)
    #expect(first.entered.offset < second.entered.offset)
    try expectProof(of: first, receipt(of: first))
    try expectProof(of: second, receipt(of: second))
  }

  @Test("A receipt proves the same after a restart, and is given again")
  func restart() throws {
    let ada = try enter(house.user())
    let before = try receipt(of: ada)
    house.loop.perform {}
    let again = try House(on: house.database, seed: 7)
    let later = try enterElsewhere(again)
    let after = try receipt(of: ada, in: again)
    #expect(after == before)
    try expectProof(of: ada, after)
    // The new process signs with the same key and goes on with the same chain.
    #expect(try receipt(of: later, in: again).keyID == before.keyID)
    let seals = house.database.state.seals
    #expect(seals.flatMap { Array($0.offsets) } == (1...UInt64(house.log.count)).map { $0 })
  }

  private func enterElsewhere(_ other: House) throws -> Waiter {
    let user = try other.user("Eve")
    let guest = other.app(for: user)
    return Waiter(user: user, entered: try other.run { try await Self.enter(guest) })
  }

  @Test("A receipt that is altered in any bit of its bytes proves nothing")
  func alteredBytes() throws {
    let waiters = try crowd(12)
    let right = try receipt(of: waiters[5])
    #expect(!right.path.isEmpty)
    func expectNothing(_ alter: (inout Receipt, Int) -> Void, bytes: Int, _ what: String) {
      for bit in 0..<(bytes * 8) {
        var wrong = right
        alter(&wrong, bit)
        #expect(throws: ReceiptFault.self, "bit \(bit) of \(what)") { try wrong.proven() }
      }
    }
    expectNothing({ $0.event.flip($1) }, bytes: right.event.count, "event")
    expectNothing({ $0.headBefore.flip($1) }, bytes: 32, "head_before")
    expectNothing({ $0.signature.flip($1) }, bytes: 64, "signature")
    for step in right.path.indices {
      expectNothing({ $0.path[step].flip($1) }, bytes: 32, "step \(step) of path")
    }
    for place in right.keyID.indices {
      for character in "AZaz09-_!" where right.keyID[place] != character {
        var wrong = right
        wrong.keyID.replaceSubrange(place...place, with: [character])
        #expect(throws: ReceiptFault.self) { try wrong.proven() }
      }
    }
  }

  @Test("What has lost a part or got one more proves nothing")
  func alteredShape() throws {
    let waiters = try crowd(12)
    let right = try receipt(of: waiters[5])
    let alterations: [(inout Receipt) -> Void] = [
      { $0 = Receipt() },
      { $0.event.removeLast() }, { $0.event.append(0) }, { $0.event = [] },
      { $0.path.removeLast() }, { $0.path.append($0.path[0]) }, { $0.path = [] },
      { $0.path.swapAt(0, $0.path.count - 1) }, { $0.path[0].removeLast() },
      { $0.headBefore.removeLast() }, { $0.headBefore.append(0) }, { $0.headBefore = [] },
      { $0.signature.removeLast() }, { $0.signature.append(0) }, { $0.signature = [] },
      { $0.keyID.removeLast() }, { $0.keyID += "A" }, { $0.keyID = "" }, { $0.leaves = 0 },
      { $0.leaf = $0.leaves }, { $0.leaf ^= 1 }, { $0.leaf = .max }, { $0.leaves = .max },
    ]
    for (number, alter) in alterations.enumerated() {
      var wrong = right
      alter(&wrong)
      #expect(throws: ReceiptFault.self, "alteration \(number)") { try wrong.proven() }
    }
  }

  @Test("Of two receipts no part can stand in for the other's")
  func exchange() throws {
    let waiters = try crowd(12)
    let other = try receipt(of: enter(house.user("Eve")))
    let right = try receipt(of: waiters[5])
    let parts: [(inout Receipt) -> Void] = [
      { $0.event = other.event }, { $0.path = other.path }, { $0.headBefore = other.headBefore },
      { $0.signature = other.signature },
    ]
    for (number, exchange) in parts.enumerated() {
      var wrong = right
      exchange(&wrong)
      #expect(throws: ReceiptFault.self, "part \(number)") { try wrong.proven() }
    }
  }

  @Test("Another key than the one that was pinned is refused, by name")
  func pinned() throws {
    let receipt = try receipt(of: enter(house.user()))
    let other = String(repeating: "A", count: 43)
    do throws(ReceiptFault) {
      _ = try receipt.proven(by: other)
      Issue.record("another key was taken")
    } catch {
      #expect(error.description == "it is signed with the key \(receipt.keyID), not with \(other)")
    }
  }
}

extension [UInt8] {
  fileprivate mutating func flip(_ bit: Int) { self[bit / 8] ^= 1 << (bit % 8) }
}
