package import Domain

/// What a kind of token says, in a layout of fixed length.
///
/// Every token is a head (version, kind, audience, 0, the signing key's id), a body, and the code of
/// both. A new kind takes a number of its own and never another's: what one check accepts no other
/// can mistake for its own, whatever the bodies hold.
package protocol TokenBody: Sendable {
  static var kind: TokenKind { get }
  /// How long the body is. With head and code three has to divide it, so that the text has no spare
  /// bits.
  static var byteCount: Int { get }
  /// It is good until then, and no longer.
  var expires: Instant { get }

  /// Reads a body whose code was found right.
  init(from reader: inout TokenReader)
  func write(to writer: inout TokenWriter)
}

/// What tokens are for. The numbers are part of the layout.
package enum TokenKind: UInt8, Sendable, Hashable {
  /// Says who calls.
  case user = 1
  /// Stands for a place in a line.
  case queue = 2
  /// Lets its owner through a gate.
  case entry = 3

  /// Where tokens of this kind are shown.
  package var audience: TokenAudience {
    switch self {
    case .user: .caller
    case .queue, .entry: .line
    }
  }
}

/// Where a token is shown. The numbers are part of the layout.
package enum TokenAudience: UInt8, Sendable, Hashable {
  /// `authorization`: it stands for its user.
  case caller = 1
  /// `usher-token`: it stands for a place in a line, and for nobody's consent.
  case line = 2
}

/// Lets its user call for themselves.
package struct UserToken: TokenBody, Hashable {
  package static let kind = TokenKind.user
  package static let byteCount = 32

  package let user: UserID
  package let issued: Instant
  package let expires: Instant

  package init(user: UserID, issued: Instant, expires: Instant) {
    self.user = user
    self.issued = issued
    self.expires = expires
  }

  package init(from reader: inout TokenReader) {
    user = reader.id()
    issued = reader.instant()
    expires = reader.instant()
  }

  package func write(to writer: inout TokenWriter) {
    writer.id(user)
    writer.instant(issued)
    writer.instant(expires)
  }
}
