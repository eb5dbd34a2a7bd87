internal import Access
internal import Domain
internal import Ledger
internal import RPCCore
internal import UsherAPI

// What callers show of a line, as the domain knows it, and the tokens they are given.

extension CallContext {
  /// The token of a line that was shown, as the domain judges it; nil where none was.
  func pass(_ boards: Boards) throws -> Pass? {
    guard let claim = try principal().pass?.claim else { return nil }
    guard let gate = boards.gateName(claim.gate) else {
      throw RPCFailure(.tokenInvalid, "this token is of a gate that is not known here")
    }
    return Pass(
      gate: gate,
      ticket: claim.ticket,
      user: claim.user,
      epoch: claim.epoch,
      expires: claim.expires
    )
  }

  /// What the queue token says that this method takes.
  func lineClaim() throws -> LineClaim {
    guard let pass = try principal().pass, !pass.isEntry else {
      throw RPCFailure(.tokenMissing, "this call needs a queue token")
    }
    return pass.claim
  }

  /// Sees to it that whoever reads of a guarded concert is inside. Whether the ticket still lives is
  /// what the board knows.
  func checkEntry(to concert: Domain.Concert, _ boards: Boards) throws {
    guard !concert.gate.isEmpty else { return }
    guard let pass = try principal().pass else {
      throw RPCFailure(
        .tokenMissing,
        "gate \(concert.gate) guards this concert: it takes an entry token"
      )
    }
    guard let gate = boards.gateName(pass.claim.gate), gate == concert.gate else {
      throw RPCFailure(.tokenWrongGate, "this entry token is not for gate \(concert.gate)")
    }
    let now = boards.time.now
    let ticket = boards.ticket(pass.claim.number, in: gate)
    switch ticket?.state {
    case .active:
      if let until = ticket?.until, now < until { return }
    case nil, .waiting, .admitted, .missed:
      // The token was given by an instance that knows more: here its owner has not come in yet.
      if boards.mayLack(whatWasCommittedBy: pass.claim.issued) { throw RPCFailure.tokenAhead }
    case .done, .expired, .left: break
    }
    guard now < pass.claim.expires else {
      throw RPCFailure(.tokenInvalid, "this entry token is over")
    }
    throw RPCFailure(.ticketEnded, "ticket \(pass.claim.ticket) has ended")
  }
}

/// Makes the tokens of lines.
struct LineTokens: Sendable {
  let keys: KeyRing

  /// The token of someone's place; empty where no key signs yet.
  func queueToken(of ticket: Ticket, epoch: UInt32, at now: Instant) -> String {
    let expires = now.after(milliseconds: keys.lifetimes.millisecondsMax)
    let claim = LineClaim(of: ticket, epoch: epoch, issued: now, expires: expires)
    return keys.mint(at: now)?.mint(QueueToken(claim)) ?? ""
  }

  /// The token of someone who is inside until then; empty where no key signs yet.
  func entryToken(_ claim: LineClaim, until: Instant, at now: Instant) -> String {
    let entry = LineClaim(
      user: claim.user,
      gate: claim.gate,
      ticket: claim.ticket,
      number: claim.number,
      epoch: claim.epoch,
      issued: now,
      expires: until
    )
    return keys.mint(at: now)?.mint(EntryToken(entry)) ?? ""
  }
}

extension LineClaim {
  init(of ticket: Ticket, epoch: UInt32, issued: Instant, expires: Instant) {
    self.init(
      user: ticket.user,
      gate: GateTag(gate: ticket.gate),
      ticket: ticket.id,
      number: ticket.number,
      epoch: epoch,
      issued: issued,
      expires: expires
    )
  }
}
