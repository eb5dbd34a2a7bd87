internal import Crypto
package import Domain
package import RPCCore
internal import UsherAPI
internal import Wire

/// Finds out who calls and whether they may, before any handler.
///
/// A caller shows an API key or a user's token in `authorization`; an app names the user for whom it
/// acts in `usher-user`. A place in a line, or the way through a gate, is shown in `usher-token`. What
/// this finds is the call's ``Principal``.
package struct AccessScreen: CallScreen {
  let ring: KeyRing
  private let policy: AccessPolicy
  let now: @Sendable () -> Instant
  let epoch: @Sendable (GateTag) -> UInt32?
  let mayLack: @Sendable (Instant) -> Bool

  /// A screen that knows the ring's keys. `now` is the store's time, and `epoch` a gate's, nil where
  /// there is no such gate; `mayLack` says whether what was committed by then may not be known here yet.
  package init(
    ring: KeyRing,
    policy: AccessPolicy = .standard,
    now: @escaping @Sendable () -> Instant,
    epoch: @escaping @Sendable (GateTag) -> UInt32?,
    mayLack: @escaping @Sendable (Instant) -> Bool
  ) {
    self.ring = ring
    self.policy = policy
    self.now = now
    self.epoch = epoch
    self.mayLack = mayLack
  }

  package func screen(
    _ context: inout CallContext,
    memo: inout (any AnyObject & Sendable)?
  ) throws {
    let known = Self.known(&memo)
    let path = context.method.path
    guard let (rule, need) = known.rule(for: path, in: policy) else {
      throw RPCFailure.forbidden("\(path) is not among the methods that anyone may call")
    }
    if rule == .open { return }
    let credential = try credential(in: context.metadata, known)
    guard rule.allows(credential.role) else {
      throw RPCFailure.forbidden("\(path) is for \(rule.callers)")
    }
    let principal =
      try context.metadata.withBytes(for: Metadata.Key.user) {
        try credential.principal(naming: $0)
      } ?? credential.principal()
    if rule.needsUser, principal.user == nil { throw RPCFailure.userRequired }
    context.identity = try showing(need, context.metadata, credential, principal)
  }

  private static func known(_ memo: inout (any AnyObject & Sendable)?) -> AccessMemo {
    if let known = memo as? AccessMemo { return known }
    let new = AccessMemo()
    memo = new
    return new
  }

  private func credential(in metadata: Metadata, _ known: AccessMemo) throws -> Credential {
    let found = try metadata.withBytes(for: Metadata.Key.authorization) { shown in
      if let found = known.find(shown, generation: ring.generation, now: now) { return found }
      let found = try verify(shown)
      known.keep(found)
      return found
    }
    guard let found else { throw RPCFailure.credentialsMissing }
    return found
  }
}

// MARK: - Verifying

extension AccessScreen {
  private func verify(_ shown: UnsafeRawBufferPointer) throws -> Credential {
    guard shown.starts(with: "Bearer ".utf8) else {
      throw RPCFailure.credentialsInvalid("authorization has to be Bearer and a key or token")
    }
    let secret = UnsafeRawBufferPointer(rebasing: shown[7...])
    return secret.starts(with: APIKey.commonPrefix.utf8)
      ? try verifyKey(secret, shown) : try verifyToken(secret, shown)
  }

  private func verifyKey(
    _ key: UnsafeRawBufferPointer,
    _ shown: UnsafeRawBufferPointer
  ) throws -> Credential {
    let keys = ring.keys
    guard let app = keys.app(digest: SHA256.digest(of: key)) else {
      throw RPCFailure.credentialsInvalid("the API key is unknown or revoked")
    }
    return Credential(
      shown: Array(shown),
      generation: keys.generation,
      expires: nil,
      principal: app.role == .operator ? .operator(app.id) : .app(app.id)
    )
  }

  private func verifyToken(
    _ token: UnsafeRawBufferPointer,
    _ shown: UnsafeRawBufferPointer
  ) throws -> Credential {
    let keys = ring.keys
    let now = now()
    let check = TokenCheck { keys.verifier($0, at: now) }
    do throws(TokenFault) {
      let said: UserToken = try check.check(token, at: now)
      return Credential(
        shown: Array(shown),
        generation: keys.generation,
        expires: said.expires,
        principal: .user(said.user)
      )
    } catch {
      throw RPCFailure.credentialsInvalid(
        error == .expired
          ? "the user's token is over; IssueToken gives another"
          : "what was shown is neither an API key nor a token of this server"
      )
    }
  }
}
