import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Interceptors on the server") struct ServerInterceptorTests {
  /// Tells when calls begin and how they end.
  private struct Watching: ServerInterceptor {
    let name: String
    let told: Record<String>

    func intercept<Request: Message, Response: Message>(
      _ call: InterceptedCall<Request, Response>,
      next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
    ) async throws {
      told.add("\(name) begins \(call.context.method.name)")
      do {
        try await next(call)
        told.add("\(name) ends")
      } catch {
        told.add("\(name) ends with \(RPCFailure(telling: error).code)")
        throw error
      }
    }
  }

  /// Refuses every call.
  private struct Refusing: ServerInterceptor {
    func intercept<Request: Message, Response: Message>(
      _ call: InterceptedCall<Request, Response>,
      next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
    ) async throws {
      throw RPCFailure(.permissionDenied, "not today")
    }
  }

  /// Answers by itself, with a response at its defaults and a trailer.
  private struct Answering: ServerInterceptor {
    var times = 1

    func intercept<Request: Message, Response: Message>(
      _ call: InterceptedCall<Request, Response>,
      next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
    ) async throws {
      for _ in 0..<times { try await call.responses.write(Response()) }
      call.responses.setTrailers(try .of([("by", "interceptor")]))
    }
  }

  /// Hands on each leaf with a mark, both ways, and puts an identity into the context.
  private struct Marking: ServerInterceptor {
    let mark: String

    func intercept<Request: Message, Response: Message>(
      _ call: InterceptedCall<Request, Response>,
      next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
    ) async throws {
      var call = call
      let mark = mark
      call.requests = call.requests.map { marked($0, "<" + mark) }
      call.responses = call.responses.map { reply in
        Reply(marked(try reply.message(), mark + ">"), trailers: reply.trailers)
      }
      try await next(call)
    }
  }

  private static func peer(
    _ interceptors: [any ServerInterceptor],
    calls: ScriptedCalls = ScriptedCalls()
  ) throws -> ServerPeer {
    ServerPeer(
      to: try .scripted(
        calls,
        interceptors: interceptors.map { .everyWaitingMethod($0) }
      )
    )
  }

  @Test("The first is outermost, and each sees how the call ended")
  func order() throws {
    let told = Record<String>()
    let watching = ["a", "b"].map { Watching(name: $0, told: told) }
    var calls = ScriptedCalls()
    calls.onScatter = { _, _, _ in throw RPCFailure(.dataLoss, "") }
    let peer = try Self.peer(watching, calls: calls)
    peer.send(.open(1, CallMethods.put, Leaf()), .open(2, CallMethods.scatter, Lists()))
    #expect(
      told.entries == [
        "a begins Put", "b begins Put", "b ends", "a ends",
        "a begins Scatter", "b begins Scatter", "b ends with DATA_LOSS", "a ends with DATA_LOSS",
      ]
    )
    #expect(try peer.frames() == [.close(1, Leaf()), .close(2, .dataLoss)])
  }

  @Test("One that refuses keeps the call from those behind it, for every kind")
  func refusing() throws {
    let told = Record<String>()
    let peer = try Self.peer([Refusing(), Watching(name: "b", told: told)])
    peer.send(
      .open(1, CallMethods.put, Leaf()),
      .open(2, CallMethods.gather),
      .open(3, CallMethods.scatter, Lists()),
      .open(4, CallMethods.echo)
    )
    #expect(try peer.frames() == (1...4).map { .close($0, .permissionDenied, "not today") })
    #expect(told.entries.isEmpty)
  }

  @Test("One may answer by itself")
  func answering() throws {
    let peer = try Self.peer([Answering()])
    let trailers = try Metadata.of([("by", "interceptor")])
    peer.send(.open(1, CallMethods.put, Leaf(name: "x")), .open(2, CallMethods.scatter, Lists()))
    #expect(
      try peer.frames() == [
        .close(1, Leaf(), trailers: trailers), .message(2, Leaf()), .close(2, trailers: trailers),
      ]
    )
  }

  @Test("A unary call that is answered twice, or not at all, is INTERNAL", arguments: [0, 2])
  func answersTwice(times: Int) throws {
    let peer = try Self.peer([Answering(times: times)])
    peer.send(.open(1, CallMethods.put, Leaf()))
    #expect(try peer.frames().map(\.status) == [.internal])
  }

  @Test("Requests and responses pass through every wrapping, in order, for every kind")
  func wrapping() throws {
    let peer = try Self.peer([Marking(mark: "1"), Marking(mark: "2")])
    peer.send(.open(1, CallMethods.put, Leaf(name: "x")))
    #expect(try peer.frames() == [.close(1, Leaf(name: "x<1<22>1>"))])
    peer.send(
      .open(2, CallMethods.echo),
      .message(2, Leaf(name: "y")),
      .message(2, Leaf(name: "z"), isLast: true)
    )
    #expect(
      try peer.frames() == [
        .message(2, Leaf(name: "y<1<22>1>")), .message(2, Leaf(name: "z<1<22>1>")), .close(2),
      ]
    )
    peer.send(.open(3, CallMethods.gather), .message(3, Leaf(name: "w"), isLast: true))
    #expect(try peer.frames() == [.close(3, Lists(leaves: [Leaf(name: "w<1<2")]))])
  }

  @Test("An interceptor can read a response that was encoded before")
  func encoded() throws {
    var calls = ScriptedCalls()
    calls.onPut = { _, _ in Reply(encoded: Leaf(name: "kept").encoded()) }
    let peer = try Self.peer([Marking(mark: "1")], calls: calls)
    peer.send(.open(1, CallMethods.put, Leaf()))
    #expect(try peer.frames() == [.close(1, Leaf(name: "kept1>"))])
  }

  @Test("A rule is over the methods and services it names, and over no other")
  func scope() throws {
    let rules: [InterceptorRule] = [.over([CallMethods.put.path, "test.Reads"], Refusing())]
    let peer = ServerPeer(to: try .scripted(interceptors: rules))
    peer.send(
      .open(1, CallMethods.put, Leaf()),
      .open(2, CallMethods.default, Leaf()),
      .open(3, ReadService.read, Leaf())
    )
    #expect(try peer.frames().map(\.status) == [.permissionDenied, .ok, .permissionDenied])
  }

  @Test("A cancelled call's interceptors see it end")
  func cancelled() throws {
    let told = Record<String>()
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await gate.passOrCancel()
      return Reply(request)
    }
    let peer = try Self.peer([Watching(name: "a", told: told)], calls: calls)
    peer.send(.open(1, CallMethods.put, Leaf()))
    peer.send(PlainFrame(.cancel, call: 1))
    #expect(told.entries == ["a begins Put", "a ends with CANCELLED"])
  }
}

/// `message` with `mark` behind its name, if it is a leaf.
private func marked<Value: Message>(_ message: Value, _ mark: String) -> Value {
  guard var leaf = message as? Leaf else { return message }
  leaf.name += mark
  return leaf as? Value ?? message
}
