package import Access
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI
internal import Wire

/// `usher.v1.GateService`: the line. Check and Watch read the board, all else goes through the ledger.
package struct Gates: GateService {
  let counter: Counter
  let tokens: LineTokens

  package init(_ counter: Counter, keys: KeyRing) {
    self.counter = counter
    tokens = LineTokens(keys: keys)
  }

  package func enter(
    _ request: EnterRequest,
    context: CallContext
  ) async throws -> Reply<EnterResponse> {
    let principal = try context.principal()
    guard !request.priority || principal.role == .app else {
      throw RPCFailure(.forbidden, "priority: only an app may mark an entry for the priority lane")
    }
    let command = Enter(
      gate: request.gate,
      user: try context.actingUser(),
      failsIfExists: request.failIfExists,
      isPriority: request.priority
    )
    let done = try await counter.submit(command, for: request, context, lane: .door)
    let ticket = done.outcome.ticket
    let token = tokens.queueToken(of: ticket, epoch: done.outcome.epoch, at: done.at)
    let claim = LineClaim(
      of: ticket,
      epoch: done.outcome.epoch,
      issued: done.at,
      expires: done.at
    )
    let response = EnterResponse(
      queueToken: token,
      existing: done.outcome.isExisting,
      place: try await place(of: claim, after: done),
      epoch: ticket.epoch,
      offset: ticket.offset,
      atMs: ticket.entered.milliseconds
    )
    return counter.reply(response, after: done)
  }

  package func check(_ request: CheckRequest, context: CallContext) throws -> Reply<Place> {
    Reply(try place(of: context.lineClaim(), counter.boards(for: context)))
  }

  package func claim(
    _ request: ClaimRequest,
    context: CallContext
  ) async throws -> Reply<Place> {
    let claim = try context.lineClaim()
    let command = Claim(pass: try queuePass(context))
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(try await place(of: claim, after: done), after: done)
  }

  package func leave(
    _ request: LeaveRequest,
    context: CallContext
  ) async throws -> Reply<Place> {
    let claim = try context.lineClaim()
    let command = Leave(pass: try queuePass(context))
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(try await place(of: claim, after: done), after: done)
  }

  private func queuePass(_ context: CallContext) throws -> Pass {
    guard let pass = try context.pass(counter.boards) else {
      throw RPCFailure(.tokenMissing, "this call needs a queue token")
    }
    return pass
  }
}

// MARK: - Watching

extension Gates {
  package func watch(
    _ request: WatchRequest,
    to responses: ResponseWriter<Place>,
    context: CallContext
  ) async throws {
    let claim = try context.lineClaim()
    try await counter.waitForOffset(context)
    let boards = counter.boards
    guard let gate = boards.gateName(claim.gate) else {
      throw RPCFailure(.gateNotFound, "the gate of this token is not known here")
    }
    let signal = boards.watch.watch(claim.number, in: gate)
    defer { boards.watch.forget(signal, number: claim.number, in: gate) }
    var told: Place?
    while true {
      try Task.checkCancellation()
      // The token was good when the call began; what it would be shown now is of no use to its owner.
      guard boards.epoch(of: claim.gate) == claim.epoch else {
        throw RPCFailure(.tokenInvalid, "this token is of an earlier epoch; Enter gives new ones")
      }
      let place = try place(of: claim, boards)
      if told.map({ !place.saysTheSame(as: $0) }) ?? true {
        try await responses.write(place)
        told = place
      }
      guard place.state.state?.isLiving == true else { return }
      // Positions come as often as someone so far back would ask; a change of state comes at once.
      let pause = max(Int64(request.atMostEveryMs), Int64(place.askAgainMs))
      boards.watch.set(signal, at: boards.time.now.after(milliseconds: pause))
      await signal.wait()
    }
  }
}

extension Place {
  /// Whether someone who was told `other` learns nothing from this.
  fileprivate func saysTheSame(as other: Place) -> Bool {
    var same = other
    same.offset = offset
    same.asOfMs = asOfMs
    same.askAgainMs = askAgainMs
    same.entryToken = entryToken
    return self == same
  }
}
