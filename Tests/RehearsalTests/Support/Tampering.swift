import RPCCore
import ServicesSupport
import Threads
import UsherAPI
import Wire

/// What is wrong with a server: laid over a right one, between what it does and what the wire sees.
///
/// Its parts know nothing of each other. A fault that shows in the log and the tables alike, as a real
/// one would, changes both.
struct Tampering: Sendable {
  /// What the log says instead. It is asked again for every subscriber, and has to say the same each time.
  var event: @Sendable (Event) -> [Event] = { [$0] }
  /// What those hear for an event who follow the log while it grows.
  var followed: @Sendable (Event) -> [Event] = { [$0] }
  /// What a table has instead of a row; nil: no such row.
  var row: @Sendable (_ table: String, _ row: [UInt8]) throws -> [UInt8]? = { $1 }
  /// How calls are answered instead, by their methods' paths.
  private(set) var answers: [String: AnyAnswer] = [:]
  /// How seats are listed instead.
  var listSeats:
    @Sendable (_ really: () throws -> Reply<ListSeatsResponse>) throws ->
      Reply<ListSeatsResponse> = { try $0() }

  typealias AnyAnswer =
    @Sendable (
      any Message, CallContext, @Sendable (any Message, CallContext) async throws -> any Message
    ) async throws -> any Message

  /// Has calls of a method answered by `answer`, which may ask the server itself.
  mutating func answer<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ answer:
      @escaping @Sendable (
        Request, CallContext, _ really: @Sendable (Request, CallContext) async throws -> Response
      ) async throws -> Response
  ) {
    answers[method.path] = { request, context, really in
      guard let request = request as? Request else {
        preconditionFailure("\(method.path) takes no \(Request.self)")
      }
      return try await answer(request, context) { request, context in
        guard let response = try await really(request, context) as? Response else {
          preconditionFailure("\(method.path) answers no \(Response.self)")
        }
        return response
      }
    }
  }

  /// A server of those parts, with all this wrong, which tells `events` who comes and what is called.
  func core(of parts: Assembly, events: (any ServerEvents)? = nil) throws -> ServerCore {
    let services = parts.services.map { service -> any RPCService in
      guard let concerts = service as? any ConcertService else { return service }
      return Listings(base: concerts, listSeats: listSeats)
    }
    let methods = Set(answers.keys)
      .union([EventMethods.subscribe.path, OperatorMethods.export.path])
    let router = try Router(
      services: services,
      interceptors: [.over(methods, Edge(tampering: self))]
    )
    return ServerCore(router: router, screen: parts.screen, events: events)
  }
}

/// Where a server's answers become others.
private struct Edge: ServerInterceptor {
  let tampering: Tampering

  func intercept<Request: Message, Response: Message>(
    _ call: InterceptedCall<Request, Response>,
    next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
  ) async throws {
    if let answer = tampering.answers[call.context.method.path] {
      for try await request in call.requests {
        let response = try await answer(request, call.context) { request, context in
          var inner = call
          inner.context = context
          return try await really(request, inner, next)
        }
        guard let response = response as? Response else { return }
        try await call.responses.write(response)
      }
      return
    }
    var isFollower = false
    var tampered = call
    if call.context.method == EventMethods.subscribe {
      for try await request in call.requests {
        isFollower = (request as? SubscribeRequest)?.follow ?? false
        tampered.requests = .one(request)
      }
    }
    let follows = isFollower
    tampered.responses = ResponseWriter(
      write: { reply in
        for message in try changed(try reply.message(), follows) {
          try await call.responses.write(message)
        }
      },
      setTrailers: { call.responses.setTrailers($0) }
    )
    try await next(tampered)
  }

  /// What the server itself answers. Its trailers go to whoever called.
  private func really<Request: Message, Response: Message>(
    _ request: any Message,
    _ call: InterceptedCall<Request, Response>,
    _ next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
  ) async throws -> any Message {
    guard let request = request as? Request else { preconditionFailure("no \(Request.self)") }
    let said = Guarded<Reply<Response>?>(nil)
    var inner = call
    inner.requests = .one(request)
    inner.responses = ResponseWriter(
      write: { reply in said.withLock { $0 = reply } },
      setTrailers: { call.responses.setTrailers($0) }
    )
    try await next(inner)
    guard let reply = said.withLock({ $0 }) else {
      throw RPCFailure(.internal, "the server said nothing")
    }
    if !reply.trailers.isEmpty { call.responses.setTrailers(reply.trailers) }
    return try reply.message()
  }

  private func changed<Response: Message>(
    _ message: Response,
    _ isFollower: Bool
  ) throws -> [Response] {
    if let event = message as? Event {
      let events = tampering.event(event)
      let told = isFollower ? events.flatMap(tampering.followed) : events
      return told.compactMap { $0 as? Response }
    }
    if var chunk = message as? ExportChunk {
      chunk.rows = try chunk.rows.compactMap { try tampering.row(chunk.table, $0) }
      return [chunk].compactMap { $0 as? Response }
    }
    return [message]
  }
}

/// Concerts whose seats are listed in another way.
private struct Listings: ConcertService {
  let base: any ConcertService
  let listSeats:
    @Sendable (() throws -> Reply<ListSeatsResponse>) throws -> Reply<ListSeatsResponse>

  func listConcerts(
    _ request: ListConcertsRequest,
    context: CallContext
  ) throws -> Reply<ListConcertsResponse> {
    try base.listConcerts(request, context: context)
  }

  func listDates(
    _ request: ListDatesRequest,
    context: CallContext
  ) throws -> Reply<ListDatesResponse> {
    try base.listDates(request, context: context)
  }

  func listSeats(
    _ request: ListSeatsRequest,
    context: CallContext
  ) throws -> Reply<ListSeatsResponse> {
    try listSeats { try base.listSeats(request, context: context) }
  }
}
