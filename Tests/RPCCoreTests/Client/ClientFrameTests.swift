import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("A client's frames") struct ClientFrameTests {
  @Test("A unary call is OPEN with request, last and time; the client waits for no SETTINGS")
  func unary() throws {
    let scripted = Scripted()
    let put = try scripted.put("a", key: "k", timeout: .milliseconds(1_500))
    let server = try #require(scripted.connector.servers.first)
    let metadata = try Metadata.of([(Metadata.Key.idempotencyKey, "k")])
    #expect(
      try server.frames() == [
        .open(1, CallMethods.default, Leaf(name: "a"), timeoutMs: 1_500, metadata: metadata)
      ]
    )
    server.send(.close(1, Leaf(name: "b")))
    #expect(put.response == Leaf(name: "b"))
  }

  @Test("A client stream is OPEN, messages and END")
  func clientStream() throws {
    let scripted = Scripted()
    let stubs = scripted.calls
    let gather = scripted.loop.start {
      try await stubs.gather {
        try await $0.write(Leaf(name: "a"))
        try await $0.write(Leaf())
      }
    }
    let server = try #require(scripted.connector.servers.first)
    #expect(
      try server.frames() == [
        .open(1, CallMethods.gather), .message(1, Leaf(name: "a")), .message(1, Leaf()),
        PlainFrame(.end, call: 1),
      ]
    )
    server.send(.close(1, Lists(bools: [true])))
    #expect(try scripted.loop.finish(gather) == Lists(bools: [true]))
  }

  @Test("Requests stop when the credit is spent, and go on when more is given")
  func credit() throws {
    let scripted = Scripted()
    let stubs = scripted.calls
    let gather = scripted.loop.start {
      try await stubs.gather { for _ in 0..<5 { try await $0.write(Leaf.heavy(100_000)) } }
    }
    let server = try #require(scripted.connector.servers.first)
    #expect(try server.frames().map(\.kind) == [.open, .message, .message, .message])
    let overdrawn = UInt32(3 * Leaf.heavy(100_000).encoded().count - 256 << 10)
    server.send(.credit(1, overdrawn))
    #expect(try server.frames().isEmpty)
    server.send(.credit(1, 1))
    #expect(try server.frames().map(\.kind) == [.message])
    server.send(.credit(1, 1 << 20))
    #expect(try server.frames().map(\.kind) == [.message, .end])
    server.send(.close(1, Lists()))
    _ = try scripted.loop.finish(gather)
  }

  @Test("A PING is answered with its nonce; unknown kinds and frames for other calls are ignored")
  func ping() throws {
    let scripted = Scripted()
    let put = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    _ = try server.frames()
    server.send(bytes: [0, 0, 0, 2, 0x08, 0x63, 0, 0, 0, 0])
    server.send(.ping(9), .close(7, Leaf()), .message(7, Leaf()), .credit(7, 1))
    #expect(try server.frames() == [.pong(9)])
    server.send(.close(1, Leaf()))
    #expect(put.response == Leaf())
  }

  @Test(
    "A server that breaks the protocol is told so, and its calls have no known outcome",
    arguments: [
      Array("HTTP/1.1 400".utf8), [0, 0x40, 0, 1], [0, 0, 0, 1, 0x0b],
      PlainFrame(.open, call: 1).bytes, PlainFrame(.cancel, call: 1).bytes,
      PlainFrame(.end, call: 1).bytes, PlainFrame.message(1, Leaf()).bytes,
    ]
  )
  func faults(bytes: [UInt8]) throws {
    let scripted = Scripted()
    let put = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    _ = try server.frames()
    server.send(bytes: bytes)
    #expect(try server.frames().map { [$0.kind.rawValue, $0.status.rawValue] } == [[8, 13]])
    #expect(server.link.ending == .closed)
    #expect(put.failure?.isOutcomeUnknown == true)
  }

  @Test("Credit above 2 GiB is a fault for a stream")
  func creditOverflow() throws {
    let scripted = Scripted()
    let stubs = scripted.calls
    let gate = Gate()
    let gather = scripted.loop.start { try await stubs.gather { _ in await gate.pass() } }
    let server = try #require(scripted.connector.servers.first)
    server.send(.credit(1, 1 << 31 - 256 << 10))
    #expect(server.link.ending == nil)
    server.send(.credit(1, 1))
    #expect(server.link.ending == .closed)
    scripted.loop.perform { gate.open() }
    #expect(throws: RPCFailure.self) { try scripted.loop.finish(gather) }
  }

  @Test("An answer that cannot be read is INTERNAL, and the connection stands")
  func unreadable() throws {
    let scripted = Scripted()
    let first = try scripted.put()
    let second = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    var damaged = PlainFrame.close(1, Leaf())
    damaged.message = [0x0a, 0x07]
    server.send(damaged)
    #expect(first.failure?.code == .internal)
    let bomb = [[UInt8]](repeating: [0x2a, 0x00], count: 20_000).flatMap { $0 }
    let frame = PlainFrame.close(2, Leaf()).bytes.dropFirst(4) + bomb
    var length = UInt32(frame.count).bigEndian
    server.send(bytes: withUnsafeBytes(of: &length) { Array($0) } + frame)
    #expect(second.failure?.code == .internal)
    #expect(server.link.ending == nil)
  }

  @Test("A reader's credit is given back in large steps")
  func receiveCredit() throws {
    let scripted = Scripted()
    let stubs = scripted.calls
    let gate = Gate()
    let scatter = scripted.loop.start {
      var count = 0
      for try await _ in stubs.scatter(Lists()) {
        count += 1
        if count == 1 { await gate.pass() }
      }
      return count
    }
    let server = try #require(scripted.connector.servers.first)
    _ = try server.frames()
    let heavy = PlainFrame.message(1, Leaf.heavy(100_000))
    server.send(heavy, heavy)
    #expect(try server.frames().isEmpty)
    scripted.loop.perform { gate.open() }
    #expect(try server.frames() == [.credit(1, UInt32(2 * heavy.message.count))])
    server.send(heavy, .close(1))
    #expect(try scripted.loop.finish(scatter) == 3)
  }

  @Test("A server that sends without credit is at fault")
  func withoutCredit() throws {
    let scripted = Scripted()
    let stubs = scripted.calls
    let gate = Gate()
    let scatter = scripted.loop.start {
      for try await _ in stubs.scatter(Lists()) { await gate.pass() }
    }
    let server = try #require(scripted.connector.servers.first)
    let heavy = PlainFrame.message(1, Leaf.heavy(140_000))
    // The first is taken, and what it cost given back.
    server.send(heavy, heavy)
    server.send(heavy)
    #expect(server.link.ending == nil)
    server.send(.message(1, Leaf()))
    #expect(server.link.ending == .closed)
    scripted.loop.perform { gate.open() }
    #expect(throws: RPCFailure.self) { try scripted.loop.finish(scatter) }
  }

  @Test("Ids rise, and a new connection begins anew")
  func ids() throws {
    let scripted = Scripted()
    let calls = try (0..<3).map { _ in try scripted.put() }
    let server = try #require(scripted.connector.servers.first)
    #expect(try server.frames().map(\.call) == [1, 2, 3])
    server.send(.settings(Settings()), .goAway(2))
    #expect(calls[2].failure?.code == nil, "it was not run, and is tried again")
    let next = try #require(scripted.connector.servers.last)
    #expect(try next.frames().map(\.call) == [1])
  }
}
