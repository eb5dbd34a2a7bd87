public import Wire

/// How one call is to be made.
public struct CallOptions: Sendable {
  /// How long to wait for the outcome; nil is as long as it takes.
  public var timeout: Duration?
  /// What travels beside the request.
  public var metadata = Metadata()

  /// Options for one call.
  public init(timeout: Duration? = nil, metadata: Metadata = Metadata()) {
    self.timeout = timeout
    self.metadata = metadata
  }

  /// Whether the server recognises a repetition of the call, so that repeating it is safe.
  var carriesIdempotencyKey: Bool { metadata[Metadata.Key.idempotencyKey] != nil }

  /// The same but for the timeout.
  func with(timeout: Duration?) -> CallOptions {
    var options = self
    options.timeout = timeout
    return options
  }

  /// The timeout as it travels: whole milliseconds, at least one.
  var timeoutMs: UInt32 {
    guard let timeout else { return 0 }
    return UInt32(clamping: max(1, timeout.wholeNanoseconds / 1_000_000))
  }
}

/// What a call with one response came to: the message, and what travelled with the status.
public struct Answer<Response: Message>: Sendable {
  /// The response.
  public var message: Response
  /// What travelled with the status.
  public var trailers: Metadata

  /// An answer.
  public init(_ message: Response, trailers: Metadata = Metadata()) {
    self.message = message
    self.trailers = trailers
  }
}

/// Something that makes calls. Generated clients are made over one.
public protocol Caller: Sendable {
  /// One request, one response.
  func unary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions
  ) async throws(RPCFailure) -> Answer<Response>

  /// One request, any number of responses. The call is made when the first is asked for, and
  /// cancelled when the stream is let go of.
  func serverStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions
  ) -> ResponseStream<Response>

  /// Any number of requests, which `sending` writes, and one response.
  func clientStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    options: CallOptions,
    sending: (RequestWriter<Request>) async throws -> Void
  ) async throws -> Answer<Response>

  /// Any number of messages both ways, for as long as `body` runs.
  func bidirectional<Request: Message, Response: Message, Result>(
    _ method: MethodDescriptor,
    options: CallOptions,
    _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
  ) async throws -> Result
}
