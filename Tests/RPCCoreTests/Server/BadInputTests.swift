import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("What bad input gets") struct BadInputTests {
  /// A peer of a server on which one call is open, whose handler waits until it is cancelled.
  private func peerWithOpenCall(
    limits: ServerLimits = .defaults
  ) throws -> (ServerPeer, Record<HandlerEnd>) {
    let ends = Record<HandlerEnd>()
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await recording(in: ends) { try await gate.passOrCancel() }
      return Reply(request)
    }
    let peer = ServerPeer(to: try .scripted(calls, limits: limits))
    peer.send(.open(5, CallMethods.put, Leaf()))
    return (peer, ends)
  }

  /// The connection was ended: GOAWAY names the highest call and the status, handlers are cancelled,
  /// and nothing is looked at any more.
  private func expectFault(
    _ status: StatusCode,
    limits: ServerLimits = .defaults,
    location: SourceLocation = #_sourceLocation,
    _ misbehave: (ServerPeer) -> Void
  ) throws {
    let (peer, ends) = try peerWithOpenCall(limits: limits)
    misbehave(peer)
    peer.send(.open(900, CallMethods.peek, Leaf()))
    let frames = try peer.frames()
    #expect(frames.map(\.kind) == [.goAway], sourceLocation: location)
    #expect(frames.first?.call == 5, sourceLocation: location)
    #expect(frames.first?.status == status, sourceLocation: location)
    #expect(frames.first?.reason.isEmpty == false, sourceLocation: location)
    #expect(peer.link.ending == .closed, sourceLocation: location)
    #expect(ends.entries == [.cancelled], sourceLocation: location)
  }

  @Test("Bytes of another protocol are a fault at the first of them")
  func garbage() throws {
    try expectFault(.internal) { $0.send(bytes: [0x16]) }
    try expectFault(.internal) { $0.send(bytes: Array("PRI * HTTP/2.0".utf8)) }
  }

  @Test("A frame that is no message is a fault")
  func unreadable() throws {
    try expectFault(.internal) { $0.send(rawFrame: [0x0b, 0xff]) }
    try expectFault(.internal) { $0.send(rawFrame: [UInt8](repeating: 0xff, count: 40)) }
  }

  @Test("A frame over the limit is a fault before its bytes are there; one at the limit is not")
  func oversized() throws {
    var limits = ServerLimits()
    limits.frameBytesMax = 4096
    try expectFault(.resourceExhausted, limits: limits) { $0.send(bytes: [0, 0, 0x10, 0x01]) }
    let (peer, _) = try peerWithOpenCall(limits: limits)
    var frame = PlainFrame.open(6, CallMethods.peek, Leaf())
    frame.message = Leaf.heavy(4096 - frame.bytes.count - 4).encoded()
    while frame.bytes.count < 4096 + 4 { frame.method += "x" }
    #expect(frame.bytes.count == 4096 + 4)
    peer.send(frame)
    #expect(try peer.frames().map(\.status) == [.unimplemented])
  }

  @Test(
    "A call id that does not rise is a fault, used twice or lower or zero",
    arguments: [5, 4, 0]
  )
  func idNotRising(id: UInt32) throws {
    try expectFault(.internal) { $0.send(.open(id, CallMethods.put, Leaf())) }
  }

  @Test(
    "A frame for a call that was never opened is a fault",
    arguments: [FrameKind.message, .end, .cancel, .credit]
  )
  func neverOpened(kind: FrameKind) throws {
    try expectFault(.internal) { $0.send(PlainFrame(kind, call: 6)) }
  }

  @Test("Kinds that only a server sends are a fault", arguments: [FrameKind.close, .settings])
  func serverKinds(kind: FrameKind) throws {
    try expectFault(.internal) { $0.send(PlainFrame(kind, call: 5)) }
  }

  @Test("Credit above 2 GiB is a fault, and up to it is not")
  func creditOverflow() throws {
    let left = UInt32(1 << 31) - 256 << 10
    try expectFault(.resourceExhausted) { $0.send(.credit(5, left + 1)) }
    try expectFault(.resourceExhausted) { $0.send(.credit(5, left), .credit(5, 1)) }
    let (peer, _) = try peerWithOpenCall()
    peer.send(.credit(5, left), .credit(5, 0))
    #expect(try peer.frames().isEmpty)
    #expect(peer.link.ending == nil)
  }

  @Test("Unknown kinds and fields are ignored")
  func unknownKinds() throws {
    let (peer, _) = try peerWithOpenCall()
    peer.send(rawFrame: [0x08, 0x63, 0x10, 0x05])
    peer.send(rawFrame: [])
    peer.send(rawFrame: [0x08, 0x00])
    // PING with nonce 3, and a field 99 that nobody knows.
    peer.send(rawFrame: [0x08, 0x06, 0x58, 0x03, 0x9a, 0x06, 0x01, 0x78])
    #expect(try peer.frames() == [.pong(3)])
    #expect(peer.link.ending == nil)
  }

  @Test("An unknown method is UNIMPLEMENTED, and names the method")
  func unknownMethod() throws {
    let (peer, _) = try peerWithOpenCall()
    for (call, path) in [(6, "/x/Y"), (7, ""), (8, CallMethods.put.path + "x")]
      as [(UInt32, String)]
    {
      var frame = PlainFrame(.open, call: call)
      frame.method = path
      peer.send(frame)
      #expect(try peer.frames() == [.close(call, .unimplemented, "there is no method \(path)")])
    }
  }

  @Test("A request that does not parse is INVALID_ARGUMENT, wherever it stands")
  func malformedRequest() throws {
    let (peer, _) = try peerWithOpenCall()
    var frame = PlainFrame.open(6, CallMethods.put)
    for (call, method) in [(6, CallMethods.peek), (7, CallMethods.put), (8, CallMethods.scatter)]
      as [(UInt32, MethodDescriptor)]
    {
      frame = .open(call, method)
      frame.message = [0x0a, 0x05, 0x61]
      peer.send(frame)
      #expect(try peer.frames() == [.close(call, .invalidArgument, "the message does not parse")])
    }
    frame = PlainFrame(.message, call: 9)
    frame.message = [0x0a, 0x02, 0xc3, 0x28]
    peer.send(.open(9, CallMethods.gather), frame)
    let close = try #require(try peer.frames().first)
    #expect(close.call == 9)
    #expect(close.status == .invalidArgument)
    #expect(close.reason.hasSuffix("name is not UTF-8, or holds a NUL"))
    #expect(peer.link.ending == nil)
  }

  @Test("Requests that do not parse leave nothing behind in the account of what waits")
  func malformedRequestsAreForgotten() throws {
    var limits = ServerLimits()
    limits.undeliveredBytesMax = 1_000
    let (peer, _) = try peerWithOpenCall(limits: limits)
    for call in UInt32(6)..<60 {
      var frame = PlainFrame(.message, call: call)
      frame.message = [0x0a, 0x05, 0x61]
      peer.send(.open(call, CallMethods.gather), frame)
      #expect(try peer.frames().map(\.status) == [.invalidArgument])
    }
    peer.send(.open(60, CallMethods.gather), .message(60, Leaf(), isLast: true))
    #expect(try peer.frames() == [.close(60, Lists(leaves: [Leaf()]))])
  }

  @Test(
    "A MESSAGE on a call that takes none ends that call with INTERNAL",
    arguments: [CallMethods.put, CallMethods.scatter]
  )
  func messageNotTaken(method: MethodDescriptor) throws {
    let ends = Record<HandlerEnd>()
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await recording(in: ends) { try await gate.passOrCancel() }
      return Reply(request)
    }
    calls.onScatter = { _, _, _ in try await recording(in: ends) { try await gate.passOrCancel() } }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, method))
    peer.send(.message(1, Leaf()), .message(1, Leaf()))
    #expect(try peer.frames() == [.close(1, .internal, "the call takes no more messages")])
    #expect(ends.entries == [.cancelled])
  }

  @Test("A MESSAGE after the last one ends its call with INTERNAL")
  func messageAfterLast() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onGather = { _, _ in
      await gate.pass()
      return Reply(Lists())
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.gather), .message(1, Leaf(), isLast: true), .message(1, Leaf()))
    #expect(try peer.frames().map(\.status) == [.internal])
    peer.loop.perform { gate.open() }
    #expect(try peer.frames().isEmpty)
  }

  @Test("Metadata at its limits passes; beyond, or damaged, it ends the call")
  func metadata() throws {
    let (peer, _) = try peerWithOpenCall()
    func outcome(_ id: UInt32, _ entries: [([UInt8], [UInt8])]) throws -> [StatusCode] {
      let open = PlainFrame.open(id, CallMethods.peek, Leaf()).bytes.dropFirst(4)
      let packed = entries.flatMap { key, value in
        let entry = field(1, key) + field(2, value)
        return field(5, entry)
      }
      peer.send(rawFrame: open + packed)
      return try peer.frames().map(\.status)
    }
    func entries(_ count: Int) -> [([UInt8], [UInt8])] {
      (0..<count).map { (Array("k\($0)".utf8), [0x61]) }
    }
    #expect(try outcome(10, entries(64)) == [.ok])
    #expect(try outcome(11, entries(65)) == [.resourceExhausted])
    let key = Array("key".utf8)
    #expect(try outcome(12, [(key, .init(repeating: 0x61, count: 8189))]) == [.ok])
    #expect(try outcome(13, [(key, .init(repeating: 0x61, count: 8190))]) == [.resourceExhausted])
    #expect(try outcome(14, [(Array("Key".utf8), [])]) == [.invalidArgument])
    #expect(try outcome(15, [(key, [0xff])]) == [.invalidArgument])
    #expect(try outcome(16, [(Array("key-bin".utf8), [0xff])]) == [.ok])
  }

  /// A field of bytes, as protobuf writes it.
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    var left = bytes.count
    while left >= 0x80 {
      length.append(UInt8(left & 0x7f) | 0x80)
      left >>= 7
    }
    return [number << 3 | 2] + length + [UInt8(left)] + bytes
  }
}
