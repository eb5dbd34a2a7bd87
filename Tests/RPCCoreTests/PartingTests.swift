import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Peers that cannot answer, or do not listen") struct PartingTests {
  @Test("A half-closed peer is asked at once whether it is there, and not given up for its silence")
  func halfClosed() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      await gate.pass()
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.put, Leaf()))
    peer.loop.perform { peer.link.halfClose() }
    peer.advance(by: .milliseconds(1))
    #expect(try peer.frames().map(\.kind) == [.ping])
    for _ in 0..<10 { peer.advance(by: .seconds(60)) }
    #expect(try peer.frames().map(\.kind).allSatisfy { $0 == .ping })
    peer.loop.perform { gate.open() }
    #expect(try peer.frames() == [.close(1, Leaf())])
  }

  @Test("A peer whose GOAWAY is not OK is closing, so its calls end")
  func closingPeer() throws {
    let ends = Record<HandlerEnd>()
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      await gate.pass()
      ends.add(Task.isCancelled ? .cancelled : .returned)
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.put, Leaf()))
    var goAway = PlainFrame(.goAway)
    goAway.status = .internal
    peer.send(goAway)
    peer.loop.perform { gate.open() }
    #expect(ends.entries == [.cancelled])
    #expect(try peer.frames().isEmpty)
  }

  @Test("Responses that nobody reads are kept up to a bound, empty ones included")
  func unreadResponses() throws {
    var limits = ClientLimits.defaults
    limits.undeliveredBytesMax = 64 << 10
    let scripted = Scripted(limits: limits)
    let stubs = scripted.calls
    let gate = Gate()
    let scatter = scripted.loop.start { () async throws -> Int in
      var iterator = stubs.scatter(Lists()).makeAsyncIterator()
      _ = try await iterator.next()
      await gate.pass()
      var count = 1
      while try await iterator.next() != nil { count += 1 }
      return count
    }
    let server = try #require(scripted.connector.servers.first)
    _ = try server.frames()
    for _ in 0..<2_000 { server.send(.message(1, Leaf())) }
    #expect(try server.frames().map(\.kind) == [.cancel])
    scripted.loop.perform { gate.open() }
    let failure = try #require(throws: RPCFailure.self) { try scripted.loop.finish(scatter) }
    #expect(failure.code == .resourceExhausted)
  }

  @Test("A server that pings and reads nothing is left")
  func pingFlood() throws {
    var limits = ClientLimits.defaults
    limits.outputBytesMax = 4 << 10
    let scripted = Scripted(limits: limits)
    let put = try scripted.put("a")
    let server = try #require(scripted.connector.servers.first)
    var ping = PlainFrame(.ping)
    ping.nonce = 7
    server.send(bytes: (0..<2_000).flatMap { _ in ping.bytes })
    #expect(put.failure?.isOutcomeUnknown == true)
  }
}
