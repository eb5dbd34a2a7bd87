import CFixtures
import Fixtures
import RPCCore
import Reflection
import Transport
import UsherAPI
import UsherCommand
import Wire

/// The schemas that commands are run by.
enum Schemas {
  static let fixtures = Result { try Catalog(descriptorSet: fixturesSet) }
  static let usher = Result { try Catalog(descriptorSet: UsherSchema.descriptorSet) }
  /// Sets one behind the other are one set.
  static let usherAndFixtures = Result {
    try (Array(UsherSchema.descriptorSet) + Array(fixturesSet)).withUnsafeBytes {
      try Catalog(descriptorSet: $0)
    }
  }

  private static var fixturesSet: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: fixtures_schema(), count: fixtures_schema_size())
  }
}

/// Every kind of call, each answered with what it was sent.
struct MirrorCalls: CallService {
  func peek(_ request: Leaf, context: CallContext) throws -> Reply<Scalars> {
    Reply(Scalars(aString: context.metadata["usher-user"] ?? "", leaf: request))
  }

  func put(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> {
    var trailers = Metadata()
    try trailers.add("usher-offset", "12")
    try trailers.add("authorization", "a secret")
    return Reply(request, trailers: trailers)
  }

  func `default`(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> {
    throw RPCFailure(.init(rawValue: request.weight), request.name)
  }

  func gather(_ requests: RequestStream<Leaf>, context: CallContext) async throws -> Reply<Lists> {
    var lists = Lists()
    for try await leaf in requests { lists.leaves.append(leaf) }
    return Reply(lists)
  }

  func scatter(
    _ request: Lists,
    to responses: ResponseWriter<Leaf>,
    context: CallContext
  ) async throws {
    for leaf in request.leaves { try await responses.write(leaf) }
  }

  /// Ends behind a leaf that is called "end".
  func echo(
    _ requests: RequestStream<Leaf>,
    to responses: ResponseWriter<Leaf>,
    context: CallContext
  ) async throws {
    for try await leaf in requests {
      try await responses.write(leaf)
      if leaf.name == "end" { return }
    }
  }
}

/// Refuses whatever is asked.
struct RefusingHealth: HealthService {
  let failure: RPCFailure

  func check(
    _ request: HealthCheckRequest,
    context: CallContext
  ) throws -> Reply<HealthCheckResponse> { throw failure }

  func watch(
    _ request: HealthCheckRequest,
    to responses: ResponseWriter<HealthCheckResponse>,
    context: CallContext
  ) async throws { throw failure }
}

/// Runs `body` with the address of a server of those services.
func withServer(
  of services: [any RPCService],
  _ body: (_ address: String) async throws -> Void
) async throws {
  let loops = EventLoopGroup(count: 1)
  defer { loops.stop() }
  let server = try await Server(
    listeningOn: [.tcp(host: "127.0.0.1", port: 0)],
    loops: loops,
    offers: [.usher(ServerCore(router: try Router(services: services)))]
  )
  try await body("\(server.addresses[0])")
  _ = await server.stop(within: .seconds(5))
}
