import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("A server's calls, frame by frame") struct ServerCallTests {
  @Test("The first frame is SETTINGS, with the server's own limits")
  func settings() throws {
    var limits = ServerLimits()
    limits.frameBytesMax = 5_000
    limits.openCallsMax = 123
    limits.pingInterval = .milliseconds(750)
    let peer = ServerPeer(to: try .scripted(limits: limits))
    let frames = try peer.allFrames()
    #expect(
      frames == [
        .settings(Settings(frameBytesMax: 5_000, openCallsMax: 123, pingIntervalMsMin: 750))
      ]
    )
  }

  @Test("A unary call is one frame each way, at once and by a task alike")
  func unary() throws {
    let peer = ServerPeer(to: try .scripted())
    let oak = Leaf(name: "oak", weight: 7)
    peer.send(.open(1, CallMethods.peek, oak), .open(2, CallMethods.put, oak))
    #expect(try peer.frames() == [.close(1, Scalars(leaf: oak)), .close(2, oak)])
  }

  @Test("A client stream ends in one response", arguments: [true, false])
  func clientStream(endsWithMessage: Bool) throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.gather), .message(1, Leaf(name: "a")))
    #expect(try peer.frames().isEmpty)
    peer.send(.message(1, Leaf(), isLast: endsWithMessage))
    if !endsWithMessage { peer.send(PlainFrame(.end, call: 1)) }
    #expect(try peer.frames() == [.close(1, Lists(leaves: [Leaf(name: "a"), Leaf()]))])
  }

  @Test("`last` on OPEN says that no requests come at all")
  func lastOnOpen() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.gather, isLast: true))
    #expect(try peer.frames() == [.close(1, Lists())])
  }

  @Test("A server stream is messages, even empty ones, and a CLOSE without one")
  func serverStream() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.scatter, Lists(leaves: [Leaf(name: "a"), Leaf()])))
    #expect(
      try peer.frames() == [.message(1, Leaf(name: "a")), .message(1, Leaf()), .close(1)]
    )
  }

  @Test("A bidirectional call answers while it is asked")
  func bidirectional() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.echo), .message(1, Leaf(name: "a")))
    #expect(try peer.frames() == [.message(1, Leaf(name: "a"))])
    peer.send(.message(1, Leaf(name: "b"), isLast: true))
    #expect(try peer.frames() == [.message(1, Leaf(name: "b")), .close(1)])
  }

  @Test("A call may be closed before its requests have ended, and what still comes is ignored")
  func closesEarly() throws {
    var calls = ScriptedCalls()
    calls.onGather = { _, _ in Reply(Lists(bools: [true])) }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.gather))
    #expect(try peer.frames() == [.close(1, Lists(bools: [true]))])
    peer.send(
      .message(1, Leaf()),
      PlainFrame(.end, call: 1),
      .credit(1, 5),
      PlainFrame(.cancel, call: 1),
      .open(2, CallMethods.put, Leaf())
    )
    #expect(try peer.frames() == [.close(2, Leaf())])
  }

  @Test("Calls are answered in the order in which they are done, not opened")
  func outOfOrder() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      await gate.pass()
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.put, Leaf()), .open(9, CallMethods.default, Leaf()))
    #expect(try peer.frames() == [.close(9, Leaf())])
    peer.loop.perform { gate.open() }
    #expect(try peer.frames() == [.close(1, Leaf())])
  }

  @Test("Replies encoded before, and trailers, travel with every kind of method")
  func encodedAndTrailers() throws {
    let trailers = try Metadata.of([(Metadata.Key.offset, "12"), ("x-bin", "y")])
    let encoded = Leaf(name: "kept").encoded()
    var calls = ScriptedCalls()
    calls.onPeek = { _, _ in Reply(encoded: Scalars(anInt32: 4).encoded(), trailers: trailers) }
    calls.onPut = { _, _ in Reply(encoded: encoded, trailers: trailers) }
    calls.onDefault = { _, _ in Reply(Leaf(name: "made"), trailers: trailers) }
    calls.onGather = { _, _ in Reply(Lists(), trailers: trailers) }
    calls.onEcho = { _, responses, _ in
      responses.setTrailers(trailers)
      try await responses.write(encoded: encoded)
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(
      .open(1, CallMethods.peek, Leaf()),
      .open(2, CallMethods.put, Leaf()),
      .open(3, CallMethods.default, Leaf()),
      .open(4, CallMethods.gather),
      .open(5, CallMethods.echo)
    )
    #expect(
      try peer.frames().sorted { $0.call < $1.call } == [
        .close(1, Scalars(anInt32: 4), trailers: trailers),
        .close(2, Leaf(name: "kept"), trailers: trailers),
        .close(3, Leaf(name: "made"), trailers: trailers),
        .close(4, Lists(), trailers: trailers),
        .message(5, Leaf(name: "kept")), .close(5, trailers: trailers),
      ]
    )
  }

  @Test("Requests arrive alike however their bytes are cut", arguments: [1, 2, 3, 7])
  func cuts(size: Int) throws {
    let peer = ServerPeer(to: try .scripted())
    let frames: [PlainFrame] = [
      .open(1, CallMethods.echo), .message(1, Leaf.heavy(300)), .open(2, CallMethods.put, Leaf()),
      .message(1, Leaf(), isLast: true),
    ]
    peer.send(bytes: frames.flatMap(\.bytes), inReadsOf: size)
    #expect(
      try peer.frames() == [
        .message(1, Leaf.heavy(300)), .close(2, Leaf()), .message(1, Leaf()), .close(1),
      ]
    )
  }

  @Test("A handler sees its call's metadata, number, deadline and trace")
  func context() throws {
    let seen = Record<CallContext>()
    var calls = ScriptedCalls()
    calls.onPut = { request, context in
      seen.add(context)
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls), id: 77)
    let trace = "0af7651916cd43dd8448eb211c80319c"
    let metadata = try Metadata.of([(Metadata.Key.traceParent, "00-\(trace)-b7ad6b7169203331-01")])
    let now = peer.loop.now
    peer.send(.open(4, CallMethods.put, Leaf(), timeoutMs: 1_500, metadata: metadata))
    let context = try #require(seen.entries.first)
    #expect(context.method == CallMethods.put)
    #expect(context.callID == 4)
    #expect(context.connectionID == 77)
    #expect(context.metadata == metadata)
    #expect(context.deadline == now + .milliseconds(1_500))
    #expect(context.traceID == trace)
  }

  @Test("What calls came to is told, with how long they took")
  func events() throws {
    let gate = Gate()
    let events = EventRecord()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      await gate.pass()
      return Reply(request)
    }
    calls.onDefault = { _, _ in throw RPCFailure(.aborted, "again") }
    let peer = ServerPeer(to: try .scripted(calls, events: events))
    peer.send(
      .open(1, CallMethods.put, Leaf()),
      .open(2, CallMethods.default, Leaf()),
      .open(3, CallMethods.peek, Leaf())
    )
    peer.advance(by: .seconds(2))
    peer.loop.perform { gate.open() }
    let (put, other, peek) = (CallMethods.put.path, CallMethods.default.path, CallMethods.peek.path)
    #expect(
      events.ended.entries.sorted { $0.call < $1.call } == [
        .init(method: put, call: 1, status: .ok, duration: .seconds(2)),
        .init(method: other, call: 2, status: .aborted, duration: .zero),
        .init(method: peek, call: 3, status: .ok, duration: .zero),
      ]
    )
  }
}

