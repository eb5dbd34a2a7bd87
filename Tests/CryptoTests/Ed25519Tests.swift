import Crypto
import Testing

@Suite("Signatures by Ed25519") struct Ed25519Tests {
  struct Example: Sendable {
    let seed: [UInt8]
    let publicKey: [UInt8]
    let message: [UInt8]
    let signature: [UInt8]
  }

  /// RFC 8032, section 7.1, tests 1 to 3 and SHA(abc).
  static let examples = [
    Example(
      seed: bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
      publicKey: bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
      message: [],
      signature: bytes(
        """
        e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b\
        d25bf5f0595bbe24655141438e7a100b
        """
      )
    ),
    Example(
      seed: bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
      publicKey: bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
      message: [0x72],
      signature: bytes(
        """
        92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c\
        387b2eaeb4302aeeb00d291612bb0c00
        """
      )
    ),
    Example(
      seed: bytes("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
      publicKey: bytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
      message: [0xaf, 0x82],
      signature: bytes(
        """
        6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659\
        4a7c15e9716ed28dc027beceea1ec40a
        """
      )
    ),
    Example(
      seed: bytes("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
      publicKey: bytes("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"),
      message: bytes(
        """
        ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd\
        454d4423643ce80e2a9ac94fa54ca49f
        """
      ),
      signature: bytes(
        """
        dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030\
        3dca179c138ac17ad9bef1177331a704
        """
      )
    ),
  ]

  @Test("Keys and signatures are those of RFC 8032, and are given again", arguments: examples)
  func keysAndSignatures(_ example: Example) {
    let signer = Ed25519.Signer(seed: example.seed)
    #expect(signer.publicKey == example.publicKey)
    for _ in 0..<2 { #expect(signer.sign(example.message) == example.signature) }
    #expect(Ed25519.isValid(example.signature, of: example.message, by: example.publicKey))
  }

  @Test("A signature is good for its message and key alone, bit for bit")
  func alteration() {
    let example = Self.examples[2]
    let right = (example.signature, example.message, example.publicKey)
    for bit in 0..<(right.0.count * 8) {
      #expect(!Ed25519.isValid(right.0.flipping(bit), of: right.1, by: right.2))
    }
    for bit in 0..<(right.1.count * 8) {
      #expect(!Ed25519.isValid(right.0, of: right.1.flipping(bit), by: right.2))
    }
    for bit in 0..<(right.2.count * 8) {
      #expect(!Ed25519.isValid(right.0, of: right.1, by: right.2.flipping(bit)))
    }
  }

  @Test("What has another length is neither a signature nor a key")
  func lengths() {
    let example = Self.examples[2]
    for signature in [[], Array(example.signature.dropLast()), example.signature + [0]] {
      #expect(!Ed25519.isValid(signature, of: example.message, by: example.publicKey))
    }
    for key in [[], Array(example.publicKey.dropLast()), example.publicKey + [0]] {
      #expect(!Ed25519.isValid(example.signature, of: example.message, by: key))
    }
  }
}
