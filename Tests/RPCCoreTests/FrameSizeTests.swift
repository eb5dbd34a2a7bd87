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

  private static let huge = Leaf.heavy(2 * mebibyte)

  @Test("Before SETTINGS such a request waits for what the server takes, and holds up no other")
  func unsettled() throws {
    let scripted = Scripted()
    let huge = try scripted.put(Self.huge.name)
    let small = try scripted.put("small")
    let server = try #require(scripted.connector.servers.first)
    #expect(try server.frames().map(\.call) == [2])
    server.send(.close(2, Leaf()))
    #expect(small.isDone && !huge.isDone)
    server.send(.settings(Settings(frameBytesMax: UInt32(4 * Self.mebibyte), openCallsMax: 9)))
    let frames = try server.frames()
    #expect(frames.map(\.kind) == [.open] && frames.map(\.call) == [3])
    #expect(frames.first?.message == Self.huge.encoded())
    server.send(.close(3, Leaf()))
    #expect(huge.response == Leaf())
  }

  @Test("A request that waited for SETTINGS ends in one way, and was certainly not run")
  func unsettledEnds() throws {
    let scripted = Scripted()
    let late = try scripted.put(Self.huge.name, CallMethods.put, timeout: .seconds(1))
    let unwanted = try scripted.put(Self.huge.name, CallMethods.put)
    let refused = try scripted.put(Self.huge.name, CallMethods.put)
    let server = try #require(scripted.connector.servers.first)
    scripted.loop.perform { unwanted.cancel() }
    #expect(unwanted.failure?.code == .cancelled)
    scripted.loop.advance(by: .seconds(1))
    #expect(late.failure?.code == .deadlineExceeded)
    server.send(.settings(Settings(frameBytesMax: UInt32(Self.mebibyte), openCallsMax: 9)))
    #expect(refused.failure?.code == .resourceExhausted)
    #expect(try server.frames().isEmpty, "nothing was sent, so nothing is cancelled")
  }

  @Test("A request that waited for SETTINGS tells the server how much of its time is left")
  func unsettledTime() throws {
    let scripted = Scripted()
    _ = try scripted.put(Self.huge.name, timeout: .seconds(5))
    let server = try #require(scripted.connector.servers.first)
    scripted.loop.advance(by: .seconds(2))
    server.send(.settings(Settings(frameBytesMax: UInt32(4 * Self.mebibyte))))
    #expect(try server.frames().map(\.timeoutMs) == [3_000])
  }

  @Test("A request that waits for SETTINGS is not run by a server that leaves, whatever it took")
  func unsettledLeaving() throws {
    let scripted = Scripted()
    let huge = try scripted.put(Self.huge.name, CallMethods.put)
    let small = try scripted.put("small", CallMethods.put)
    let server = try #require(scripted.connector.servers.first)
    #expect(try server.frames().map(\.call) == [2])
    server.send(.goAway(2))
    #expect(!small.isDone)
    let next = try #require(scripted.connector.servers.last)
    #expect(next !== server, "it is made again elsewhere")
    next.send(.settings(Settings(frameBytesMax: UInt32(4 * Self.mebibyte))))
    next.send(.close(2, Leaf()))
    #expect(huge.response == Leaf())
  }

  @Test("A stream's message that is too large before SETTINGS waits for them too")
  func unsettledStream() throws {
    let scripted = Scripted()
    let stubs = scripted.calls
    let gather = scripted.loop.start {
      try await stubs.gather { try await $0.write(Self.huge) }
    }
    let server = try #require(scripted.connector.servers.first)
    #expect(try server.frames().map(\.kind) == [.open])
    server.send(.settings(Settings(frameBytesMax: UInt32(4 * Self.mebibyte))))
    #expect(try server.frames() == [.message(1, Self.huge), PlainFrame(.end, call: 1)])
    server.send(.close(1, Lists(bools: [true])))
    #expect(try scripted.loop.finish(gather) == Lists(bools: [true]))
  }

  @Test("No frame is 16 MiB, whatever the server says that it takes")
  func boundless() throws {
    let scripted = Scripted()
    let put = try scripted.put(Leaf.heavy(16 * Self.mebibyte).name)
    let server = try #require(scripted.connector.servers.first)
    server.send(.settings(Settings(frameBytesMax: .max)))
    #expect(put.failure?.code == .resourceExhausted)
    #expect(try server.frames().isEmpty)
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
