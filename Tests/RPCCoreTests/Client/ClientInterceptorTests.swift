import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Interceptors on the client") struct ClientInterceptorTests {
  /// Tells when calls begin and how they end, and adds to their metadata.
  private struct Watching: ClientInterceptor {
    let name: String
    let told: Record<String>

    func interceptUnary<Request: Message, Response: Message>(
      _ method: MethodDescriptor,
      _ request: Request,
      _ options: CallOptions,
      next: @Sendable (Request, CallOptions) async throws -> Answer<Response>
    ) async throws -> Answer<Response> {
      told.add("\(name) begins \(method.name)")
      var options = options
      try options.metadata.add("seen-by", name)
      do {
        let answer = try await next(request, options)
        told.add("\(name) ends")
        return answer
      } catch {
        told.add("\(name) ends with \(RPCFailure(telling: error).code)")
        throw error
      }
    }

    func interceptStream<Request: Message, Response: Message>(
      _ method: MethodDescriptor,
      _ options: CallOptions,
      next: @Sendable (CallOptions) async throws -> OpenStream<Request, Response>
    ) async throws -> OpenStream<Request, Response> {
      told.add("\(name) opens \(method.name)")
      var stream = try await next(options)
      let (name, told) = (name, told)
      stream.requests = stream.requests?.map {
        told.add("\(name) request")
        return $0
      }
      stream.responses = stream.responses?.map {
        told.add("\(name) response")
        return $0
      } ended: {
        told.add("\(name) ends with \($0?.code ?? .ok)")
      }
      return stream
    }
  }

  /// Answers unary calls by itself.
  private struct Answering: ClientInterceptor {
    func interceptUnary<Request: Message, Response: Message>(
      _ method: MethodDescriptor,
      _ request: Request,
      _ options: CallOptions,
      next: @Sendable (Request, CallOptions) async throws -> Answer<Response>
    ) async throws -> Answer<Response> {
      Answer(Response())
    }
  }

  @Test("The first is outermost, may add to the options, and sees how a call ended")
  func unary() throws {
    let told = Record<String>()
    let seen = Record<String>()
    var calls = ScriptedCalls()
    calls.onPut = { request, context in
      context.metadata.forEach { _, value in seen.add(String(decoding: value, as: UTF8.self)) }
      return Reply(request)
    }
    calls.onDefault = { _, _ in throw RPCFailure(.aborted, "") }
    let both = try InProcess(
      calls,
      interceptors: ["a", "b"].map { Watching(name: $0, told: told) }
    )
    let stubs = both.calls
    try both.loop.run {
      _ = try await stubs.put(Leaf())
      _ = await failure { try await stubs.default(Leaf()) }
    }
    #expect(seen.entries == ["a", "b"])
    #expect(
      told.entries == [
        "a begins Put", "b begins Put", "b ends", "a ends",
        "a begins Default", "b begins Default", "b ends with ABORTED", "a ends with ABORTED",
      ]
    )
  }

  @Test("Requests and responses of a stream pass through, and its end is told")
  func stream() throws {
    let told = Record<String>()
    let both = try InProcess(interceptors: [Watching(name: "a", told: told)])
    let stubs = both.calls
    let echoed = try both.loop.run {
      try await stubs.echo { requests, responses in
        try await requests.write(Leaf(name: "x"))
        requests.finish()
        var echoed: [Leaf] = []
        for try await leaf in responses { echoed.append(leaf) }
        return echoed
      }
    }
    #expect(echoed == [Leaf(name: "x")])
    #expect(told.entries == ["a opens Echo", "a request", "a response", "a ends with OK"])
  }

  @Test("A stream that is let go of behind an interceptor is cancelled all the same")
  func dropped() throws {
    let events = EventRecord()
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onScatter = { _, responses, _ in
      try await responses.write(Leaf())
      try await gate.passOrCancel()
    }
    let both = try InProcess(
      calls,
      interceptors: [Watching(name: "a", told: Record())],
      events: events
    )
    let stubs = both.calls
    try both.loop.run { for try await _ in stubs.scatter(Lists()) { break } }
    #expect(events.ended.entries.map(\.status) == [.cancelled])
  }

  @Test("One may answer by itself, and nothing is sent")
  func answering() throws {
    let events = EventRecord()
    let both = try InProcess(interceptors: [Answering()], events: events)
    let stubs = both.calls
    let answer = try both.loop.run { try await stubs.put(Leaf(name: "x")) }
    #expect(answer == Leaf())
    #expect(events.ended.entries.isEmpty)
  }
}
