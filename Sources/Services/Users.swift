internal import Access
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

/// `usher.v1.UserService`.
package struct Users: UserService {
  private let counter: Counter
  private let keys: KeyRing
  private let limits: TokenLimits

  package init(_ counter: Counter, keys: KeyRing, limits: TokenLimits = .defaults) {
    self.counter = counter
    self.keys = keys
    self.limits = limits
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
    let token = try keys.issue(for: done.outcome.id, at: done.at, ttlMilliseconds: limits.ttl)
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
    let id = try UserID(field: "user_id", request.userId)
    try context.mayActFor(id)
    return Reply(UsherAPI.User(try await livingUser(id, context)))
  }

  package func issueToken(
    _ request: IssueTokenRequest,
    context: CallContext
  ) async throws -> Reply<IssueTokenResponse> {
    let id = try UserID(field: "user_id", request.userId)
    let ttl = request.ttlMs == 0 ? limits.ttl : Int64(request.ttlMs)
    guard ttl <= limits.ttlMax else {
      throw invalid("ttl_ms", "at most \(limits.ttlMax)")
    }
    _ = try await livingUser(id, context)
    let token = try keys.issue(for: id, at: counter.boards.time.now, ttlMilliseconds: ttl)
    return Reply(
      IssueTokenResponse(token: token.text, expiresMs: token.expires.milliseconds)
    )
  }

  package func delete(
    _ request: DeleteUserRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.User> {
    let command = DeleteUser(id: try UserID(field: "user_id", request.userId))
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(UsherAPI.User(done.outcome), after: done)
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

/// How long tokens are good.
package struct TokenLimits: Sendable, Hashable {
  /// Milliseconds, where nobody says.
  package var ttl: Int64 = 86_400_000
  /// Milliseconds, at most.
  package var ttlMax: Int64 = 2_592_000_000

  package static let defaults = TokenLimits()

  package init() {}
}
