import Fixtures
import RPCCore
import Testing
import Threads
import UsherAPI
import Wire

@Suite("Generated services and clients") struct ServiceTests {
  /// Answers every unary call with the request's own bytes, and remembers what was called.
  private final class EchoCaller: Caller {
    private let called = Guarded<[MethodDescriptor]>([])

    var methods: [MethodDescriptor] { called.withLock { $0 } }

    func unary<Request: Message, Response: Message>(
      _ method: MethodDescriptor,
      _ request: Request,
      options: CallOptions
    ) async throws(RPCFailure) -> Answer<Response> {
      called.withLock { $0.append(method) }
      do throws(DecodeFailure) {
        return Answer(try Response(decoding: request.encoded()))
      } catch {
        throw RPCFailure(.unknown, "the response is not the request")
      }
    }

    func serverStreaming<Request: Message, Response: Message>(
      _ method: MethodDescriptor,
      _ request: Request,
      options: CallOptions
    ) -> ResponseStream<Response> {
      preconditionFailure("only unary calls are echoed")
    }

    func clientStreaming<Request: Message, Response: Message>(
      _ method: MethodDescriptor,
      options: CallOptions,
      sending: (RequestWriter<Request>) async throws -> Void
    ) async throws -> Answer<Response> {
      preconditionFailure("only unary calls are echoed")
    }

    func bidirectional<Request: Message, Response: Message, Result>(
      _ method: MethodDescriptor,
      options: CallOptions,
      _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
    ) async throws -> Result {
      preconditionFailure("only unary calls are echoed")
    }
  }

  /// Has every kind of method.
  private struct Calls: CallService {
    func peek(_ request: Leaf, context: CallContext) throws -> Reply<Scalars> {
      Reply(Scalars(leaf: request))
    }

    func put(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> { Reply(request) }

    func `default`(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> {
      Reply(request)
    }

    func gather(_ requests: RequestStream<Leaf>, context: CallContext) async throws -> Reply<Lists>
    {
      Reply(Lists())
    }

    func scatter(_ request: Lists, to responses: ResponseWriter<Leaf>, context: CallContext)
      async throws
    {}

    func echo(
      _ requests: RequestStream<Leaf>,
      to responses: ResponseWriter<Leaf>,
      context: CallContext
    ) async throws {}
  }

  @Test("A client's function calls its own method and gives the message of the answer")
  func client() async throws {
    let caller = EchoCaller()
    #expect(try await CallClient(caller).put(Leaf(name: "oak")) == Leaf(name: "oak"))
    #expect(try await CallClient(caller).default(Leaf(weight: 3)) == Leaf(weight: 3))
    _ = try await HealthClient(caller).check(HealthCheckRequest())
    #expect(caller.methods == [CallMethods.put, CallMethods.default, HealthMethods.check])
  }

  @Test("A service of every kind of call can be put on a router, and once only")
  func router() throws {
    #expect(try Router(services: [Calls()]).services == ["usher.fixtures.v1.CallService"])
    #expect(throws: RouterError.duplicateMethod("/usher.fixtures.v1.CallService/Peek")) {
      try Router(services: [Calls(), Calls()])
    }
  }

  @Test("Descriptors say what the schema says")
  func descriptors() {
    #expect(CallMethods.service.name == "usher.fixtures.v1.CallService")
    #expect(
      CallMethods.service.methods.map(\.kind) == [
        .unary, .unary, .unary, .clientStreaming, .serverStreaming, .bidirectional,
      ]
    )
    #expect(
      CallMethods.service.methods.map(\.isAtOnce) == [true] + Array(repeating: false, count: 5)
    )
    #expect(
      CallMethods.service.methods.map(\.effects) == [
        .none, .idempotent, .some, .some, .some, .some,
      ]
    )
  }
}
