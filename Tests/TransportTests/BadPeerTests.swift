import Fixtures
import Glibc
import RPCCore
import SocketSupport
import Testing
import Transport
import Wire

@Suite("Peers that misbehave", .timeLimit(.minutes(5))) struct BadPeerTests {
  private let counter = EventCounter()

  /// Runs `body` against a server, and sees that others are served meanwhile and that nothing is
  /// left afterwards.
  private func withServer(
    _ service: Calls = Calls(),
    change: (inout ServerLimits) -> Void = { _ in },
    _ body: (SocketAddress) async throws -> Void
  ) async throws {
    var limits = ServerLimits.defaults
    change(&limits)
    let server = try await TestServer(service, limits: limits, events: counter)
    try await withClient(to: [server.address]) { client in
      try await body(server.address)
      let put = try await CallClient(client).put(Leaf(weight: 1))
      #expect(put.weight == 1)
    }
    let stopped = await server.stop()
    #expect(stopped.isDrained)
    #expect(server.server.connectionCount == 0)
  }

  private func expectGoAway(
    _ status: StatusCode,
    _ reason: String,
    _ peer: RawPeer,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let frame = try await peer.next(.goAway)
    #expect(frame?.status == status, sourceLocation: location)
    #expect(frame?.reason == reason, sourceLocation: location)
    let end = try await peer.nextFrame()
    #expect(end == nil, sourceLocation: location)
  }

  @Test(
    "What cannot be read ends the connection, and says why",
    arguments: [
      (Array("GET / HTTP/1.1\r\n".utf8), .internal, "these bytes are not a frame"),
      ([0, 0, 0, 2, 0xFF, 0xFF], .internal, "a frame cannot be read"),
      (
        [0, 0x10, 0, 1], .resourceExhausted,
        "a frame of 1048577 bytes; the largest taken is 1048576"
      ),
      (bytes(OutgoingFrame(.settings)), .internal, "a client does not send this kind of frame"),
      (bytes(OutgoingFrame(.cancel, call: 9)), .internal, "call 9 was not opened"),
    ] as [([UInt8], StatusCode, String)]
  )
  func garbage(bytes: [UInt8], status: StatusCode, reason: String) async throws {
    try await withServer { address in
      let peer = try RawPeer(to: address)
      try peer.send(bytes)
      try await expectGoAway(status, reason, peer)
    }
  }

  @Test("A call that comes one byte at a time is answered") func byteByByte() async throws {
    try await withServer { address in
      let peer = try RawPeer(to: address)
      for byte in bytes(open(1, CallMethods.put), Leaf(name: "oak")) { try peer.send([byte]) }
      let close = try await peer.next(.close)
      #expect(close?.status == .ok)
      #expect(close?.message == Leaf(name: "oak").encoded())
    }
  }

  @Test("Whoever says nothing is told that time is up") func silent() async throws {
    // Long enough for those who are served meanwhile to say something, on a busy machine too.
    try await withServer(change: { $0.firstFrameTimeout = .seconds(1) }) { address in
      let peer = try RawPeer(to: address)
      try await expectGoAway(.deadlineExceeded, "no frame came within 1.0 seconds", peer)
    }
  }

  @Test("Whoever begins a frame and does not end it is told that time is up")
  func slow() async throws {
    try await withServer(change: { $0.frameTimeout = .milliseconds(50) }) { address in
      let peer = try RawPeer(to: address)
      try peer.send(bytes(open(1, CallMethods.put), Leaf(weight: 1)))
      #expect(try await peer.next(.close)?.status == .ok)
      try peer.send([0, 0, 0])
      try await expectGoAway(
        .deadlineExceeded,
        "a frame was not complete within 0.05 seconds",
        peer
      )
    }
  }

  @Test("Whoever half-closes gets what it still waits for, and then the connection ends")
  func halfClose() async throws {
    try await withServer { address in
      let peer = try RawPeer(to: address)
      try peer.send(bytes(open(1, CallMethods.gather)) + bytes(open(2, CallMethods.gather)))
      try peer.send(bytes(OutgoingFrame(.message, call: 1), Leaf(weight: 3)))
      try peer.send(bytes(OutgoingFrame(.end, call: 1)))
      peer.endSending()
      var closed: [UInt32: ReceivedFrame] = [:]
      while let frame = try await peer.next(.close) { closed[frame.call] = frame }
      #expect(closed[1]?.status == .ok)
      #expect(closed[1]?.message == Lists(leaves: [Leaf(weight: 3)]).encoded())
      // Nobody said that these were all the requests.
      #expect(closed[2]?.status == .cancelled)
    }
  }

  @Test("Whoever reads nothing is read no more, and in the end dropped")
  func readsNothing() async throws {
    let timeout = Duration.milliseconds(100)
    try await withServer(change: { $0.outputTimeout = timeout }) { address in
      let peer = try RawPeer(to: address)
      try await peer.askWithoutReading()
      try await eventually("the peer is dropped") {
        counter.closed.contains("the peer took no output for \(timeout)")
      }
      // Twice what may wait, and what the system keeps on both sides, bound what was taken in.
      #expect(counter.calls.count < 40 << 20 / 60_000)
    }
  }

  @Test("Of peers that read nothing, and hold too much together, who holds most is dropped")
  func manyReadNothing() async throws {
    var limits = ServerLimits.defaults
    limits.outputTimeout = .seconds(3_600)
    var transport = TransportLimits.defaults
    transport.unreadBytesMax = 5 << 19
    let counter = EventCounter()
    let server = try await TestServer(limits: limits, transport: transport, events: counter)
    // Each is read no more with over 1 MiB waiting for it: two fit, and three do not.
    let peers = try (0..<3).map { _ in try RawPeer(to: server.address) }
    for peer in peers { try await peer.askWithoutReading() }
    try await eventually("one is dropped") { server.server.connectionCount == 2 }
    #expect(
      counter.closed == ["too much waits for peers that take nothing, and most for this one"]
    )
    try await withClient(to: [server.address]) { client in
      let put = try await CallClient(client).put(Leaf(weight: 1))
      #expect(put.weight == 1)
    }
    for peer in peers { peer.close() }
    await server.stop()
  }

  @Test("Whoever vanishes has its handlers cancelled", arguments: [true, false])
  func vanishes(reset: Bool) async throws {
    let began = Event()
    let cancelled = Event()
    let service = Calls(onDefault: { leaf in
      began.happen()
      await withTaskCancellationHandler {
        await cancelled.wait()
      } onCancel: {
        cancelled.happen()
      }
      return leaf
    })
    try await withServer(service) { address in
      let peer = try RawPeer(to: address)
      try peer.send(bytes(open(1, CallMethods.default), Leaf(weight: 1)))
      await began.wait()
      if reset {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
          peer.descriptor,
          SOL_SOCKET,
          SO_LINGER,
          &linger,
          socklen_t(MemoryLayout.size(ofValue: linger))
        )
        peer.close()
        await cancelled.wait()
        try await eventually("the server hears of it") {
          counter.closed.contains("Connection reset by peer")
        }
      } else {
        // A half-close waits for what was asked for, so the call has to be given up too.
        try peer.send(bytes(OutgoingFrame(.cancel, call: 1)))
        peer.close()
        await cancelled.wait()
      }
    }
  }
}
