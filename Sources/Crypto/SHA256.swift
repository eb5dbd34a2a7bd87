internal import CCrypto

/// The hash function SHA-256.
package enum SHA256 {
  /// How long a digest is.
  package static let digestBytes = 32

  /// Looking the algorithm up costs more than a short digest.
  ///
  /// Sendable because libcrypto never changes what it has looked up, so that it needs no lock.
  @safe private struct Algorithm: @unchecked Sendable {
    let raw: OpaquePointer?

    init() {
      precondition(LibCrypto.isReady, "libcrypto cannot be set up")
      unsafe raw = EVP_MD_fetch(nil, "SHA256", nil)
    }
  }

  private static let algorithm = Algorithm()

  /// The digest of `bytes`.
  package static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: digestBytes) { digest, count in
      let isDone = unsafe EVP_Digest(
        bytes.baseAddress,
        bytes.count,
        digest.baseAddress,
        nil,
        algorithm.raw,
        nil
      )
      precondition(isDone == 1, "libcrypto has no SHA-256")
      count = digestBytes
    }
  }

  /// The digest of a text's UTF-8.
  package static func digest(of text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 { unsafe digest(of: UnsafeRawBufferPointer($0)) }
  }
}
