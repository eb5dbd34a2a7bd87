import Access
import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@Suite("Tokens") struct TokenTests {
  private static let secret = Array(UInt8(0)..<32)
  private static let key = TokenKey(
    id: ID(high: 0x0190_a0b0_c0d0_7e0f, low: 0x8a1b_2c3d_4e5f_6071),
    secret: secret
  )
  private static let body = UserToken(
    user: ID(high: 0x0191_a1b1_c1d1_7e1f, low: 0x8b1c_2d3e_4f50_6172),
    issued: Instant(milliseconds: 1_700_000_000_000),
    expires: Instant(milliseconds: 1_700_000_060_000)
  )
  /// Made by hand from the layout, with another library.
  private static let text =
    "AQEBAAGQoLDA0H4PihssPU5fYHEBkaGxwdF-H4scLT5PUGFyAAABi8_laAAAAAGLz-ZSYCohxWOeECKZshmyTij6au9H_CqUi5gs"
    + "KItUDz3TF1oQ"

  private func check(
    _ text: String,
    with key: TokenKey = key,
    at now: Instant = body.issued
  ) throws(TokenFault) -> UserToken {
    try TokenCheck(key: key).check(text, at: now)
  }

  /// The token's bytes after `change`, under a code that is right for them.
  private func resigned(_ change: (inout [UInt8]) -> Void) throws -> String {
    let standard = Self.text.replacing("-", with: "+").replacing("_", with: "/")
    var bytes = Array(try #require(Data(base64Encoded: standard)).dropLast(HMAC.codeBytes))
    change(&bytes)
    var code = [UInt8](repeating: 0, count: HMAC.codeBytes)
    let hmac = HMAC(key: Self.secret)
    bytes.withUnsafeBytes { bytes in
      code.withUnsafeMutableBytes { hmac.authenticate(bytes, into: $0) }
    }
    return Data(bytes + code).base64EncodedString().replacing("+", with: "-")
      .replacing("/", with: "_")
  }

  @Test("A token has the layout that its version promises, to the last bit")
  func layout() throws {
    #expect(TokenMint(key: Self.key).mint(Self.body) == Self.text)
    #expect(try check(Self.text) == Self.body)
    #expect(try resigned { _ in } == Self.text)
  }

  @Test("A token is good until it expires, and not at that instant")
  func expiry() throws {
    let end = Self.body.expires
    #expect(try check(Self.text, at: end.after(milliseconds: -1)) == Self.body)
    #expect(throws: TokenFault.expired) { try check(Self.text, at: end) }
  }

  @Test("Another secret or another key's id does not verify it")
  func otherKeys() {
    let forger = TokenKey(id: Self.key.id, secret: Self.secret.reversed())
    #expect(throws: TokenFault.forged) { try check(Self.text, with: forger) }
    let other = TokenKey(id: ID(high: 1, low: 2), secret: Self.secret)
    #expect(throws: TokenFault.keyUnknown) { try check(Self.text, with: other) }
  }

  @Test("A token of another version, kind or audience is no user's, though the same key signed it")
  func kinds() throws {
    for place in 0..<4 {
      for value in 0...UInt8.max {
        let text = try resigned { $0[place] = value }
        if text == Self.text { continue }
        #expect(throws: TokenFault.malformed) { try check(text) }
      }
    }
  }

  @Test("Text of any other length or alphabet is no token")
  func malformed() {
    let texts = [
      "", "A", Self.text + "A", Self.text + "====", String(Self.text.dropLast()),
      String(Self.text.dropLast(4)), Self.text.replacing("-", with: "+"),
      Self.text.replacing("_", with: "/"), " " + Self.text.dropFirst(),
      String(repeating: "=", count: Self.text.count),
    ]
    for text in texts {
      #expect(throws: TokenFault.malformed) { try check(text) }
    }
  }

  private static func isAccepted(_ text: [UInt8], by check: TokenCheck) -> Bool {
    text.withUnsafeBytes { bytes in
      do throws(TokenFault) {
        let _: UserToken = try check.check(bytes, at: body.issued)
        return true
      } catch {
        return false
      }
    }
  }

  /// Changes one to three bytes, mostly into others of the alphabet. One draw makes one change, since
  /// a million of them are wanted.
  private static func change(_ text: inout [UInt8], as bits: UInt64) {
    var bits = bits
    for _ in 0...(bits % 3) {
      bits >>= 2
      let place = Int(bits % 112)
      let value = UInt8(truncatingIfNeeded: bits >> 7)
      bits >>= 18
      text[place] = value < 16 ? text[place] ^ (1 << (value & 7)) : alphabet[Int(value & 63)]
    }
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
  )

  /// A million where the compiler optimizes; unoptimized they would hold every other test up.
  private static var changesPerSeed: Int {
    #if DEBUG
      10_000
    #else
      100_000
    #endif
  }

  @Test(
    "None of a million random changes to a token is accepted",
    arguments: 0..<10 as Range<UInt64>
  )
  func mutations(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let original = Array(Self.text.utf8)
    let check = TokenCheck(key: Self.key)
    var changed = 0
    var accepted = 0
    while changed < Self.changesPerSeed {
      var text = original
      Self.change(&text, as: random.next())
      if text == original { continue }
      changed += 1
      if Self.isAccepted(text, by: check) { accepted += 1 }
    }
    #expect(accepted == 0)
  }
}

@Suite("API keys") struct APIKeyTests {
  @Test("A key shows what it is, and its digest is all of it through SHA-256")
  func text() {
    var random = SeededGenerator(seed: 3)
    let app = APIKey(for: .app, using: &random)
    let other = APIKey(for: .app, using: &random)
    #expect(app.text.hasPrefix("usher_app_") && app.text.utf8.count == 10 + 44)
    #expect(APIKey(for: .operator, using: &random).text.hasPrefix("usher_operator_"))
    #expect(app != other && app.digest != other.digest)
    #expect(app.digest == SHA256.digest(of: app.text))
  }

  @Test("A key is read back for its own role, and nothing else is a key")
  func reading() {
    var random = SeededGenerator(seed: 4)
    let app = APIKey(for: .app, using: &random)
    #expect(APIKey(app.text, for: .app) == app)
    #expect(APIKey(app.text, for: .operator) == nil)
    for text in ["", "usher_app_", app.text + "A", String(app.text.dropLast()), app.text + "\n"] {
      #expect(APIKey(text, for: .app) == nil)
    }
  }
}
