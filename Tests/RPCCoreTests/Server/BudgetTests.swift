import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("What unpacking may cost a server") struct ServerBudgetTests {
  /// Entries of metadata without key or value: two bytes on the wire, a struct and a pointer in memory.
  private static let bomb = [[UInt8]](repeating: [0x2a, 0x00], count: 20_000).flatMap { $0 }
  /// Submessages of Lists, at three bytes each.
  private static let messageBomb = [[UInt8]](repeating: [0x8a, 0x01, 0x00], count: 20_000)
    .flatMap { $0 }

  private func frame(_ kind: FrameKind, call: UInt32) -> [UInt8] {
    PlainFrame(kind, call: call).bytes.dropFirst(4) + Self.bomb
  }

  @Test("An OPEN over the budget ends its call alone, whose id is taken")
  func open() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(rawFrame: frame(.open, call: 3))
    #expect(try peer.frames().map { [$0.call, $0.status.rawValue] } == [[3, 8]])
    peer.send(.message(3, Leaf()), .open(4, CallMethods.put, Leaf()))
    #expect(try peer.frames() == [.close(4, Leaf())])
    peer.send(rawFrame: frame(.open, call: 4))
    #expect(try peer.frames().map(\.kind) == [.goAway])
  }

  @Test("A MESSAGE over the budget ends its call alone, and one for an ended call is ignored")
  func message() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.gather), .open(2, CallMethods.gather))
    peer.send(rawFrame: frame(.message, call: 1))
    peer.send(rawFrame: frame(.message, call: 1))
    #expect(try peer.frames().map { [$0.call, $0.status.rawValue] } == [[1, 8]])
    peer.send(rawFrame: frame(.message, call: 3))
    #expect(try peer.frames().map(\.kind) == [.goAway])
  }

  @Test("A frame over the budget that names no call ends the connection")
  func withoutCall() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(rawFrame: frame(.ping, call: 0))
    let frames = try peer.frames()
    #expect(frames.map(\.kind) == [.goAway])
    #expect(frames.first?.status == .resourceExhausted)
  }

  @Test("A message over the budget ends its call, on OPEN and in a stream")
  func insideMessage() throws {
    let peer = ServerPeer(to: try .scripted())
    var open = PlainFrame.open(1, CallMethods.scatter)
    open.message = Self.messageBomb
    peer.send(open)
    #expect(try peer.frames().map(\.status) == [.resourceExhausted])
    peer.send(.open(2, CallMethods.put, Leaf()))
    #expect(try peer.frames() == [.close(2, Leaf())])
  }
}
