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
  public mutating func atOnce<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, CallContext) throws -> Reply<Response>
  ) {
    if interceptors.contains(where: { $0.covers(method) }) {
      error = error ?? .interceptorOverAtOnce(method.path)
    }
    add(method, .atOnce { request, context, scratch, output in
      let request = try Self.decode(Request.self, request, in: scratch.unpacking)
      let reply = try handler(request, copy context)
      scratch.packing.reset()
      output.bytes.appendClose(call: context.callID, reply, using: scratch.packing)
    })
  }

  /// A unary method.
  public mutating func unary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, CallContext) async throws -> Reply<Response>
  ) {
    guard let chain = chain(for: method) else {
      return add(method, .task { call, request in
        let request = try Self.decode(Request.self, request, in: call.scratch.unpacking)
        call.start { try await handler(request, $0) }
      })
    }
    add(method, .task { call, request in
      let request = try Self.decode(Request.self, request, in: call.scratch.unpacking)
      call.start { context in
        try await chain.unary(context, .one(request)) { call in
          try await handler(try await call.requests.only(), call.context)
        }
      }
    })
  }

  /// A method that is sent requests and answers with one response.
  public mutating func clientStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (RequestStream<Request>, CallContext) async throws ->
      Reply<Response>
  ) {
    let chain = chain(for: method)
    add(method, .task { call, _ in
      let requests = RequestStream<Request>(from: call)
      call.start { context in
        guard let chain else { return try await handler(requests, context) }
        return try await chain.unary(context, requests) { call in
          try await handler(call.requests, call.context)
        }
      }
    })
  }

  /// A method that is sent one request and answers with responses.
  public mutating func serverStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, ResponseWriter<Response>, CallContext) async throws ->
      Void
  ) {
    let chain = chain(for: method)
    add(method, .task { call, request in
      let request = try Self.decode(Request.self, request, in: call.scratch.unpacking)
      let responses = ResponseWriter<Response>(to: call)
      call.startStreaming { context in
        guard let chain else { return try await handler(request, responses, context) }
        try await chain.run(
          InterceptedCall(context: context, requests: .one(request), responses: responses)
        ) { call in
          try await handler(try await call.requests.only(), call.responses, call.context)
        }
      }
    })
  }

  /// A method that is sent requests and answers with responses.
  public mutating func bidirectional<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ handler: @escaping @Sendable (
      RequestStream<Request>, ResponseWriter<Response>, CallContext
    ) async throws -> Void
  ) {
    let chain = chain(for: method)
    add(method, .task { call, _ in
      let requests = RequestStream<Request>(from: call)
      let responses = ResponseWriter<Response>(to: call)
      call.startStreaming { context in
        guard let chain else { return try await handler(requests, responses, context) }
        try await chain.run(
          InterceptedCall(context: context, requests: requests, responses: responses)
        ) { call in
          try await handler(call.requests, call.responses, call.context)
        }
      }
    })
  }

  private mutating func add(_ method: MethodDescriptor, _ handler: Route.Handler) {
    if all.contains(where: { $0.method.path == method.path }) {
      error = error ?? .duplicateMethod(method.path)
    }
    all.append(Route(method, handler))
  }

  /// The interceptors over a method; nil if there are none, so that a call need not pass by them.
  private func chain(for method: MethodDescriptor) -> InterceptorChain? {
    let covering = interceptors.filter { $0.covers(method) }.map(\.interceptor)
    return covering.isEmpty ? nil : InterceptorChain(interceptors: covering)
  }

  private static func decode<M: Message>(
    _ type: M.Type, _ bytes: UnsafeRawBufferPointer, in arena: Arena
  ) throws -> M {
    do throws(DecodeFailure) {
      return try M(decoding: bytes, in: arena)
    } catch {
      throw RPCFailure(error)
    }
  }
}

extension ByteBuffer {
  /// Appends the CLOSE that carries `reply`.
  mutating func appendClose<Response: Message>(
    call: UInt32, _ reply: Reply<Response>, using arena: Arena
  ) {
    switch reply.body {
    case .message(let message) where reply.trailers.isEmpty:
      appendClose(call: call, encoding: message, using: arena)
    case .message(let message):
      append(Self.close(call, reply.trailers), encoding: message, using: arena)
    case .encoded(let bytes):
      bytes.withUnsafeBytes { append(Self.close(call, reply.trailers), message: $0) }
    }
  }

  private static func close(_ call: UInt32, _ trailers: Metadata) -> OutgoingFrame {
    var frame = OutgoingFrame(.close, call: call)
    frame.metadata = trailers
    return frame
  }
}
