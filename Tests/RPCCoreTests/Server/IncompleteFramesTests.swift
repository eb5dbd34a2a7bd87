import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Frames whose end does not come") struct IncompleteFramesTests {
  private let loop = SimulatedLoop()
  private let scratch = Scratch()
  private let core: ServerCore

  init() throws {
    var limits = ServerLimits.defaults
    limits.incompleteBytesMax = 100_000
    core = try .scripted(limits: limits)
  }

  private func connect() -> ServerPeer { ServerPeer(to: core, on: loop, scratch: scratch) }

  /// The first `count` bytes of a frame that is larger.
  private func part(_ count: Int) -> [UInt8] {
    Array(PlainFrame.open(1, CallMethods.put, Leaf.heavy(200_000)).bytes.prefix(count))
  }

  @Test("Where a loop's connections hold too much of them, the one that holds most is ended")
  func greediest() throws {
    let (small, large, last) = (connect(), connect(), connect())
    small.send(bytes: part(20_000))
    large.send(bytes: part(60_000))
    last.send(bytes: part(20_000))
    #expect(large.link.ending == nil, "that is as much as may be held")
    last.send(bytes: [0])
    let frames = try large.frames()
    #expect(frames.map(\.kind) == [.goAway])
    #expect(frames.first?.status == .resourceExhausted)
    #expect(large.link.ending == .closed)
    #expect(small.link.ending == nil && last.link.ending == nil)
  }

  @Test("The one that asks is ended where it holds most itself")
  func asking() throws {
    let (small, large) = (connect(), connect())
    small.send(bytes: part(20_000))
    large.send(bytes: part(90_000))
    #expect(try large.frames().map(\.status) == [.resourceExhausted])
    #expect(small.link.ending == nil)
  }

  @Test("What was completed, cut or lost is held no more")
  func letGo() throws {
    for round in 0..<10 {
      let peers = [connect(), connect(), connect()]
      let frame = PlainFrame.open(1, CallMethods.put, Leaf.heavy(25_000)).bytes
      for peer in peers { peer.send(bytes: Array(frame.dropLast())) }
      peers[0].send(bytes: frame.suffix(1))
      #expect(try peers[0].frames().map(\.kind) == [.close])
      loop.perform { peers[1].link.lose() }
      loop.perform { peers[2].session.cut("enough") }
      #expect(try peers[2].frames().isEmpty, "round \(round)")
    }
  }

  @Test("Other loops' connections are not counted")
  func otherLoops() throws {
    let peers = (0..<2).map { _ in ServerPeer(to: core) }
    for peer in peers { peer.send(bytes: part(60_000)) }
    #expect(peers.allSatisfy { $0.link.ending == nil })
  }
}
