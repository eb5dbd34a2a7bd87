package import RPCCore
internal import UsherAPI
internal import Wire

// What callers are told who may not call, or did not say who they are.

extension RPCFailure {
  static var credentialsMissing: RPCFailure {
    RPCFailure(
      .credentialsMissing,
      "this call needs an API key or a user's token: \(Metadata.Key.authorization): Bearer …"
    )
  }

  static var userRequired: RPCFailure {
    RPCFailure(
      .userRequired,
      "an app has to name the user for whom it makes this call, in \(Metadata.Key.user)"
    )
  }

  /// What a token is of has not come to this instance yet, which is a matter of milliseconds.
  package static var tokenAhead: RPCFailure {
    RPCFailure(
      .storeDown,
      "another instance gave this token, and this one has not come as far yet",
      retryAfterMilliseconds: 10
    )
  }

  static func credentialsInvalid(_ sentence: String) -> RPCFailure {
    RPCFailure(.credentialsInvalid, sentence)
  }

  static func forbidden(_ sentence: String) -> RPCFailure {
    RPCFailure(.forbidden, sentence)
  }
}
