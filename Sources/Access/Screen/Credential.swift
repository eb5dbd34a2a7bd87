internal import Crypto
internal import Domain
internal import RPCCore
internal import UsherAPI

/// What someone has shown and was found good, and whoever they act for.
///
/// Lives in its connection's ``AccessMemo``, on the connection's loop.
final class Credential {
  /// The whole value of `authorization`.
  let shown: [UInt8]
  /// Which keys it was verified with.
  let generation: Int
  /// When it is over; nil where it has no end of its own.
  let expires: Instant?
  let role: Principal.Role

  /// Whom they are where they name nobody.
  private let alone: Principal
  /// The user whom they named last, as they wrote it, and whom they are then.
  @exclusivity(unchecked)
  private var named: [UInt8] = []
  @exclusivity(unchecked)
  private var forNamed: Principal
  /// The token of a line that was shown last, and whoever showed it.
  @exclusivity(unchecked)
  private var shownPass: [UInt8] = []
  @exclusivity(unchecked)
  private var withPass: Principal?

  init(shown: [UInt8], generation: Int, expires: Instant?, principal: Principal) {
    self.shown = shown
    self.generation = generation
    self.expires = expires
    role = principal.role
    alone = principal
    forNamed = principal
  }

  /// Whom they are where they name nobody.
  func principal() -> Principal { alone }

  /// Whoever showed that token of a line last, if it was for the same user.
  func principal(
    showing token: UnsafeRawBufferPointer,
    for user: UserID?
  ) -> Principal? {
    guard let withPass, withPass.user == user,
      shownPass.withUnsafeBytes({ SecretBytes.areEqual($0, token) })
    else { return nil }
    return withPass
  }

  /// Remembers who has shown a token that was found good.
  func keep(_ principal: Principal, showing token: UnsafeRawBufferPointer) {
    shownPass = Array(token)
    withPass = principal
  }

  /// Whom they are where `usher-user` holds `name`.
  func principal(naming name: UnsafeRawBufferPointer) throws -> Principal {
    let isKnown = named.withUnsafeBytes { SecretBytes.areEqual($0, name) }
    if isKnown, !named.isEmpty { return forNamed }
    guard let user = UserID(String(decoding: name, as: UTF8.self)) else {
      throw RPCFailure(.fieldInvalid, "usher-user: this is not a UUID in canonical text")
    }
    switch (role, alone.key) {
    case (.app, .some(let key)): forNamed = .app(key, for: user)
    case (.user, _):
      guard user == alone.user else {
        throw RPCFailure.forbidden("a user's token is good for that user alone, not for \(user)")
      }
    case (.operator, _), (.app, nil):
      throw RPCFailure.forbidden("an operator acts for no user")
    }
    named = Array(name)
    return forNamed
  }
}
