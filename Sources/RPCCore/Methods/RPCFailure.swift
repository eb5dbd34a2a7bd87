public import Wire

/// A call that did not end in OK.
///
/// `message` and `trailers` are sent to the peer, so they say nothing that the peer may not know;
/// `cause` stays here, for the log.
public struct RPCFailure: Error, Sendable {
  /// How the call ended.
  public var code: StatusCode
  /// An explanation for people.
  public var message: String
  /// What travels with the status, such as the refusal's name.
  public var trailers: Metadata
  /// What went wrong underneath. Never sent.
  public var cause: (any Error)?
  /// Whether the peer said so. A failure that arose on this side, as when nobody could be reached,
  /// may have the same code.
  public internal(set) var isFromPeer = false

  /// A failure with that status.
  public init(
    _ code: StatusCode,
    _ message: String,
    trailers: Metadata = Metadata(),
    cause: (any Error)? = nil
  ) {
    precondition(code != .ok, "a failure is not OK")
    self.code = code
    self.message = message
    self.trailers = trailers
    self.cause = cause
  }

  /// Nobody knows whether the call did what was asked. Asking again with the same idempotency key
  /// finds out.
  public static func outcomeUnknown(_ message: String) -> RPCFailure {
    var trailers = Metadata()
    // A fixed key and value that are within every limit: adding them cannot fail.
    try? trailers.add(Metadata.Key.refusal, "OUTCOME_UNKNOWN")
    return RPCFailure(.unknown, message, trailers: trailers)
  }

  /// The refusal that the failure names; nil if it names none.
  public var refusal: String? { trailers[Metadata.Key.refusal] }

  /// Whether nobody knows if the call did what was asked.
  public var isOutcomeUnknown: Bool { code == .unknown && refusal == "OUTCOME_UNKNOWN" }
}

extension RPCFailure: CustomStringConvertible {
  /// The status, the refusal if there is one, and the message.
  public var description: String {
    let name = refusal.map { "\(code) \($0)" } ?? "\(code)"
    return message.isEmpty ? name : "\(name): \(message)"
  }
}

/// An error that knows how it is told to a caller.
public protocol RPCFailureConvertible: Error {
  /// The failure that the caller is told.
  var rpcFailure: RPCFailure { get }
}

extension RPCFailure {
  /// What a caller is told of `error`. An error that does not say how it is to be told is a fault of
  /// the handler, and is not shown.
  public init(telling error: any Error) {
    switch error {
    case let failure as RPCFailure: self = failure
    case let error as any RPCFailureConvertible: self = error.rpcFailure
    case is CancellationError: self.init(.cancelled, "the call was cancelled")
    default: self.init(.unknown, "the handler failed", cause: error)
    }
  }

  init(_ failure: DecodeFailure) {
    switch failure {
    case .malformed:
      self.init(.invalidArgument, "the message does not parse")
    case .invalidText(let field):
      self.init(.invalidArgument, "\(field) is not UTF-8, or holds a NUL")
    case .overBudget:
      self.init(.resourceExhausted, "unpacking the message would take too much memory")
    }
  }

  init(_ fault: MetadataFault) {
    switch fault {
    case .invalidKey:
      self.init(.invalidArgument, "a metadata key is not of a-z, 0-9, '.', '_', '-', 1 to 64 long")
    case .invalidValue:
      self.init(.invalidArgument, "a metadata value is not printable ASCII")
    case .tooManyEntries:
      self.init(.resourceExhausted, "more than \(Metadata.entriesMax) entries of metadata")
    case .tooManyBytes:
      self.init(.resourceExhausted, "more than \(Metadata.bytesMax) bytes of metadata")
    }
  }
}
