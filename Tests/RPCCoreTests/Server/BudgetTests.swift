import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("What unpacking may cost a server") struct ServerBudgetTests {
  /// Entries of metadata without key or value: two bytes on the wire, and protobuf-c would take a
  /// struct and a pointer for each.
  private static let bomb = [[UInt8]](repeating: [0x2a, 0x00], count: 20_000).flatMap { $0 }
  /// Submessages of Lists, at three bytes each.
  private static let messageBomb = [[UInt8]](repeating: [0x8a, 0x01, 0x00], count: 20_000)
    .flatMap { $0 }

  private func heavy(_ frame: PlainFrame) -> [UInt8] { frame.bytes.dropFirst(4) + Self.bomb }

  @Test("An OPEN with thousands of entries of metadata ends its call alone, whose id is taken")
  func open() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(rawFrame: heavy(.open(3, CallMethods.put, Leaf())))
    #expect(try peer.frames().map { [$0.call, $0.status.rawValue] } == [[3, 8]])
    peer.send(.message(3, Leaf()), .open(4, CallMethods.put, Leaf()))
    #expect(try peer.frames() == [.close(4, Leaf())])
    peer.send(rawFrame: heavy(.open(4, CallMethods.put, Leaf())))
    #expect(try peer.frames().map(\.kind) == [.goAway])
  }

  @Test("Where metadata means nothing, thousands of entries of it mean nothing either")
  func elsewhere() throws {
    let peer = ServerPeer(to: try .scripted())
    peer.send(.open(1, CallMethods.gather))
    peer.send(rawFrame: heavy(.message(1, Leaf(name: "a"))))
    peer.send(rawFrame: heavy(.ping(7)))
    peer.send(PlainFrame(.end, call: 1))
    var lists = Lists()
    lists.leaves = [Leaf(name: "a")]
    let frames = try peer.frames()
    #expect(frames.map(\.kind) == [.pong, .close])
    #expect(frames.last == .close(1, lists))
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
