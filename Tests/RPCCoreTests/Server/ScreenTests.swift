import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("The stage before every call") struct ScreenTests {
  private final class Caller: Sendable {
    let name: String
    init(_ name: String) { self.name = name }
  }

  /// Knows callers by their authorization, and keeps in mind whom it has met.
  private struct Guard: CallScreen {
    let verified: Record<String>

    func screen(_ context: inout CallContext, memo: inout (any AnyObject & Sendable)?) throws {
      guard let name = context.metadata[Metadata.Key.authorization] else {
        throw RPCFailure(.unauthenticated, "who are you?")
      }
      if let known = memo as? Caller, known.name == name {
        context.identity = known
      } else {
        verified.add(name)
        let caller = Caller(name)
        memo = caller
        context.identity = caller
      }
    }
  }

  private static func open(
    _ call: UInt32,
    _ method: MethodDescriptor,
    by name: String?
  ) throws -> PlainFrame {
    .open(
      call,
      method,
      Leaf(),
      metadata: try .of(name.map { [(Metadata.Key.authorization, $0)] } ?? [])
    )
  }

  @Test("Who is refused reaches no handler of either kind, and the connection stands")
  func refuses() throws {
    let reached = Record<String>()
    var calls = ScriptedCalls()
    calls.onPeek = { request, context in
      reached.add(context.method.name)
      return Reply(Scalars(leaf: request))
    }
    calls.onPut = { request, context in
      reached.add(context.method.name)
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls, screen: Guard(verified: Record())))
    peer.send(
      try Self.open(1, CallMethods.peek, by: nil),
      try Self.open(2, CallMethods.put, by: nil),
      try Self.open(3, CallMethods.put, by: "ada")
    )
    #expect(
      try peer.frames() == [
        .close(1, .unauthenticated, "who are you?"), .close(2, .unauthenticated, "who are you?"),
        .close(3, Leaf()),
      ]
    )
    #expect(reached.entries == ["Put"])
  }

  @Test("Handlers of both kinds see the identity, and what was verified once is remembered")
  func identity() throws {
    let seen = Record<String?>()
    let verified = Record<String>()
    var calls = ScriptedCalls()
    calls.onPeek = { request, context in
      seen.add((context.identity as? Caller)?.name)
      return Reply(Scalars(leaf: request))
    }
    calls.onPut = { request, context in
      seen.add((context.identity as? Caller)?.name)
      return Reply(request)
    }
    let core = try ServerCore.scripted(calls, screen: Guard(verified: verified))
    let peer = ServerPeer(to: core)
    peer.send(
      try Self.open(1, CallMethods.peek, by: "ada"),
      try Self.open(2, CallMethods.put, by: "ada"),
      try Self.open(3, CallMethods.put, by: "bob")
    )
    #expect(seen.entries == ["ada", "ada", "bob"])
    #expect(verified.entries == ["ada", "bob"])
    ServerPeer(to: core).send(try Self.open(1, CallMethods.put, by: "bob"))
    #expect(verified.entries == ["ada", "bob", "bob"], "a memo belongs to its connection")
  }

  @Test("A screen comes before interceptors")
  func beforeInterceptors() throws {
    let peer = ServerPeer(
      to: try .scripted(
        interceptors: [.everyWaitingMethod(Failing())],
        screen: Guard(verified: Record())
      )
    )
    peer.send(
      try Self.open(1, CallMethods.put, by: nil),
      try Self.open(2, CallMethods.put, by: "ada")
    )
    #expect(try peer.frames().map(\.status) == [.unauthenticated, .aborted])
  }

  private struct Failing: ServerInterceptor {
    func intercept<Request: Message, Response: Message>(
      _ call: InterceptedCall<Request, Response>,
      next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
    ) async throws {
      throw RPCFailure(.aborted, "an interceptor was asked")
    }
  }
}

@Suite("Routers") struct RouterTests {
  /// A service of methods with made-up names.
  private struct Many: RPCService {
    let name: String
    let count: Int

    func register(in routes: inout Routes) {
      for number in 0..<count {
        let method = MethodDescriptor(
          service: name,
          name: "Method\(number)",
          kind: .unary,
          effects: .none,
          isAtOnce: true
        )
        routes.atOnce(method) { (request: Leaf, context) in
          Reply(Leaf(name: context.method.path, weight: request.weight))
        }
      }
    }
  }

  @Test("Every one of many methods is found by its own path", arguments: [1, 7, 8, 9, 500])
  func many(count: Int) throws {
    let services = ["a.A", "a.AA", "b.A"].map { Many(name: $0, count: count) }
    let router = try Router(services: services)
    #expect(router.services == ["a.A", "a.AA", "b.A"])
    let peer = ServerPeer(to: ServerCore(router: router))
    var call: UInt32 = 0
    for service in services {
      for number in 0..<count {
        call += 1
        var frame = PlainFrame(.open, call: call)
        frame.method = "/\(service.name)/Method\(number)"
        peer.send(frame)
        #expect(try peer.frames() == [.close(call, Leaf(name: frame.method))])
      }
    }
  }

  @Test("Two services that answer the same method are an error")
  func duplicate() {
    #expect(throws: RouterError.duplicateMethod("/a.A/Method0")) {
      try Router(services: [Many(name: "a.A", count: 1), Many(name: "a.A", count: 2)])
    }
  }

  @Test("An interceptor over a method that is answered at once is an error, by name of either")
  func overAtOnce() {
    for name in ["a.A", "/a.A/Method0"] {
      #expect(throws: RouterError.interceptorOverAtOnce("/a.A/Method0")) {
        try Router(
          services: [Many(name: "a.A", count: 1)],
          interceptors: [.over([name], Passing())]
        )
      }
    }
    #expect(throws: Never.self) {
      try Router(
        services: [Many(name: "a.A", count: 1)],
        interceptors: [.everyWaitingMethod(Passing())]
      )
    }
  }

  @Test("A rule that names what nobody answers is an error")
  func unknownInRule() {
    for name in ["a.B", "/a.A/Method1", "a.A/Method0"] {
      #expect(throws: RouterError.unknownInRule(name)) {
        try Router(services: [ScriptedCalls()], interceptors: [.over([name], Passing())])
      }
    }
  }

  @Test("A router without services answers UNIMPLEMENTED")
  func empty() throws {
    let peer = ServerPeer(to: ServerCore(router: try Router(services: [])))
    peer.send(.open(1, CallMethods.put, Leaf()))
    #expect(try peer.frames().map(\.status) == [.unimplemented])
  }

  private struct Passing: ServerInterceptor {
    func intercept<Request: Message, Response: Message>(
      _ call: InterceptedCall<Request, Response>,
      next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
    ) async throws {
      try await next(call)
    }
  }
}
