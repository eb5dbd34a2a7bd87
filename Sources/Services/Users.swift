package import Access
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

/// `usher.v1.UserService`.
package struct Users: UserService {
  private let counter: Counter
  private let keys: KeyRing

  package init(_ counter: Counter, keys: KeyRing) {
    self.counter = counter
    self.keys = keys
  }

  package func register(
    _ request: RegisterRequest,
    context: CallContext
  ) async throws -> Reply<RegisterResponse> {
    let command = Register(
      id: request.id.isEmpty ? nil : try UserID(field: "id", request.id),
      name: try request.name.checked("name", atMost: Limit.nameBytes)
    )
    let done = try await counter.submit(command, for: request, context, lane: .door)
    let token = try token(for: done.outcome.id, lasting: 0)
    let response = RegisterResponse(
      user: UsherAPI.User(done.outcome),
      token: token.text,
      tokenExpiresMs: token.expires.milliseconds
    )
    return counter.reply(response, after: done)
  }

  package func get(
    _ request: GetUserRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.User> {
    let id = try UserID(field: "user_id", request.userID)
    let principal = try context.principal()
    guard principal.role != .user || principal.user == id else {
      throw RPCFailure(.forbidden, "a user may ask about themselves, not about \(id)")
    }
    return Reply(UsherAPI.User(try await livingUser(id, context)))
  }

  package func issueToken(
    _ request: IssueTokenRequest,
    context: CallContext
  ) async throws -> Reply<IssueTokenResponse> {
    let id = try UserID(field: "user_id", request.userID)
    guard Int64(request.ttlMs) <= keys.lifetimes.millisecondsMax else {
      throw invalid("ttl_ms", "at most \(keys.lifetimes.millisecondsMax)")
    }
    _ = try await livingUser(id, context)
    let token = try token(for: id, lasting: Int64(request.ttlMs))
    return Reply(
      IssueTokenResponse(token: token.text, expiresMs: token.expires.milliseconds)
    )
  }

  package func delete(
    _ request: DeleteUserRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.User> {
    let command = DeleteUser(id: try UserID(field: "user_id", request.userID))
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(UsherAPI.User(done.outcome), after: done)
  }

  private func token(
    for user: UserID,
    lasting milliseconds: Int64
  ) throws -> (text: String, expires: Instant) {
    let now = counter.boards.time.now
    guard let token = keys.mintUserToken(for: user, lasting: milliseconds, at: now) else {
      throw RPCFailure(.storeDown, "no signing key is known yet", retryAfterMilliseconds: 1_000)
    }
    return token
  }

  private func livingUser(
    _ id: UserID,
    _ context: CallContext
  ) async throws -> Domain.User {
    let user: Domain.User? = try await counter.look(context) { snapshot throws(StoreFailure) in
      try snapshot.row(id)
    }
    guard let user, user.deleted == nil else {
      throw RPCFailure(.userNotFound, "there is no user \(id)")
    }
    return user
  }
}
