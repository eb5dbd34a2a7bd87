import Crypto
import Testing

private func code(of message: [UInt8], by hmac: HMAC) -> [UInt8] {
  var code = [UInt8](repeating: 0, count: HMAC.codeBytes)
  message.withUnsafeBytes { message in
    code.withUnsafeMutableBytes { hmac.authenticate(message, into: $0) }
  }
  return code
}

@Suite("What of libcrypto is used") struct CryptoTests {
  /// RFC 4231, cases 1, 2, 3 and 6.
  static let cases: [(key: [UInt8], message: [UInt8], code: [UInt8])] = [
    (
      Array(repeating: 0x0b, count: 20), Array("Hi There".utf8),
      bytes("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    ),
    (
      Array(repeating: 0xaa, count: 20), Array(repeating: 0xdd, count: 50),
      bytes("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
    ),
    (
      Array(repeating: 0xaa, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      bytes("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    ),
  ]

  @Test("HMAC-SHA256 gives the codes of RFC 4231, and gives them again", arguments: 0..<4)
  func codes(number: Int) {
    let example = Self.cases[number]
    let hmac = HMAC(key: example.key)
    for _ in 0..<3 {
      #expect(code(of: example.message, by: hmac) == example.code)
      _ = code(of: [1, 2, 3], by: hmac)
    }
  }

  @Test("A code is valid for its own message alone, and no other code is")
  func validity() {
    let hmac = HMAC(key: [1, 2, 3])
    let right = code(of: [9, 8, 7], by: hmac)
    func isValid(_ code: [UInt8], of message: [UInt8]) -> Bool {
      code.withUnsafeBytes { code in message.withUnsafeBytes { hmac.isValid(code, of: $0) } }
    }
    #expect(isValid(right, of: [9, 8, 7]))
    #expect(!isValid(right, of: [9, 8, 6]))
    #expect(!isValid(Array(right.dropLast()), of: [9, 8, 7]))
    for place in right.indices {
      var wrong = right
      wrong[place] ^= 1
      #expect(!isValid(wrong, of: [9, 8, 7]))
    }
  }

  @Test("Bytes are equal where every byte is, whatever their length", arguments: 0..<40)
  func equality(count: Int) {
    func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
      one.withUnsafeBytes { one in other.withUnsafeBytes { SecretBytes.areEqual(one, $0) } }
    }
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
    #expect(areEqual(bytes, bytes))
    #expect(!areEqual(bytes, bytes + [0]))
    for place in bytes.indices {
      for bit in 0..<8 {
        var other = bytes
        other[place] ^= 1 << bit
        #expect(!areEqual(bytes, other))
      }
    }
  }

  @Test("SHA-256 gives the digests of FIPS 180")
  func digests() {
    #expect(
      SHA256.digest(of: "abc")
        == bytes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    )
    #expect(
      SHA256.digest(of: "")
        == bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    )
  }

  @Test("Base64 for URLs has one text for bytes of every length, and takes no other")
  func base64() {
    // RFC 4648, section 10, and the two characters that differ.
    let texts = ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"]
    for (count, text) in texts.enumerated() {
      let bytes = Array("foobar".utf8.prefix(count))
      #expect(Base64URL.text(of: bytes) == text)
      #expect(Base64URL.bytes(count, of: text) == bytes)
      #expect(Base64URL.bytes(count + 1, of: text) == nil)
    }
    #expect(Base64URL.text(of: [0xFB, 0xFF, 0xBF]) == "-_-_")
    for (count, wrong) in [(1, "Zh"), (1, "Z="), (2, "Zm9"), (3, "Zm+v"), (2, "é8")] {
      #expect(Base64URL.bytes(count, of: wrong) == nil, "\(wrong)")
    }
  }

  @Test("Random bytes are as many as were asked for", arguments: [0, 1, 8, 9, 32])
  func random(count: Int) {
    var generator = SystemRandomNumberGenerator()
    #expect(SecretBytes.random(count, using: &generator).count == count)
  }
}
