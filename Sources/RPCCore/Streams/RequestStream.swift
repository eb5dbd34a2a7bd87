public import Wire

/// The requests of a call, in order, as they come. For one consumer.
///
/// Requests that wait for the handler count against the call's credit, so a handler that does not
/// take them slows its caller down and nobody else.
public struct RequestStream<Request: Message>: AsyncSequence, Sendable {
  /// What is iterated over.
  public typealias Element = Request

  private enum Source: Sendable {
    case one(Request)
    case call(LoopBound<ServerCall>)
    case custom(@Sendable () async throws -> Request?)
  }

  private let source: Source
  private let hasOne: Bool

  private init(_ source: Source, hasOne: Bool) {
    self.source = source
    self.hasOne = hasOne
  }

  init(from call: ServerCall) {
    self.init(.call(LoopBound(call, to: call.loop)), hasOne: false)
  }

  /// A stream of one request.
  public static func one(_ request: Request) -> RequestStream {
    RequestStream(.one(request), hasOne: true)
  }

  /// A stream of what `next` answers, until that is nil.
  public static func custom(
    _ next: @escaping @Sendable () async throws -> Request?
  ) -> RequestStream {
    RequestStream(.custom(next), hasOne: false)
  }

  /// The requests, each as `transform` makes it. A stream of one stays a stream of one.
  public func map(
    _ transform: @escaping @Sendable (Request) async throws -> Request
  ) -> RequestStream {
    return RequestStream(
      .custom {
        guard let request = try await next() else { return nil }
        return try await transform(request)
      },
      hasOne: hasOne
    )
  }

  /// The one request of a method that takes one.
  func only() async throws -> Request {
    guard let request = try await next() else {
      throw RPCFailure(.internal, "an interceptor took the request away")
    }
    return request
  }

  private func next() async throws -> Request? {
    switch source {
    case .one(let request): return request
    case .custom(let next): return try await next()
    case .call(let call): return try await call.onLoop { try await $0.nextRequest() }
    }
  }

  /// Begins to take requests.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }

  /// Takes one request after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let stream: RequestStream
    private var isDone = false

    fileprivate init(stream: RequestStream) { self.stream = stream }

    /// The next request, as soon as it is there; nil when the caller sends no more.
    public mutating func next() async throws -> Request? {
      guard !isDone else { return nil }
      let request = try await stream.next()
      isDone = stream.hasOne || request == nil
      return request
    }
  }
}
