import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("What a server waits for, and how long") struct ServerTimingTests {
  /// The only frame that came is GOAWAY with that status, and the connection is closed.
  private func expectEnd(
    _ peer: ServerPeer,
    _ status: StatusCode,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let frames = try peer.frames()
    #expect(frames.map(\.kind) == [.goAway], sourceLocation: location)
    #expect(frames.first?.status == status, sourceLocation: location)
    #expect(peer.link.ending == .closed, sourceLocation: location)
  }

  private func waitingCalls(_ gate: Gate, _ ends: Record<HandlerEnd> = Record()) -> ScriptedCalls {
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await recording(in: ends) { try await gate.passOrCancel() }
      return Reply(request)
    }
    return calls
  }

  @Test("A connection without a first frame is ended after ten seconds, and not before")
  func firstFrame() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(bytes: [0])
    peer.advance(by: .milliseconds(9_999))
    #expect(peer.link.ending == nil)
    peer.advance(by: .milliseconds(1))
    try expectEnd(peer, .deadlineExceeded)
  }

  @Test("A frame that is not complete in thirty seconds ends the connection, byte by byte or not")
  func frame() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.ping(1))
    #expect(try peer.frames() == [.pong(1)])
    peer.advance(by: .seconds(5))
    for byte in PlainFrame.open(1, CallMethods.peek, Leaf()).bytes.prefix(3) {
      peer.send(bytes: [byte])
      peer.advance(by: .milliseconds(9_999))
    }
    #expect(peer.link.ending == nil)
    peer.send(bytes: [200])
    peer.advance(by: .milliseconds(3))
    try expectEnd(peer, .deadlineExceeded)
  }

  @Test("Each frame has its own thirty seconds")
  func framesInPieces() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.ping(1))
    var rest = (1...20).flatMap { PlainFrame.open($0, CallMethods.put, Leaf()).bytes }[...]
    let size = rest.count / 20
    while !rest.isEmpty {
      // Always in the middle of a frame.
      let count = min(rest.count, rest.count % size == 0 ? size / 2 : size)
      peer.send(bytes: Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
      if !rest.isEmpty { peer.advance(by: .seconds(20)) }
    }
    #expect(try peer.frames().filter { $0.kind == .close }.count == 20)
    #expect(peer.link.ending == nil)
  }

  @Test("A connection without calls is drained after ten minutes, counted from its last call")
  func idle() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.peek, Leaf()))
    peer.advance(by: .seconds(599))
    peer.send(.ping(1), .open(2, CallMethods.peek, Leaf()))
    _ = try peer.frames()
    peer.advance(by: .seconds(599))
    #expect(peer.link.ending == nil)
    peer.advance(by: .seconds(1))
    try expectEnd(peer, .ok)
  }

  @Test("A connection with an open call is not idle, as long as its peer answers")
  func notIdle() throws {
    let gate = Gate()
    let peer = ServerPeer(to: try .scripted(waitingCalls(gate)))
    peer.send(.open(1, CallMethods.put, Leaf()))
    for _ in 0..<1_000 {
      peer.advance(by: .seconds(2))
      for ping in try peer.frames() {
        #expect(ping.kind == .ping)
        peer.send(.pong(ping.nonce))
      }
    }
    #expect(peer.link.ending == nil)
    gate.open()
    peer.advance(by: .seconds(1))
    #expect(try peer.frames() == [.close(1, Leaf())])
  }

  @Test("A silent peer with an open call is asked after a minute and dropped twenty seconds later")
  func keepAlive() throws {
    let ends = Record<HandlerEnd>()
    let gate = Gate()
    let peer = ServerPeer(to: try .scripted(waitingCalls(gate, ends)))
    // Long enough after the start that only the idle alarm is set.
    peer.send(.ping(1))
    peer.advance(by: .seconds(30))
    peer.send(.open(1, CallMethods.put, Leaf()))
    _ = try peer.frames()
    peer.advance(by: .milliseconds(59_999))
    #expect(try peer.frames().isEmpty)
    peer.advance(by: .milliseconds(1))
    #expect(try peer.frames() == [.ping(1)])
    peer.advance(by: .milliseconds(19_999))
    #expect(peer.link.ending == nil)
    peer.advance(by: .milliseconds(1))
    #expect(peer.link.ending == .aborted("the peer does not answer"))
    #expect(ends.entries == [.cancelled])
  }

  @Test(
    "A peer that takes no output is dropped after thirty seconds; one that takes a little is not"
  )
  func output() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.ping(1))
    peer.link.isTaking = false
    peer.send(.open(1, CallMethods.peek, Leaf.heavy(1_000)))
    for _ in 0..<10 {
      peer.advance(by: .seconds(29))
      peer.loop.perform { peer.link.take(atMost: 1) }
    }
    peer.advance(by: .milliseconds(29_999))
    #expect(peer.link.ending == nil)
    peer.advance(by: .milliseconds(1))
    #expect(peer.link.ending == .aborted("the peer took no output for 30.0 seconds"))
  }

  @Test("A peer that reads slowly is there, though it has not come to the PING")
  func slowReader() throws {
    var limits = ServerLimits()
    limits.outputBytesMax = 10_000
    let gate = Gate()
    let peer = ServerPeer(to: try .scripted(waitingCalls(gate), limits: limits))
    peer.link.isTaking = false
    peer.send(.open(1, CallMethods.put, Leaf()), .open(2, CallMethods.default, Leaf.heavy(20_000)))
    for _ in 0..<20 {
      peer.advance(by: .seconds(20))
      peer.loop.perform { peer.link.take(atMost: 100) }
    }
    #expect(peer.link.ending == nil)
    gate.open()
  }

  @Test("Pinging too fast is answered twice, and at the third time ends the connection")
  func pings() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.ping(1), .ping(2), .ping(3))
    #expect(try peer.frames() == [.pong(1), .pong(2), .pong(3)])
    peer.advance(by: .milliseconds(4_999))
    peer.send(.ping(4))
    try expectEnd(peer, .resourceExhausted)
  }

  @Test("Pinging as fast as is allowed goes on for ever")
  func allowedPings() throws {
    let peer = ServerPeer(to: try .scripted())
    for nonce in UInt64(1)...20 {
      peer.send(.ping(nonce))
      #expect(try peer.frames() == [.pong(nonce)])
      peer.advance(by: .seconds(5))
    }
    #expect(peer.link.ending == nil)
  }
}

