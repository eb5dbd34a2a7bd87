internal import CCrypto
internal import Threads

/// HMAC-SHA256 under one key, for any thread.
///
/// The context is made once and kept: with the one-shot call most of the time goes into finding the
/// algorithm and setting up the key again.
package final class HMAC: Sendable {
  /// How long a code is.
  package static let codeBytes = 32

  private let context: Guarded<Context>

  package init(key: [UInt8]) {
    context = Guarded(Context(key: key))
  }

  /// Writes the code of `message` over `code`, which has room for just that.
  package func authenticate(
    _ message: UnsafeRawBufferPointer,
    into code: UnsafeMutableRawBufferPointer
  ) {
    precondition(code.count == Self.codeBytes, "a code has \(Self.codeBytes) bytes")
    context.withLock { unsafe $0.authenticate(message, into: code) }
  }

  /// Whether `code` is the code of `message`. Takes as long for any code of the right length.
  package func isValid(
    _ code: UnsafeRawBufferPointer,
    of message: UnsafeRawBufferPointer
  ) -> Bool {
    unsafe withUnsafeTemporaryAllocation(byteCount: Self.codeBytes, alignment: 8) { right in
      unsafe authenticate(message, into: right)
      return unsafe SecretBytes.areEqual(UnsafeRawBufferPointer(right), code)
    }
  }
}

/// Owns libcrypto's context, which is used by one at a time.
@safe private final class Context {
  private let raw: OpaquePointer

  init(key: [UInt8]) {
    precondition(LibCrypto.isReady, "libcrypto cannot be set up")
    let algorithm = unsafe EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil)
    // Freed here: the context keeps the algorithm alive.
    defer { unsafe EVP_MAC_free(algorithm) }
    guard let raw = unsafe EVP_MAC_CTX_new(algorithm) else {
      preconditionFailure("libcrypto has no HMAC")
    }
    unsafe self.raw = raw
    var digest = Array("SHA256".utf8CString)
    // The parameters keep pointers to both texts, which have to last as long as they do.
    let isReady = unsafe OSSL_MAC_PARAM_DIGEST.withCString { parameter in
      unsafe digest.withUnsafeMutableBufferPointer { name in
        let parameters = unsafe [
          OSSL_PARAM_construct_utf8_string(parameter, name.baseAddress, 0),
          OSSL_PARAM_construct_end(),
        ]
        return unsafe EVP_MAC_init(raw, key, key.count, parameters)
      }
    }
    precondition(isReady == 1, "libcrypto has no HMAC-SHA256")
  }

  deinit { unsafe EVP_MAC_CTX_free(raw) }

  func authenticate(_ message: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer) {
    var written = 0
    // Without a key the context starts again with the one that it has.
    let isDone =
      unsafe EVP_MAC_init(raw, nil, 0, nil) == 1
      && EVP_MAC_update(raw, message.baseAddress, message.count) == 1
      && EVP_MAC_final(raw, code.baseAddress, &written, code.count) == 1
    precondition(isDone && written == HMAC.codeBytes, "libcrypto failed to authenticate")
  }
}
