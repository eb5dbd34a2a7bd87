package import Domain
package import RPCCore
internal import UsherAPI

/// Whoever calls, after the screen has seen their credentials.
package final class Principal: Sendable {
  /// The three kinds of caller.
  package enum Role: Sendable, Hashable, CaseIterable {
    /// Someone who buys, with a token of their own.
    case user
    /// A trusted back end, with a key.
    case app
    /// Whoever runs the sale, with a key.
    case `operator`
  }

  package let role: Role
  /// For whom they act: a user for themselves, an app for whom it names.
  package let user: UserID?
  /// What an app or an operator showed.
  package let key: AppKeyID?
  /// The place in a line, or the way through a gate, that they showed.
  package let pass: ShownPass?

  private init(role: Role, user: UserID?, key: AppKeyID?, pass: ShownPass? = nil) {
    self.role = role
    self.user = user
    self.key = key
    self.pass = pass
  }

  /// The same, who has shown `pass`.
  package func showing(_ pass: ShownPass) -> Principal {
    Principal(role: role, user: user, key: key, pass: pass)
  }

  /// A user, who acts for nobody else.
  package static func user(_ id: UserID) -> Principal {
    Principal(role: .user, user: id, key: nil)
  }

  /// An app, and the user whom it names.
  package static func app(_ key: AppKeyID, for user: UserID? = nil) -> Principal {
    Principal(role: .app, user: user, key: key)
  }

  package static func `operator`(_ key: AppKeyID) -> Principal {
    Principal(role: .operator, user: nil, key: key)
  }

  /// Whose idempotency keys count as the same caller's: the acting user's from any device or app,
  /// else the key's.
  package var caller: CallerID {
    if let user { return user.of() }
    guard let key else { preconditionFailure("a principal is a user or has a key") }
    return key.of()
  }
}

extension CallContext {
  /// Who calls. Throws where nobody had to say so: a method that is open to all.
  package func principal() throws -> Principal {
    guard let principal = identity as? Principal else { throw RPCFailure.credentialsMissing }
    return principal
  }

  /// For whom the call acts.
  package func actingUser() throws -> UserID {
    guard let user = try principal().user else { throw RPCFailure.userRequired }
    return user
  }
}
