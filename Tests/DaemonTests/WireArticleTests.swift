import Daemon
import Foundation
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("The article on the wire") struct WireArticleTests {
  /// The frames that the article shows, in its order.
  private struct Shown {
    let settings, check, serving, checkNobody, refusal: [UInt8]

    init() throws {
      let path = "../../Sources/Wire/Wire.docc/TheWire.md"
      let article = try String(
        contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
          .appendingPathComponent(path),
        encoding: .utf8
      )
      let blocks = article.components(separatedBy: "```\n").filter { $0.hasPrefix("00 00 ") }
      let frames = blocks.map(Self.bytes)
      try #require(frames.count == 5)
      (settings, check, serving) = (frames[0], frames[1], frames[2])
      (checkNobody, refusal) = (frames[3], frames[4])
    }

    /// The bytes at the beginnings of a block's lines; what they mean stands after two spaces.
    private static func bytes(of block: String) -> [UInt8] {
      block.split(separator: "\n").flatMap { line in
        line.prefix { $0.isHexDigit || $0 == " " }.components(separatedBy: "  ")[0]
          .split(separator: " ").compactMap { UInt8($0, radix: 16) }
      }
    }
  }

  private static func makePeer() throws -> ServerPeer {
    let board = HealthBoard(services: ["grpc.health.v1.Health"])
    return ServerPeer(to: ServerCore(router: try Router(services: [HealthEndpoint(board)])))
  }

  @Test("A server answers the bytes that it shows with those that it shows")
  func answers() throws {
    let shown = try Shown()
    let peer = try Self.makePeer()
    #expect(peer.link.takeWritten() == shown.settings)
    peer.send(bytes: shown.check)
    #expect(peer.link.takeWritten() == shown.serving)
    peer.send(bytes: shown.checkNobody)
    #expect(peer.link.takeWritten() == shown.refusal)
  }

  @Test("A client's frames are encoded to the bytes that it shows")
  func encodes() throws {
    let shown = try Shown()
    var frame = PlainFrame(.open, call: 1)
    frame.method = "/grpc.health.v1.Health/Check"
    frame.isLast = true
    #expect(frame.bytes == shown.check)
    frame.call = 2
    frame.message = [0x0a, 6] + Array("nobody".utf8)
    #expect(frame.bytes == shown.checkNobody)
  }
}
