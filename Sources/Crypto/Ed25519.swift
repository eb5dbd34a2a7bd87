internal import CCrypto

/// Signatures by Ed25519, as RFC 8032 has them.
package enum Ed25519 {
  /// How long what a key is made from is.
  package static let seedBytes = 32
  /// How long a public key is.
  package static let publicKeyBytes = 32
  /// How long a signature is.
  package static let signatureBytes = 64

  /// Whether `signature` is the signature of `message` by the owner of `publicKey`.
  package static func isValid(
    _ signature: [UInt8],
    of message: [UInt8],
    by publicKey: [UInt8]
  ) -> Bool {
    guard signature.count == signatureBytes, publicKey.count == publicKeyBytes else { return false }
    precondition(LibCrypto.isReady, "libcrypto cannot be set up")
    let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
    // Bytes that are no key have signed nothing.
    guard let key = unsafe key else { return false }
    defer { unsafe EVP_PKEY_free(key) }
    return unsafe withContext { context in
      unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
        && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
  }

  /// Runs `body` with a context for one signature.
  @unsafe
  fileprivate static func withContext<Answer>(_ body: (OpaquePointer) -> Answer) -> Answer {
    guard let context = unsafe EVP_MD_CTX_new() else {
      preconditionFailure("libcrypto has no memory")
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    return unsafe body(context)
  }

  /// A key that signs, for any thread.
  ///
  /// Sendable because libcrypto never changes a key that was made, so that it needs no lock.
  @safe package final class Signer: @unchecked Sendable {
    /// What others check its signatures with.
    package let publicKey: [UInt8]
    private let raw: OpaquePointer

    /// The key that belongs to a seed of ``Ed25519/seedBytes`` bytes.
    package init(seed: [UInt8]) {
      precondition(seed.count == seedBytes, "a seed has \(seedBytes) bytes")
      precondition(LibCrypto.isReady, "libcrypto cannot be set up")
      let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
      guard let raw = unsafe key else { preconditionFailure("libcrypto has no Ed25519") }
      unsafe self.raw = raw
      publicKey = unsafe [UInt8](unsafeUninitializedCapacity: publicKeyBytes) { bytes, count in
        count = publicKeyBytes
        let isDone = unsafe EVP_PKEY_get_raw_public_key(raw, bytes.baseAddress, &count)
        precondition(isDone == 1 && count == publicKeyBytes, "libcrypto gives no public key")
      }
    }

    deinit { unsafe EVP_PKEY_free(raw) }

    /// The signature of `message`.
    package func sign(_ message: [UInt8]) -> [UInt8] {
      unsafe [UInt8](unsafeUninitializedCapacity: signatureBytes) { bytes, count in
        count = signatureBytes
        let isDone = unsafe withContext { context in
          unsafe EVP_DigestSignInit(context, nil, nil, nil, raw) == 1
            && EVP_DigestSign(context, bytes.baseAddress, &count, message, message.count) == 1
        }
        precondition(isDone && count == signatureBytes, "libcrypto failed to sign")
      }
    }
  }
}