@Suite("What handlers throw") struct ServerErrorTests {
  private struct Odd: Error {}

  private struct Told: RPCFailureConvertible {
    var rpcFailure: RPCFailure { RPCFailure(.outOfRange, "beyond the end") }
  }

  /// What a call that throws `error` is closed with, at once and by a task.
  private func closes(throwing error: any Error & Sendable) throws -> [PlainFrame] {
    var calls = ScriptedCalls()
    calls.onPeek = { _, _ in throw error }
    calls.onPut = { _, _ in throw error }
    calls.onScatter = { _, _, _ in throw error }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(
      .open(1, CallMethods.peek, Leaf()),
      .open(2, CallMethods.put, Leaf()),
      .open(3, CallMethods.scatter, Lists())
    )
    return try peer.frames()
  }

  private func expect(_ error: any Error & Sendable, _ status: StatusCode, _ reason: String) throws
  {
    #expect(try closes(throwing: error) == (1...3).map { .close($0, status, reason) })
  }

  @Test("A failure is told as it is, with its trailers and without its cause")
  func failure() throws {
    var failure = RPCFailure(.failedPrecondition, "sold out", cause: Odd())
    try failure.trailers.add(Metadata.Key.refusal, "SOLD_OUT")
    for close in try closes(throwing: failure) {
      #expect(close.status == .failedPrecondition)
      #expect(close.reason == "sold out")
      #expect(close.metadata[Metadata.Key.refusal] == "SOLD_OUT")
    }
  }

  @Test("An error that knows how it is told, is told so")
  func convertible() throws { try expect(Told(), .outOfRange, "beyond the end") }

  @Test("An odd error is UNKNOWN, and nothing of it is shown")
  func odd() throws { try expect(Odd(), .unknown, "the handler failed") }

  @Test("A cancellation that nobody asked for is CANCELLED")
  func cancellation() throws {
    try expect(CancellationError(), .cancelled, "the call was cancelled")
  }
}