@Suite("Deadlines on the server") struct ServerDeadlineTests {
  @Test("A call without effects ends at its deadline, and its handler is cancelled")
  func withoutEffects() throws {
    let ends = Record<HandlerEnd>()
    let gate = Gate()
    var reads = ReadService()
    reads.onRead = { request, _ in
      try await recording(in: ends) { try await gate.passOrCancel() }
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(reads: reads))
    peer.send(.open(1, ReadService.read, Leaf(), timeoutMs: 700))
    peer.advance(by: .milliseconds(699))
    #expect(try peer.frames().isEmpty)
    peer.advance(by: .milliseconds(1))
    #expect(try peer.frames() == [.close(1, .deadlineExceeded, "time ran out")])
    #expect(ends.entries == [.cancelled])
  }

  @Test("A call with effects is cancelled, and its handler's word counts: it was not run")
  func handlerSaysNotRun() throws {
    let peer = try peer { _ in throw CancellationError() }
    peer.advance(by: .milliseconds(700))
    #expect(try peer.frames() == [.close(1, .deadlineExceeded, "time ran out")])
  }

  @Test("A call with effects is cancelled, and its handler's word counts: it was run")
  func handlerSaysRun() throws {
    let peer = try peer { _ in Reply(Leaf(name: "done")) }
    peer.advance(by: .milliseconds(700))
    #expect(try peer.frames() == [.close(1, Leaf(name: "done"))])
  }

  @Test("A call with effects is cancelled, and its handler's word counts: it was refused")
  func handlerSaysRefused() throws {
    let peer = try peer { _ in throw RPCFailure(.aborted, "lost a race") }
    peer.advance(by: .milliseconds(700))
    #expect(try peer.frames() == [.close(1, .aborted, "lost a race")])
  }

  /// A peer with an open call whose handler waits to be cancelled, and then does `body`.
  private func peer(
    _ body: @escaping @Sendable (Leaf) throws -> Reply<Leaf>
  ) throws -> ServerPeer {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      do { try await gate.passOrCancel() } catch { return try body(request) }
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.put, Leaf(), timeoutMs: 700))
    return peer
  }

  @Test("A handler that says nothing within the grace leaves the outcome unknown")
  func graceOver() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onDefault = { request, _ in
      await gate.pass()
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.default, Leaf(), timeoutMs: 700))
    peer.advance(by: .milliseconds(5_699))
    #expect(try peer.frames().isEmpty)
    peer.advance(by: .milliseconds(1))
    let close = try #require(try peer.frames().first)
    #expect(close.status == .unknown)
    #expect(close.metadata[Metadata.Key.refusal] == "OUTCOME_UNKNOWN")
    peer.loop.perform { gate.open() }
    #expect(try peer.frames().isEmpty)
  }

  @Test(
    "A loop that was late by more than the grace still gives the handler its grace, and then ends it"
  )
  func lateLoop() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onDefault = { request, _ in
      await gate.pass()
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.default, Leaf(), timeoutMs: 700))
    peer.loop.sleepThrough(.seconds(20))
    #expect(try peer.frames().isEmpty)
    peer.advance(by: .seconds(5))
    #expect(try peer.frames().map(\.status) == [.unknown])
    gate.open()
  }

  @Test("Each of many calls ends at its own deadline")
  func many() throws {
    let gate = Gate()
    var reads = ReadService()
    reads.onRead = { request, _ in
      await gate.pass()
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(reads: reads))
    let timeouts: [UInt32] = [500, 100, 900, 300, 100]
    for (index, timeout) in timeouts.enumerated() {
      peer.send(.open(UInt32(index + 1), ReadService.read, Leaf(), timeoutMs: timeout))
    }
    for (timeout, calls) in [(100, [2, 5]), (300, [4]), (500, [1]), (900, [3])] as [(Int, [UInt32])]
    {
      let elapsed = peer.loop.now - Moment(nanoseconds: 1_000_000_000)
      peer.advance(by: .milliseconds(timeout) - elapsed)
      #expect(try Set(peer.frames().map(\.call)) == Set(calls))
    }
    gate.open()
  }
}
