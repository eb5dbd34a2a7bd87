public import Wire

/// A service that can be put on a router. Generated service protocols refine it.
public protocol RPCService: Sendable {
  /// Adds a route for each of the service's methods.
  func register(in routes: inout Routes)
}

/// The routes of a router that is being built.
public struct Routes {
  private let interceptors: [InterceptorRule]
  private(set) var all: [Route] = []
  private(set) var error: RouterError?

  init(interceptors: [InterceptorRule]) { self.interceptors = interceptors }

  /// A unary method that is answered from memory, with no task.
  @inlinable
  public mutating func atOnce<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, CallContext) throws -> Reply<Response>
  ) {
    addAtOnce(method) { exchange, bytes, context in
      let request: Request = try Exchange.decode(bytes, in: exchange.unpacking)
      try exchange.close(context.callID, try handler(request, context))
    }
  }

  /// A unary method.
  @inlinable
  public mutating func unary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, CallContext) async throws -> Reply<Response>
  ) {
    if isIntercepted(method) { return interceptedUnary(method, handler) }
    add(method) { session, context, bytes in
      let request: Request = try Exchange.decode(bytes, in: session.unpacking)
      return ServerCall(context: context, session: session) { call in
        try call.finish(try await handler(request, call.context))
      }
    }
  }

  @usableFromInline
  mutating func interceptedUnary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, CallContext) async throws -> Reply<Response>
  ) {
    let chain = chain(for: method)
    add(method) { session, context, bytes in
      let request: Request = try Exchange.decode(bytes, in: session.unpacking)
      return ServerCall(context: context, session: session) { call in
        let reply = try await chain.unary(call.context, .one(request)) { call in
          try await handler(try await call.requests.only(), call.context)
        }
        try call.finish(reply)
      }
    }
  }

  /// A method that is sent requests and answers with one response.
  public mutating func clientStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler:
      @escaping @Sendable (RequestStream<Request>, CallContext) async throws ->
      Reply<Response>
  ) {
    let chain = chain(for: method)
    add(method) { session, context, _ in
      ServerCall(context: context, session: session) { call in
        let requests = RequestStream<Request>(from: call)
        let reply = try await chain.unary(call.context, requests) { call in
          try await handler(call.requests, call.context)
        }
        try call.finish(reply)
      }
    }
  }

  /// A method that is sent one request and answers with responses.
  public mutating func serverStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler:
      @escaping @Sendable (Request, ResponseWriter<Response>, CallContext) async throws ->
      Void
  ) {
    let chain = chain(for: method)
    add(method) { session, context, bytes in
      let request: Request = try Exchange.decode(bytes, in: session.unpacking)
      return ServerCall(context: context, session: session) { call in
        let intercepted = InterceptedCall(
          context: call.context,
          requests: .one(request),
          responses: ResponseWriter<Response>(to: call)
        )
        try await chain.run(intercepted) { call in
          try await handler(try await call.requests.only(), call.responses, call.context)
        }
        call.finish()
      }
    }
  }

  /// A method that is sent requests and answers with responses.
  public mutating func bidirectional<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler:
      @escaping @Sendable (
        RequestStream<Request>, ResponseWriter<Response>, CallContext
      ) async throws -> Void
  ) {
    let chain = chain(for: method)
    add(method) { session, context, _ in
      ServerCall(context: context, session: session) { call in
        let intercepted = InterceptedCall(
          context: call.context,
          requests: RequestStream<Request>(from: call),
          responses: ResponseWriter<Response>(to: call)
        )
        try await chain.run(intercepted) { call in
          try await handler(call.requests, call.responses, call.context)
        }
        call.finish()
      }
    }
  }
}

// MARK: - Without types

extension Routes {
  @usableFromInline
  mutating func addAtOnce(_ method: MethodDescriptor, _ answer: @escaping Route.AtOnce) {
    if isIntercepted(method) { error = error ?? .interceptorOverAtOnce(method.path) }
    add(Route(method, .atOnce(answer)))
  }

  @usableFromInline
  mutating func add(_ method: MethodDescriptor, _ start: @escaping Route.Start) {
    add(Route(method, .task(start)))
  }

  private mutating func add(_ route: Route) {
    if all.contains(where: { $0.method.path == route.method.path }) {
      error = error ?? .duplicateMethod(route.method.path)
    }
    all.append(route)
  }

  @usableFromInline
  func isIntercepted(_ method: MethodDescriptor) -> Bool {
    interceptors.contains { $0.covers(method) }
  }

  /// The interceptors over a method.
  private func chain(for method: MethodDescriptor) -> InterceptorChain {
    InterceptorChain(interceptors: interceptors.filter { $0.covers(method) }.map(\.interceptor))
  }
}
