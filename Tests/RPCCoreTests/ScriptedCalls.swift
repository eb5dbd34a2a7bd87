import Fixtures
import RPCCore
import TestSupport
import Wire

/// Every kind of call, answered as a test says.
struct ScriptedCalls: CallService {
  typealias Unary = @Sendable (Leaf, CallContext) async throws -> Reply<Leaf>

  var onPeek: @Sendable (Leaf, CallContext) throws -> Reply<Scalars> = { request, _ in
    Reply(Scalars(leaf: request))
  }
  var onPut: Unary = { request, _ in Reply(request) }
  var onDefault: Unary = { request, _ in Reply(request) }
  var onGather: @Sendable (RequestStream<Leaf>, CallContext) async throws -> Reply<Lists> = {
    requests,
    _ in
    var lists = Lists()
    for try await leaf in requests { lists.leaves.append(leaf) }
    return Reply(lists)
  }
  var onScatter: @Sendable (Lists, ResponseWriter<Leaf>, CallContext) async throws -> Void = {
    request,
    responses,
    _ in
    for leaf in request.leaves { try await responses.write(leaf) }
  }
  var onEcho:
    @Sendable (RequestStream<Leaf>, ResponseWriter<Leaf>, CallContext) async throws -> Void = {
      requests,
      responses,
      _ in
      for try await leaf in requests { try await responses.write(leaf) }
    }

  func peek(_ request: Leaf, context: CallContext) throws -> Reply<Scalars> {
    try onPeek(request, context)
  }

  func put(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> {
    try await onPut(request, context)
  }

  func `default`(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> {
    try await onDefault(request, context)
  }

  func gather(_ requests: RequestStream<Leaf>, context: CallContext) async throws -> Reply<Lists> {
    try await onGather(requests, context)
  }

  func scatter(
    _ request: Lists,
    to responses: ResponseWriter<Leaf>,
    context: CallContext
  ) async throws {
    try await onScatter(request, responses, context)
  }

  func echo(
    _ requests: RequestStream<Leaf>,
    to responses: ResponseWriter<Leaf>,
    context: CallContext
  ) async throws {
    try await onEcho(requests, responses, context)
  }
}

/// A method without effects that may wait, which the schema of the fixtures does not have.
struct ReadService: RPCService {
  static let read = MethodDescriptor(
    service: "test.Reads",
    name: "Read",
    kind: .unary,
    effects: .none,
    isAtOnce: false
  )

  var onRead: ScriptedCalls.Unary = { request, _ in Reply(request) }

  func register(in routes: inout Routes) { routes.unary(Self.read, onRead) }
}

extension ServerCore {
  /// A server of scripted calls.
  static func scripted(
    _ calls: ScriptedCalls = ScriptedCalls(),
    reads: ReadService = ReadService(),
    limits: ServerLimits = .defaults,
    interceptors: [InterceptorRule] = [],
    screen: (any CallScreen)? = nil,
    events: (any ServerEvents)? = nil
  ) throws -> ServerCore {
    ServerCore(
      router: try Router(services: [calls, reads], interceptors: interceptors),
      limits: limits,
      screen: screen,
      events: events
    )
  }
}

/// Keeps what a server tells.
final class EventRecord: ServerEvents {
  struct Ended: Hashable {
    var method: String
    var call: UInt32
    var status: StatusCode
    var duration: Duration
  }

  let ended = Record<Ended>()
  let closed = Record<String?>()

  func connectionClosed(_ connectionID: UInt64, reason: String?) { closed.add(reason) }

  func callEnded(_ report: borrowing CallReport) {
    ended.add(
      Ended(
        method: report.method,
        call: report.callID,
        status: report.status,
        duration: report.duration
      )
    )
  }
}

/// How a handler ended.
enum HandlerEnd: Hashable, Sendable {
  case returned
  case cancelled
  case threw
}

/// Runs `body` and tells how it ended.
func recording<Result>(
  in record: Record<HandlerEnd>,
  _ body: () async throws -> Result
) async throws -> Result {
  do {
    let result = try await body()
    record.add(Task.isCancelled ? .cancelled : .returned)
    return result
  } catch {
    record.add(error is CancellationError ? .cancelled : .threw)
    throw error
  }
}

extension Leaf {
  /// A leaf of about that many bytes.
  static func heavy(_ bytes: Int) -> Leaf { Leaf(name: .long(bytes)) }
}

extension Metadata {
  /// Metadata of those entries, which have to be within the limits.
  static func of(_ entries: [(String, String)]) throws -> Metadata {
    var metadata = Metadata()
    for (key, value) in entries { try metadata.add(key, value) }
    return metadata
  }
}
