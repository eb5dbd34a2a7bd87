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

  /// The digest of bytes.
  package static func digest(of bytes: [UInt8]) -> [UInt8] {
    unsafe bytes.withUnsafeBytes { unsafe digest(of: $0) }
  }

  /// Makes one digest after the other with one context: to make that costs as much as a short digest.
  @safe final class Hasher {
    private let raw: OpaquePointer

    init() {
      guard let raw = unsafe EVP_MD_CTX_new() else {
        preconditionFailure("libcrypto has no memory")
      }
      unsafe self.raw = raw
    }

    deinit { unsafe EVP_MD_CTX_free(raw) }

    /// Writes the digest of a byte and those behind it over `digest`, which may be some of them.
    func digest(
      of first: UInt8,
      _ rest: UnsafeRawBufferPointer,
      into digest: UnsafeMutableRawBufferPointer
    ) {
      precondition(digest.count == digestBytes, "a digest has \(digestBytes) bytes")
      var first = first
      let isDone =
        unsafe EVP_DigestInit_ex2(raw, algorithm.raw, nil) == 1
        && EVP_DigestUpdate(raw, &first, 1) == 1
        && EVP_DigestUpdate(raw, rest.baseAddress, rest.count) == 1
        && EVP_DigestFinal_ex(raw, digest.baseAddress, nil) == 1
      precondition(isDone, "libcrypto has no SHA-256")
    }
  }
}
