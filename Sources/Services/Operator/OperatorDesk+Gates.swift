internal import Access
internal import Crypto
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI
internal import Wire

// Gates: what operators say of them, and how they stand.

extension OperatorDesk {
  package func setGate(
    _ request: SetGateRequest,
    context: CallContext
  ) async throws -> Reply<SetGateResponse> {
    let plan = GatePlan(
      name: request.name,
      policy: (request.policy ?? UsherAPI.GatePolicy()).policy,
      opens: Instant(ms: request.opensMs),
      isLottery: request.lottery,
      message: try request.message.checked(
        "message",
        atMost: Limit.descriptionBytes,
        mayBeEmpty: true
      )
    )
    let change = try change(request.reason, request.ifRevision, context)
    guard !request.dryRun else { return Reply(try dryRun(plan, change)) }
    var random = SystemRandomNumberGenerator()
    let command = SetGate(
      plan: plan,
      change: change,
      seed: SecretBytes.random(32, using: &random)
    )
    let done = try await counter.submit(command, for: request, context)
    let gate = try await gate(request.name, after: done)
    return counter.reply(SetGateResponse(gate: gate), after: done)
  }

  package func getGate(
    _ request: GetGateRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Gate> {
    try await counter.waitForOffset(context)
    return Reply(try gate(request.name))
  }

  package func listGates(
    _ request: ListGatesRequest,
    context: CallContext
  ) async throws -> Reply<ListGatesResponse> {
    try await counter.waitForOffset(context)
    return Reply(ListGatesResponse(gates: gates))
  }

  package func pauseGate(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Gate> {
    try await change(.pause, request, context)
  }

  package func resumeGate(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Gate> {
    try await change(.resume, request, context)
  }

  package func drainGate(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Gate> {
    try await change(.drain, request, context)
  }

  package func newEpoch(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Gate> {
    try await change(.newEpoch, request, context)
  }

  private func change(
    _ action: ChangeGate.Action,
    _ request: ChangeGateRequest,
    _ context: CallContext
  ) async throws -> Reply<UsherAPI.Gate> {
    let command = ChangeGate(
      name: request.name,
      action,
      message: try request.message.checked(
        "message",
        atMost: Limit.descriptionBytes,
        mayBeEmpty: true
      ),
      change: try change(request.reason, request.ifRevision, context)
    )
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(try await gate(request.name, after: done), after: done)
  }

  /// Who changes something, and why: the key that asked is logged with it.
  private func change(
    _ reason: String,
    _ revision: UInt64,
    _ context: CallContext
  ) throws -> GateChange {
    let reason = try reason.checked("reason", atMost: Limit.reasonBytes, mayBeEmpty: true)
    let key = try context.principal().key
    let by = key.flatMap { keys.name(of: $0) } ?? key?.description ?? ""
    return GateChange(by: by, reason: reason, ifRevision: revision)
  }
}

// MARK: - How they stand

extension OperatorDesk {
  /// Every gate, in the order of their names.
  var gates: [UsherAPI.Gate] {
    counter.boards.gateNames.compactMap { counter.boards.gateView($0) }.map(UsherAPI.Gate.init)
  }

  private func gate(_ name: String) throws -> UsherAPI.Gate {
    guard let view = counter.boards.gateView(name) else {
      throw RPCFailure(.gateNotFound, "there is no gate \(name.prefix(64))")
    }
    return UsherAPI.Gate(view)
  }

  /// A gate as a command has left it.
  private func gate<Outcome>(
    _ name: String,
    after done: Done<Outcome>
  ) async throws -> UsherAPI.Gate {
    await counter.tail.wait(for: done.offset)
    return try gate(name)
  }

  /// What would become of a gate: what would bind, how the wait would change, who would move.
  private func dryRun(_ plan: GatePlan, _ change: GateChange) throws -> SetGateResponse {
    let now = counter.boards.time.now
    let view = counter.boards.gateView(plan.name)
    if let view, change.ifRevision != 0, change.ifRevision != view.gate.revision {
      throw RPCFailure(
        .revisionChanged,
        "gate \(plan.name) is at revision \(view.gate.revision), and not at \(change.ifRevision)"
      )
    }
    let planned: Domain.Gate
    do throws(Interruption) {
      (planned, _) = try plan.apply(to: view?.gate, view?.line, seed: [0], now, facts.rules)
    } catch {
      guard case .refused(let refusal) = error else { throw RPCFailure(.internal, "\(error)") }
      throw RPCFailure(refusal)
    }
    var gate = view.map(UsherAPI.Gate.init) ?? UsherAPI.Gate()
    let wanted = UsherAPI.Gate(planned)
    gate.name = wanted.name
    gate.policy = wanted.policy
    gate.mode = wanted.mode
    gate.opensMs = wanted.opensMs
    gate.lottery = wanted.lottery
    gate.message = wanted.message
    return SetGateResponse(
      gate: gate,
      forecast: counter.boards.forecast(planned).text
    )
  }
}

extension UsherAPI.Gate {
  /// A gate with its line, and what follows from them.
  init(_ view: GateView) {
    self.init(view.gate, view.line)
    stock = Stock(view.stock)
    wait = Wait(view.wait)
    if rateReason.isEmpty { rateReason = view.room.limit.text }
  }
}

extension Room.Limit {
  /// In words.
  var text: String {
    switch self {
    case .nothing: "nothing binds"
    case .notOpen: "not open yet"
    case .paused: "paused"
    case .inside: "as many are inside as may be"
    case .rate: "as many came in as the rate allows"
    case .soldOut: "sold out"
    case .stock: "as many are inside without a seat as there are seats"
    }
  }
}
