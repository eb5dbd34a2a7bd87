internal import CCrypto

/// libcrypto as a whole.
enum LibCrypto {
  /// Sets it up; to be looked at before anything of it is used.
  ///
  /// By itself it would put its memory away when the process exits, under threads that may still use
  /// it, and lose sight of what it keeps for each of them. The system takes all of it back anyway.
  static let isReady = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
}
