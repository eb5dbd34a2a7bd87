internal import Arguments
internal import RPCCore
internal import UsherAPI
internal import UsherClient
internal import Wire

/// A command that calls with the operator's key.
struct OperatorSession: Sendable {
  let usher: UsherClient
  /// How calls that look are made.
  let options: CallOptions
  /// How the call is made that changes something.
  let changing: CallOptions

  var desk: OperatorClient { usher.operators }
}

extension Invocation {
  /// The key under which this command changes something once: the one that was typed, or a new one.
  func idempotencyKey() -> String { flags["key"] ?? makeIdempotencyKey() }

  /// Runs `body` with the operator's key; refusals are told with what helps, `gate` being what the
  /// command is about. A person is told when it takes long, unless it `goesOn` by intention.
  func operating<Result: Sendable>(
    on gate: String = "",
    goesOn: Bool = false,
    _ body: (OperatorSession) async throws -> Result
  ) async throws -> Result {
    let key = idempotencyKey()
    var options = options
    options.metadata = try keys.metadata(of: .operator)
    var changing = options
    try changing.metadata.add(Metadata.Key.idempotencyKey, key)
    return try await advised(Advice(gate: gate, key: key, keyFile: keys.path(of: .operator))) {
      try await connected { usher in
        let session = OperatorSession(usher: usher, options: options, changing: changing)
        guard !goesOn else { return try await body(session) }
        return try await waiting { try await body(session) }
      }
    }
  }
}

extension Flag {
  /// Of every command that changes something.
  static let key = Flag(
    "key",
    "KEY",
    isSetting: false,
    help: "the idempotency key of an earlier try whose outcome is not known"
  )
  /// Of what operators change.
  static let reason = Flag("reason", "TEXT", isSetting: false, help: "why, for whoever looks later")
  static let ifRevision = Flag(
    "if-revision",
    "N",
    isSetting: false,
    help: "change it only if it is still at that revision"
  )
}

extension ParsedArguments {
  /// A number from 0 on behind a flag; nil where the flag was not given.
  func number<Number: FixedWidthInteger>(_ name: String, of _: Number.Type) throws -> Number? {
    guard let text = self[name] else { return nil }
    guard let number = Number(text), number >= 0 else {
      throw UsageError("--\(name): \(text): a whole number up to \(Number.max) goes here")
    }
    return number
  }

  /// A span of time behind a flag, in milliseconds as messages have it.
  func milliseconds(_ name: String) throws -> UInt32? {
    guard let text = self[name] else { return nil }
    guard let span = UInt32(exactly: try Moments.span(text, of: name)) else {
      throw UsageError("--\(name): \(text): that is longer than can be said")
    }
    return span
  }

  /// A moment behind a flag.
  func moment(_ name: String) throws -> Int64? {
    try self[name].map { try Moments.parse($0, of: name) }
  }
}
