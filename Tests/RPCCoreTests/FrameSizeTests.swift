import Fixtures
import RPCCore
import Synchronization
import TestSupport
import Testing
import Wire

@Suite("Frames that would be too large for the peer") struct FrameSizeTests {
  private static let mebibyte = 1 << 20

  @Test("A reply that no client takes ends its call alone, for every kind of method")
  func replies() throws {
    let huge = Leaf.heavy(5 * Self.mebibyte)
    var calls = ScriptedCalls()
    calls.onPeek = { _, _ in Reply(encoded: huge.encoded()) }
    calls.onPut = { _, _ in Reply(huge) }
    calls.onEcho = { _, responses, _ in try await responses.write(huge) }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(
      .open(1, CallMethods.peek, Leaf()),
      .open(2, CallMethods.put, Leaf()),
      .open(3, CallMethods.echo)
    )
    let frames = try peer.frames()
    #expect(frames.map(\.kind) == [.close, .close, .close])
    #expect(frames.map(\.status) == [.resourceExhausted, .resourceExhausted, .resourceExhausted])
    peer.send(.open(4, CallMethods.gather), PlainFrame(.end, call: 4))
    #expect(try peer.frames() == [.close(4, Lists())])
  }

  @Test("A request that the server does not take fails before it is sent, and the rest go on")
  func requests() throws {
    let closed = ClosedConnections()
    let both = try InProcess(events: closed)
    let calls = both.calls
    try both.loop.run { () async throws -> Void in
      let small = Leaf(name: "small")
      #expect(try await calls.put(small) == small)
      await #expect(throws: RPCFailure.self) { try await calls.put(.heavy(2 * Self.mebibyte)) }
      await #expect(throws: RPCFailure.self) {
        try await calls.gather { try await $0.write(.heavy(2 * Self.mebibyte)) }
      }
      #expect(try await calls.put(small) == small)
    }
    #expect(closed.count == 0)
  }
}

/// Counts the connections that are gone.
private final class ClosedConnections: ServerEvents {
  private let closed = Atomic<Int>(0)

  var count: Int { closed.load(ordering: .relaxed) }

  func connectionClosed(_ connectionID: UInt64, reason: String?) {
    closed.add(1, ordering: .relaxed)
  }
}
