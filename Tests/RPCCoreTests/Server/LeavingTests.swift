import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("How a server and its peers part") struct ServerLeavingTests {
  /// A server whose `put` waits, cancellable, for a gate.
  private struct Waiting {
    let gate = Gate()
    let ends = Record<HandlerEnd>()
    let events = EventRecord()
    let peer: ServerPeer

    init(limits: ServerLimits = .defaults) throws {
      var calls = ScriptedCalls()
      let (gate, ends) = (gate, ends)
      let put: ScriptedCalls.Unary = { request, _ in
        try await recording(in: ends) { try await gate.passOrCancel() }
        return Reply(request)
      }
      calls.onPut = put
      peer = ServerPeer(
        to: try .scripted(calls, reads: ReadService(onRead: put), limits: limits, events: events)
      )
    }
  }

  @Test("CANCEL ends a call without a word, and cancels its handler's task")
  func cancel() throws {
    let waiting = try Waiting()
    waiting.peer.send(.open(1, CallMethods.put, Leaf()), .open(2, CallMethods.put, Leaf()))
    waiting.peer.send(PlainFrame(.cancel, call: 1), PlainFrame(.cancel, call: 1))
    #expect(waiting.ends.entries == [.cancelled])
    #expect(waiting.events.ended.entries.map(\.status) == [.cancelled])
    waiting.peer.loop.perform { waiting.gate.open() }
    #expect(try waiting.peer.frames() == [.close(2, Leaf())])
  }

  @Test("CANCEL reaches a handler that waits for requests, and one that waits for credit")
  func cancelStreams() throws {
    let ends = Record<HandlerEnd>()
    var calls = ScriptedCalls()
    calls.onGather = { requests, _ in
      try await recording(in: ends) { for try await _ in requests {} }
      return Reply(Lists())
    }
    calls.onScatter = { _, responses, _ in
      try await recording(in: ends) { while true { try await responses.write(Leaf.heavy(99_999)) } }
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.gather), .open(2, CallMethods.scatter, Lists()))
    #expect(ends.entries.isEmpty)
    peer.send(PlainFrame(.cancel, call: 1), PlainFrame(.cancel, call: 2))
    #expect(ends.entries.count == 2)
    #expect(try peer.frames().allSatisfy { $0.kind == .message && $0.call == 2 })
  }

  @Test("As many calls as the limit may be open, one more is RESOURCE_EXHAUSTED, at once ones pass")
  func openCalls() throws {
    var limits = ServerLimits()
    limits.openCallsMax = 3
    let waiting = try Waiting(limits: limits)
    for call in UInt32(1)...4 { waiting.peer.send(.open(call, CallMethods.put, Leaf())) }
    waiting.peer.send(.open(5, CallMethods.peek, Leaf()))
    #expect(
      try waiting.peer.frames() == [
        .close(4, .resourceExhausted, "3 calls are open on this connection"),
        .close(5, Scalars(leaf: Leaf())),
      ]
    )
    waiting.peer.loop.perform { waiting.gate.open() }
    _ = try waiting.peer.frames()
    waiting.peer.send(.open(6, CallMethods.put, Leaf()))
    #expect(try waiting.peer.frames() == [.close(6, Leaf())])
  }

  @Test("Cancelled calls count until their handlers have returned, so rapid reset gains nothing")
  func rapidReset() throws {
    let gate = Gate()
    let begun = Record<UInt32>()
    var calls = ScriptedCalls()
    calls.onDefault = { request, context in
      begun.add(context.callID)
      await gate.pass()
      return Reply(request)
    }
    var limits = ServerLimits()
    limits.openCallsMax = 10
    let peer = ServerPeer(to: try .scripted(calls, limits: limits))
    for call in UInt32(1)...100 {
      peer.send(.open(call, CallMethods.default, Leaf()))
      peer.send(PlainFrame(.cancel, call: call))
    }
    #expect(begun.entries == Array(1...10))
    #expect(try peer.frames().map(\.status) == .init(repeating: .resourceExhausted, count: 90))
    peer.loop.perform { gate.open() }
    peer.send(.open(101, CallMethods.default, Leaf()))
    #expect(try peer.frames() == [.close(101, Leaf())])
  }

  @Test("Calls that are cancelled in the read that opens them are never run, nor counted for long")
  func rapidResetInOneRead() throws {
    let begun = Record<UInt32>()
    var calls = ScriptedCalls()
    calls.onDefault = { request, context in
      begun.add(context.callID)
      return Reply(request)
    }
    var limits = ServerLimits()
    limits.openCallsMax = 10
    let peer = ServerPeer(to: try .scripted(calls, limits: limits))
    peer.send(
      (UInt32(1)...100).flatMap {
        [.open($0, CallMethods.default, Leaf()), PlainFrame(.cancel, call: $0)]
      }
    )
    #expect(try peer.frames().map(\.status) == .init(repeating: .resourceExhausted, count: 90))
    #expect(begun.entries.isEmpty)
    peer.send(.open(101, CallMethods.default, Leaf()))
    #expect(try peer.frames() == [.close(101, Leaf())])
  }

  @Test(
    "Draining says GOAWAY with the highest call, runs no more, finishes what is open, and closes"
  )
  func drain() throws {
    let waiting = try Waiting()
    let peer = waiting.peer
    peer.send(.open(7, CallMethods.put, Leaf(name: "a")))
    peer.loop.perform { peer.session.drain("restarting") }
    peer.loop.perform { peer.session.drain("again") }
    #expect(try peer.frames() == [.goAway(7, .ok, "restarting")])
    peer.send(.open(9, CallMethods.peek, Leaf()), .ping(3))
    #expect(try peer.frames() == [.pong(3)])
    #expect(peer.link.ending == nil)
    peer.loop.perform { waiting.gate.open() }
    #expect(try peer.frames() == [.close(7, Leaf(name: "a"))])
    #expect(peer.link.ending == .closed)
    #expect(waiting.ends.entries == [.returned])
  }

  @Test("Draining a connection without calls closes it at once")
  func drainIdle() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.loop.perform { peer.session.drain("restarting") }
    #expect(try peer.frames() == [.goAway(0, .ok, "restarting")])
    #expect(peer.link.ending == .closed)
  }

  @Test(
    "A stream that was opened before its client saw GOAWAY is ignored, with all that follows it"
  )
  func streamAcrossGoAway() throws {
    let waiting = try Waiting()
    let peer = waiting.peer
    peer.send(.open(1, CallMethods.put, Leaf(name: "a")))
    peer.loop.perform { peer.session.drain("restarting") }
    peer.send(
      .open(2, CallMethods.gather),
      .message(2, Leaf()),
      .credit(2, 10),
      PlainFrame(.end, call: 2),
      PlainFrame(.cancel, call: 2)
    )
    #expect(try peer.frames() == [.goAway(1, .ok, "restarting")])
    peer.loop.perform { waiting.gate.open() }
    #expect(try peer.frames() == [.close(1, Leaf(name: "a"))])
  }

  @Test("A client's GOAWAY lets its open calls finish, requests that still come included")
  func peerGoesAway() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.gather), .message(1, Leaf(name: "a")), .goAway(0))
    #expect(peer.link.ending == nil)
    peer.send(.message(1, Leaf(name: "b")), .message(1, Leaf(name: "c"), isLast: true))
    #expect(
      try peer.frames() == [
        .close(1, Lists(leaves: ["a", "b", "c"].map { Leaf(name: $0) }))
      ]
    )
    #expect(peer.link.ending == .closed)
  }

  @Test("A half-close lets open calls finish, and then closes")
  func halfClose() throws {
    let waiting = try Waiting()
    let peer = waiting.peer
    peer.send(.open(1, CallMethods.put, Leaf()))
    peer.loop.perform { peer.link.halfClose() }
    #expect(peer.link.ending == nil)
    peer.loop.perform { waiting.gate.open() }
    #expect(try peer.frames() == [.close(1, Leaf())])
    #expect(peer.link.ending == .closed)
  }

  @Test("Requests that a half-close cuts off do not look complete to their handler")
  func halfCloseInRequests() throws {
    let sums = Record<Int>()
    var calls = ScriptedCalls()
    calls.onGather = { requests, _ in
      var count = 0
      for try await _ in requests { count += 1 }
      sums.add(count)
      return Reply(Lists(int32s: [Int32(count)]))
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.gather), .message(1, Leaf()), .message(1, Leaf()))
    peer.loop.perform { peer.link.halfClose() }
    #expect(sums.entries.isEmpty)
    #expect(try peer.frames().map(\.status) == [.cancelled])
    #expect(peer.link.ending == .closed)
  }

  @Test("A cut tells each open call what may be said of it, cancels its handler, and closes")
  func cut() throws {
    let waiting = try Waiting()
    let peer = waiting.peer
    peer.send(.open(1, CallMethods.put, Leaf()), .open(2, ReadService.read, Leaf()))
    peer.loop.perform { peer.session.cut("shutting down") }
    let closes = try peer.frames().sorted { $0.call < $1.call }
    #expect(closes.map(\.status) == [.unknown, .unavailable])
    #expect(closes.first?.metadata[Metadata.Key.refusal] == "OUTCOME_UNKNOWN")
    #expect(closes.last?.metadata.isEmpty == true)
    #expect(peer.link.ending == .closed)
    #expect(waiting.ends.entries == [.cancelled, .cancelled])
  }

  @Test("A lost connection cancels its handlers, and is told with its reason")
  func lost() throws {
    let waiting = try Waiting()
    waiting.peer.send(.open(1, CallMethods.put, Leaf()))
    waiting.peer.loop.perform { waiting.peer.link.lose("reset") }
    #expect(waiting.ends.entries == [.cancelled])
    #expect(waiting.events.closed.entries == ["reset"])
    #expect(waiting.events.ended.entries.map(\.status) == [.cancelled])
  }

  @Test(
    "A session whose connection is gone is let go of, with its calls, once handlers have returned"
  )
  func nothingLeaks() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onDefault = { request, _ in
      await gate.pass()
      return Reply(request)
    }
    weak var session: ServerSession?
    var peer: ServerPeer? = ServerPeer(to: try .scripted(calls))
    session = peer?.session
    peer?.send(.open(1, CallMethods.default, Leaf()), .open(2, CallMethods.gather))
    let loop = peer?.loop
    loop?.perform { peer?.link.lose() }
    peer = nil
    #expect(session != nil)
    loop?.perform { gate.open() }
    #expect(session == nil)
  }
}
