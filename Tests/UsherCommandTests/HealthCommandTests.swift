import Daemon
import Glibc
import RPCCore
import Testing
import Transport
import UsherAPI
import UsherCommand
import Wire

@Suite("usher health", .timeLimit(.minutes(5))) struct HealthCommandTests {
  /// Runs `body` against a server with a board of its own.
  private func withServer(
    _ body: (_ connect: String, _ board: HealthBoard, _ stop: () async -> Void) async throws -> Void
  ) async throws {
    let board = HealthBoard(services: ["tickets"])
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    let server = try await Server(
      listeningOn: [.tcp(host: "127.0.0.1", port: 0)],
      loops: loops,
      offers: [.usher(ServerCore(router: try Router(services: [HealthEndpoint(board)])))]
    )
    try await body("--connect \(server.addresses[0])", board) {
      board.stop()
      _ = await server.stop(within: .seconds(5))
    }
    _ = await server.stop(within: .seconds(5))
  }

  @Test("A server that serves says so, in words and in JSON") func serving() async throws {
    try await withServer { connect, _, _ in
      let transcript = Transcript()
      #expect(await transcript.run("health \(connect)") == .done)
      #expect(await transcript.run("health tickets --json \(connect)") == .done)
      #expect(transcript.answers == ["SERVING", #"{"status":"SERVING"}"#])
      #expect(transcript.remarks.isEmpty)
    }
  }

  @Test("What does not serve is a finding, set off for a person and for nobody else")
  func notServing() async throws {
    try await withServer { connect, board, _ in
      board.set(.notServing, for: "tickets")
      let transcript = Transcript()
      let line = "health tickets \(connect)"
      #expect(await transcript.run(line) == .found)
      #expect(await transcript.run(line, onTerminal: true) == .found)
      #expect(
        await transcript.run(line, environment: ["NO_COLOR": "1"], onTerminal: true) == .found
      )
      #expect(await transcript.run(line + " --no-color", onTerminal: true) == .found)
      let plain = "NOT_SERVING"
      #expect(transcript.answers == [plain, "\u{1B}[1m\(plain)\u{1B}[0m", plain, plain])
    }
  }

  @Test("What the server refuses has its name and its own exit code") func refused() async throws {
    try await withServer { connect, _, _ in
      let transcript = Transcript()
      #expect(await transcript.run("health nobody \(connect)") == .answered(.notFound))
      #expect(transcript.remarks == ["usher: NOT_FOUND: there is no service nobody"])
    }
  }

  @Test("A watch shows every change, and ends with the server") func watch() async throws {
    try await withServer { connect, board, stop in
      let transcript = Transcript()
      async let code = transcript.run("health tickets --watch \(connect)")
      await transcript.wait { $0.answers == ["SERVING"] }
      board.set(.notServing, for: "tickets")
      await transcript.wait { $0.answers.count == 2 }
      board.set(.serving, for: "tickets")
      await transcript.wait { $0.answers.count == 3 }
      await stop()
      #expect(await code == .found)
      #expect(transcript.answers == ["SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING"])
    }
  }

  /// Runs `body` against a server that says `bytes` to whoever comes, and then no more.
  private func withStranger(
    _ text: String,
    _ body: (_ connect: String) async throws -> Void
  ) async throws {
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    let server = try await Server(
      listeningOn: [.tcp(host: "127.0.0.1", port: 0)],
      loops: loops,
      offers: [
        ProtocolOffer(
          begins: { _ in true },
          makeSession: { loop, _ in Stranger(saying: Array(text.utf8), on: loop) },
          refusal: { _ in [] }
        )
      ]
    )
    try await body("--connect \(server.addresses[0])")
    _ = await server.stop(within: .seconds(5))
  }

  @Test("What is no Usher server is told by how it begins") func stranger() async throws {
    try await withStranger("HTTP/1.1 400 Bad Request\r\n\r\n") { connect in
      let transcript = Transcript()
      #expect(await transcript.run("health \(connect)") == .notReached)
      #expect(
        transcript.remarks.first == "usher: server not reached: what answers is no Usher server; "
          + "it begins with \"HTTP/1.1 400 Bad Request\""
      )
    }
  }

  @Test("A watch that ends before it began is told") func emptyWatch() async throws {
    // SETTINGS without content, and CLOSE of call 1 in OK.
    let frames = "\0\0\0\u{2}\u{8}\u{A}\0\0\0\u{4}\u{8}\u{3}\u{10}\u{1}"
    try await withStranger(frames) { connect in
      let transcript = Transcript()
      #expect(await transcript.run("health --watch \(connect)") == .found)
      #expect(transcript.remarks == ["usher: the server ended the watch before it said anything"])
    }
  }

  @Test("Where nobody listens the server is not reached") func nobody() async throws {
    let path = "unix:/tmp/usher-nobody-\(getpid()).sock"
    let transcript = Transcript()
    #expect(await transcript.run("health", environment: ["USHER_CONNECT": path]) == .notReached)
    #expect(
      transcript.remarks == [
        "usher: server not reached: \(path): No such file or directory",
        "  hint:   see that usherd runs there, or name another address with --connect.",
      ]
    )
  }

  @Test("A server that is silent is given up after the time-out") func silent() async throws {
    let (listener, connect) = try Self.listen()
    defer { close(listener) }
    let transcript = Transcript()
    #expect(await transcript.run("health --timeout 50ms --connect \(connect)") == .notReached)
    #expect(transcript.remarks.first?.hasPrefix("usher: server not reached: ") == true)
  }

  @Test("A person is told what is waited for, and a pipe is not") func reminder() async throws {
    for onTerminal in [true, false] {
      let (listener, connect) = try Self.listen()
      let transcript = Transcript()
      async let code = transcript.run(
        "health --timeout 10m --connect \(connect)",
        onTerminal: onTerminal,
        patience: .zero
      )
      let reminder = "waiting for \(connect) …"
      if onTerminal { await transcript.wait { $0.remarks == [reminder] } }
      let caller = accept(listener, nil, nil)
      close(listener)
      close(caller)
      #expect(await code == .notReached)
      #expect(transcript.remarks.contains(reminder) == onTerminal)
    }
  }

  /// A socket that listens and never answers, and its address.
  private static func listen() throws -> (CInt, String) {
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try #require(bind(listener, $0, size) == 0 && Glibc.listen(listener, 1) == 0)
        try #require(getsockname(listener, $0, &size) == 0)
      }
    }
    return (listener, "127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
  }
}

/// Speaks first, and hears nothing.
private final class Stranger: Session {
  var output: OutputBuffer?
  private let words: [UInt8]
  private let loop: any Loop
  private var link: (any Link)?
  private var hasSpoken = false

  init(saying words: [UInt8], on loop: any Loop) {
    self.words = words
    self.loop = loop
  }

  func opened(on link: any Link) { self.link = link }

  func received(_ bytes: UnsafeRawBufferPointer) {
    guard !hasSpoken, let link else { return }
    hasSpoken = true
    let output = link.beginOutput()
    output.bytes.append(words)
    self.output = output
  }

  func receivedEnd() { link?.close() }
  func wrote() {}
  func woke() {}
  func lost(_ reason: String?) { link = nil }
  func drain(_ reason: String) { link?.close() }
  func cut(_ reason: String) { link?.close() }
}
