import Fixtures
import RPCCore
import SocketSupport
import Testing
import Transport
import Wire

@Suite("Several protocols on one port", .timeLimit(.minutes(5))) struct ProtocolChoiceTests {
  /// Says hello to whoever begins with P, repeats what it was told, and leaves.
  private final class Parrot: Session {
    var output: OutputBuffer?
    private var link: (any Link)?

    func opened(on link: any Link) {
      self.link = link
      say("hello ")
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
      say(String(decoding: bytes, as: UTF8.self))
      link?.close()
    }

    private func say(_ text: String) {
      if output == nil { output = link?.beginOutput() }
      output?.bytes.append(Array(text.utf8))
    }

    func receivedEnd() { link?.close() }
    func wrote() {}
    func woke() {}
    func lost(_ reason: String?) { link = nil }
    func drain(_ reason: String) { link?.close() }
    func cut(_ reason: String) { link?.close() }
  }

  private static let parrot = ProtocolOffer(
    begins: { $0 == UInt8(ascii: "P") },
    makeSession: { _, _ in Parrot() },
    refusal: { _ in [] }
  )

  /// A server of both, which greets whoever is silent for that long.
  private func serve(greetingAfter delay: Duration) async throws -> TestServer {
    var limits = TransportLimits.defaults
    limits.greetingDelay = delay
    return try await TestServer(loops: 2, transport: limits) { [.usher($0), Self.parrot] }
  }

  @Test("The first byte chooses") func choice() async throws {
    let server = try await serve(greetingAfter: .seconds(60))
    let other = try RawPeer(to: server.address)
    try other.send(Array("Polly".utf8))
    #expect(try await other.rest() == Array("hello Polly".utf8))

    let ours = try RawPeer(to: server.address)
    try ours.send(bytes(open(1, CallMethods.put), Leaf(weight: 1)))
    #expect(try await ours.nextFrame()?.kind == .settings)
    #expect(try await ours.nextFrame()?.kind == .close)

    // What nobody claims is the first protocol's to refuse.
    let stranger = try RawPeer(to: server.address)
    try stranger.send(Array("?".utf8))
    #expect(try await stranger.next(.goAway)?.status == .internal)
    ours.close()
    #expect(await server.stop().isDrained)
  }

  @Test("Whoever is silent is greeted by the first protocol") func silence() async throws {
    let server = try await serve(greetingAfter: .milliseconds(1))
    let silent = try RawPeer(to: server.address)
    #expect(try await silent.nextFrame()?.kind == .settings)
    try silent.send(bytes(open(1, CallMethods.put), Leaf(weight: 1)))
    #expect(try await silent.nextFrame()?.kind == .close)
    silent.close()
    #expect(await server.stop().isDrained)
  }

  @Test("A connection that has not chosen yet hinders no stop, and whoever leaves early no one")
  func undecided() async throws {
    let server = try await serve(greetingAfter: .seconds(60))
    let gone = try RawPeer(to: server.address)
    gone.close()
    let undecided = try RawPeer(to: server.address)
    try await eventually("it is taken") { server.server.connectionCount > 0 }
    #expect(await server.stop().isDrained)
    _ = try await undecided.rest()
    #expect(server.server.connectionCount == 0)
  }
}
