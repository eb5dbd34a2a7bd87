internal import Ledger
internal import TestSupport
package import UsherAPI

// Gates, what is behind them, and what their operators ask for.

extension House {
  /// Makes a gate, or changes it.
  @discardableResult
  package func setGate(
    _ name: String = "west",
    _ policy: UsherAPI.GatePolicy = UsherAPI.GatePolicy(),
    _ more: (inout SetGateRequest) -> Void = { _ in }
  ) throws -> SetGateResponse {
    var request = SetGateRequest(name: name, policy: policy)
    more(&request)
    let (desk, final) = (self.operator.operators, request)
    return try run { try await desk.setGate(final) }
  }

  /// Has an operator change something.
  @discardableResult
  package func change<Answer: Sendable>(
    _ body: @escaping @Sendable (OperatorClient) async throws -> Answer
  ) throws -> Answer {
    let desk = self.operator.operators
    return try run { try await body(desk) }
  }

  /// A gate as an operator sees it.
  package func gate(_ name: String = "west") throws -> UsherAPI.Gate {
    let desk = self.operator.operators
    return try run { try await desk.getGate(.init(name: name)) }
  }

  /// A date of a concert that a gate guards.
  package func guardedDate(
    _ gate: String = "west",
    seats: UInt32 = 10,
    price: Int64 = 100,
    holdMilliseconds: UInt32 = 0
  ) throws -> UsherAPI.ConcertDate {
    try date(
      seats: seats,
      price: price,
      CreateConcertRequest(name: "Spring", gate: gate, holdTTLMs: holdMilliseconds)
    )
  }

  /// Someone with that balance who comes to a gate.
  package func visitor(
    _ name: String = "Ada",
    balance: Int64 = 1_000,
    at gate: String = "west"
  ) throws -> Visitor {
    Visitor(in: self, user: try user(name, balance: balance), gate: gate)
  }

  /// So many who have entered, one after the other.
  package func line(of count: Int, at gate: String = "west") throws -> [Visitor] {
    try (1...count).map { number in
      let visitor = try visitor("visitor \(number)", at: gate)
      try visitor.enter()
      return visitor
    }
  }

  /// Wakes those who watch and whose time has come, as a server's keeper does.
  package func ring() {
    let boards = parts.follower.boards
    loop.perform { boards.watch.ring(at: boards.time.now) }
  }
}
