internal import Crypto
package import Domain

/// A signing key, ready to be used by any thread.
package final class TokenKey: Sendable {
  package let id: SigningKeyID
  let hmac: HMAC

  package init(id: SigningKeyID, secret: [UInt8]) {
    self.id = id
    hmac = HMAC(key: secret)
  }
}

/// Why a token is refused.
package enum TokenFault: Error, Hashable, Sendable {
  /// It is no token of this version, or not of the kind that is wanted here.
  case malformed
  /// No key that may still verify has its key's id.
  case keyUnknown
  /// Its code is not its key's.
  case forged
  /// Its time is over.
  case expired
}

/// Makes tokens under one key.
package struct TokenMint: Sendable {
  package let key: TokenKey

  package init(key: TokenKey) {
    self.key = key
  }

  /// The token that says `body`, as text.
  package func mint<Body: TokenBody>(_ body: Body) -> String {
    let count = TokenLayout.byteCount(of: Body.self)
    return withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { bytes in
      var writer = TokenWriter(bytes)
      writer.number(TokenLayout.version)
      writer.number(Body.kind.rawValue)
      writer.number(Body.kind.audience.rawValue)
      writer.number(0 as UInt8)
      writer.id(key.id)
      body.write(to: &writer)
      let signed = count - HMAC.codeBytes
      precondition(writer.count == signed, "a body is as long as it says")
      key.hmac.authenticate(
        UnsafeRawBufferPointer(rebasing: bytes[..<signed]),
        into: UnsafeMutableRawBufferPointer(rebasing: bytes[signed...])
      )
      return Base64URL.text(of: UnsafeRawBufferPointer(bytes))
    }
  }
}

/// Reads tokens, and believes those alone that its keys have signed.
package struct TokenCheck: Sendable {
  private let find: @Sendable (SigningKeyID) -> TokenKey?

  /// A check with one key.
  package init(key: TokenKey) {
    find = { $0 == key.id ? key : nil }
  }

  /// A check with the key of the id that a token names.
  package init(finding find: @escaping @Sendable (SigningKeyID) -> TokenKey?) {
    self.find = find
  }

  /// What the token says, if all of it is right. The code comes first: before that is known to be
  /// right, nothing but the key's id is read from the rest.
  package func check<Body: TokenBody>(
    _ text: UnsafeRawBufferPointer,
    as type: Body.Type = Body.self,
    at now: Instant
  ) throws(TokenFault) -> Body {
    let count = TokenLayout.byteCount(of: Body.self)
    let found: Result<Body, TokenFault> = withUnsafeTemporaryAllocation(
      byteCount: count,
      alignment: 8
    ) { bytes in
      guard Base64URL.decode(text, into: bytes) else { return .failure(.malformed) }
      return Result { () throws(TokenFault) in
        try read(UnsafeRawBufferPointer(bytes), at: now)
      }
    }
    return try found.get()
  }

  /// What the token says, if all of it is right.
  package func check<Body: TokenBody>(
    _ text: String,
    as type: Body.Type = Body.self,
    at now: Instant
  ) throws(TokenFault) -> Body {
    var text = text
    let found: Result<Body, TokenFault> = text.withUTF8 { text in
      Result { () throws(TokenFault) in try check(UnsafeRawBufferPointer(text), at: now) }
    }
    return try found.get()
  }

  private func read<Body: TokenBody>(
    _ bytes: UnsafeRawBufferPointer,
    at now: Instant
  ) throws(TokenFault) -> Body {
    var reader = TokenReader(bytes)
    guard reader.number(UInt8.self) == TokenLayout.version,
      reader.number(UInt8.self) == Body.kind.rawValue,
      reader.number(UInt8.self) == Body.kind.audience.rawValue,
      reader.number(UInt8.self) == 0
    else { throw .malformed }
    guard let key = find(reader.id()) else { throw .keyUnknown }
    let signed = bytes.count - HMAC.codeBytes
    let isValid = key.hmac.isValid(
      UnsafeRawBufferPointer(rebasing: bytes[signed...]),
      of: UnsafeRawBufferPointer(rebasing: bytes[..<signed])
    )
    guard isValid else { throw .forged }
    let body = Body(from: &reader)
    guard now < body.expires else { throw .expired }
    return body
  }
}

/// Where things stand in a token.
enum TokenLayout {
  /// The layout and the one algorithm that goes with it, HMAC-SHA256. Another algorithm is another
  /// version, so that no token can choose how it is checked.
  static let version: UInt8 = 1
  /// Version, kind, audience, 0, and the key's id.
  static let headBytes = 20

  static func byteCount<Body: TokenBody>(of type: Body.Type) -> Int {
    headBytes + Body.byteCount + HMAC.codeBytes
  }
}
