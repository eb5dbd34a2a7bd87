internal import Domain
internal import RPCCore
internal import UsherAPI
internal import Wire

// Tokens of a line: their signature, user and epoch are looked at here, for every method that takes
// one; whether the ticket still lives is for those who know it.

extension AccessScreen {
  /// The caller with the token of a line that the method takes.
  func showing(
    _ need: PassNeed,
    _ metadata: Metadata,
    _ credential: Credential,
    _ principal: Principal
  ) throws -> Principal {
    guard need != .none else { return principal }
    let found = try metadata.withBytes(for: Metadata.Key.token) { token in
      if let known = credential.principal(showing: token, for: principal.user) { return known }
      let showing = principal.showing(try verify(token))
      credential.keep(showing, showing: token)
      return showing
    }
    guard let found, let pass = found.pass else {
      guard need == .entry else { throw RPCFailure.tokenMissing }
      return principal
    }
    try check(pass, need, of: principal)
    return found
  }

  private func verify(_ token: UnsafeRawBufferPointer) throws -> ShownPass {
    let keys = ring.keys
    let now = now()
    let check = TokenCheck { keys.verifier($0, at: now) }
    do throws(TokenFault) {
      return ShownPass(
        claim: try check.check(token, as: EntryToken.self, at: now).claim,
        isEntry: true
      )
    } catch {
      guard error == .malformed else { throw RPCFailure.tokenInvalid(error) }
    }
    do throws(TokenFault) {
      return ShownPass(
        claim: try check.check(token, as: QueueToken.self, at: now).claim,
        isEntry: false
      )
    } catch {
      throw RPCFailure.tokenInvalid(error)
    }
  }

  private func check(_ pass: ShownPass, _ need: PassNeed, of principal: Principal) throws {
    guard pass.claim.user == principal.user else {
      throw RPCFailure.forbidden("this token of a line is another user's")
    }
    let epoch = epoch(pass.claim.gate)
    guard epoch == pass.claim.epoch else {
      if epoch ?? 0 < pass.claim.epoch, mayLack(pass.claim.issued) { throw RPCFailure.tokenAhead }
      throw RPCFailure(.tokenInvalid, "this token is of an earlier epoch; Enter gives new ones")
    }
    switch (need, pass.isEntry) {
    case (.queue, true):
      throw RPCFailure(.tokenInvalid, "this call takes a queue token, and was shown an entry token")
    case (.entry, false):
      throw RPCFailure(
        .notAdmitted,
        "this call takes an entry token, and was shown a queue token: Claim gives the other"
      )
    case (.queue, false):
      guard now() < pass.claim.expires else { throw RPCFailure.tokenInvalid(.expired) }
    case (.entry, true), (.none, _): break
    }
  }
}

extension RPCFailure {
  static var tokenMissing: RPCFailure {
    RPCFailure(.tokenMissing, "this call needs a queue token in \(Metadata.Key.token)")
  }

  static func tokenInvalid(_ fault: TokenFault) -> RPCFailure {
    RPCFailure(
      .tokenInvalid,
      fault == .expired
        ? "this token is over; Enter gives another" : "this is no token of a line of this server"
    )
  }
}
