public import Wire

/// A stream that was opened: where its requests go and where its responses come from.
public struct OpenStream<Request: Message, Response: Message>: Sendable {
  /// Where the requests go; nil where the method takes one.
  public var requests: RequestWriter<Request>?
  /// Where the responses come from; nil where the method gives one.
  public var responses: ResponseStream<Response>?
  /// The one response, where the method gives one, as soon as the call has ended.
  public var answer: (@Sendable () async throws -> Answer<Response>)?

  /// A stream of which nothing is known yet.
  public init() {}
}

/// Something that is done around a client's calls and is not its callers' business.
///
/// It may answer by itself, change a call's options, measure how long a call takes and how it ends,
/// or put itself between a stream and its reader.
public protocol ClientInterceptor: Sendable {
  /// Is called for each call with one request and one response.
  func interceptUnary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ options: CallOptions,
    next: @Sendable (Request, CallOptions) async throws -> Answer<Response>
  ) async throws -> Answer<Response>

  /// Is called for each call with a stream of messages in at least one direction.
  func interceptStream<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ options: CallOptions,
    next: @Sendable (CallOptions) async throws -> OpenStream<Request, Response>
  ) async throws -> OpenStream<Request, Response>
}

extension ClientInterceptor {
  /// Lets the call pass.
  public func interceptUnary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ options: CallOptions,
    next: @Sendable (Request, CallOptions) async throws -> Answer<Response>
  ) async throws -> Answer<Response> {
    try await next(request, options)
  }

  /// Lets the call pass.
  public func interceptStream<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ options: CallOptions,
    next: @Sendable (CallOptions) async throws -> OpenStream<Request, Response>
  ) async throws -> OpenStream<Request, Response> {
    try await next(options)
  }
}
