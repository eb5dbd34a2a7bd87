internal import Threads
internal import Wire

/// The interceptors over one method, the first outermost.
struct InterceptorChain: Sendable {
  let interceptors: [any ServerInterceptor]

  /// Runs the call through every interceptor and then `handler`.
  func run<Request, Response>(
    _ call: InterceptedCall<Request, Response>,
    _ handler: @escaping @Sendable (InterceptedCall<Request, Response>) async throws -> Void
  ) async throws {
    try await run(call, from: 0, handler)
  }

  /// Runs a call with one response, which is what was written last when all are done.
  func unary<Request, Response>(
    _ context: CallContext,
    _ requests: RequestStream<Request>,
    _ handler:
      @escaping @Sendable (InterceptedCall<Request, Response>) async throws ->
      Reply<Response>
  ) async throws -> Reply<Response> {
    let collector = ReplyCollector<Response>()
    let call = InterceptedCall(
      context: context,
      requests: requests,
      responses: ResponseWriter(collectingIn: collector)
    )
    try await run(call) { call in
      let reply = try await handler(call)
      try await call.responses.write(reply)
    }
    return try collector.reply()
  }

  private func run<Request, Response>(
    _ call: InterceptedCall<Request, Response>,
    from index: Int,
    _ handler: @escaping @Sendable (InterceptedCall<Request, Response>) async throws -> Void
  ) async throws {
    guard index < interceptors.count else { return try await handler(call) }
    try await interceptors[index].intercept(call) { call in
      try await run(call, from: index + 1, handler)
    }
  }
}

/// Keeps the one response of a call until its interceptors are done.
final class ReplyCollector<Response: Message>: Sendable {
  private struct Collected {
    var reply: Reply<Response>?
    var trailers = Metadata()
  }

  private let collected = Guarded(Collected())

  func collect(_ reply: Reply<Response>) throws(RPCFailure) {
    let isFirst = collected.withLock { collected in
      defer { collected.reply = collected.reply ?? reply }
      return collected.reply == nil
    }
    guard isFirst else {
      throw RPCFailure(.internal, "a second response was written to a unary call")
    }
  }

  func setTrailers(_ trailers: Metadata) {
    collected.withLock { $0.trailers = trailers }
  }

  func reply() throws -> Reply<Response> {
    try collected.withLock { collected in
      guard var reply = collected.reply else {
        throw RPCFailure(.internal, "the call ended without a response")
      }
      if !collected.trailers.isEmpty { reply.trailers = collected.trailers }
      return reply
    }
  }
}
