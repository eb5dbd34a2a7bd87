import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("A client's connections") struct ClientConnectionTests {
  @Test("Nothing is connected before the first call, and then every address")
  func lazy() throws {
    let scripted = Scripted(addresses: 3)
    #expect(scripted.connector.attempts.isEmpty)
    _ = try scripted.put()
    #expect(scripted.connector.attempts == [0, 1, 2])
  }

  @Test("A call goes to the connection with the fewest open calls")
  func leastLoaded() throws {
    let scripted = Scripted(addresses: 3)
    for _ in 0..<9 { _ = try scripted.put() }
    let servers = scripted.connector.servers
    for server in servers { #expect(try server.frames().count == 3) }
    servers[1].send(.close(1, Leaf()), .close(2, Leaf()))
    for _ in 0..<2 { _ = try scripted.put() }
    #expect(try servers.map { try $0.frames().count } == [0, 2, 0])
  }

  @Test("A call waits while as many are open as the server allows, and goes on when one has ended")
  func openCallsMax() throws {
    let scripted = Scripted()
    let first = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    server.send(.settings(Settings(openCallsMax: 2)))
    let others = try (0..<2).map { _ in try scripted.put() }
    #expect(try server.frames().map(\.call) == [1, 2])
    server.send(.close(1, Leaf()))
    #expect(first.isDone)
    #expect(try server.frames().map(\.call) == [3])
    server.send(.close(2, Leaf()), .close(3, Leaf()))
    #expect(others.allSatisfy { $0.isDone })
  }

  @Test("Before SETTINGS a hundred calls may be open")
  func beforeSettings() throws {
    let scripted = Scripted()
    for _ in 0..<101 { _ = try scripted.put() }
    let server = try #require(scripted.connector.servers.first)
    #expect(try server.frames().count == 100)
    server.send(.settings(Settings(openCallsMax: 200)))
    #expect(try server.frames().count == 1)
  }

  @Test(
    "Waiting calls have a limit; beyond it a call is RESOURCE_EXHAUSTED, and cancelled ones leave"
  )
  func waitingLimit() throws {
    var limits = ClientLimits()
    limits.waitingCallsMax = 2
    let scripted = Scripted(limits: limits)
    _ = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    server.send(.settings(Settings(openCallsMax: 1)))
    let waiting = try (0..<2).map { _ in try scripted.put() }
    #expect(try scripted.put().failure?.code == .resourceExhausted)
    scripted.loop.perform { waiting[0].cancel() }
    #expect(waiting[0].failure?.code == .cancelled)
    #expect(try !scripted.put().isDone)
  }

  @Test("A call's time runs while it waits for a connection")
  func timeWhileWaiting() throws {
    let scripted = Scripted()
    _ = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    server.send(.settings(Settings(openCallsMax: 1)))
    _ = try server.frames()
    let waiting = try scripted.put(timeout: .seconds(2))
    let patient = try scripted.put(timeout: .seconds(5))
    scripted.loop.advance(by: .seconds(2))
    #expect(waiting.failure?.code == .deadlineExceeded, "it was not run")
    server.send(.close(1, Leaf()))
    #expect(try server.frames().map(\.timeoutMs) == [3_000])
    #expect(!patient.isDone)
  }

  @Test("Where no connection can be made, calls are UNAVAILABLE at once until the wait is over")
  func backoff() throws {
    let scripted = Scripted()
    scripted.connector.failNext(2)
    let first = try scripted.put()
    #expect(first.failure?.code == .unavailable)
    #expect(first.failure?.message == "server 0: refused")
    #expect(scripted.connector.attempts.count == 1)
    scripted.loop.advance(by: .milliseconds(100))
    #expect(try scripted.put().isDone)
    #expect(scripted.connector.attempts.count == 2)
    scripted.loop.advance(by: .milliseconds(99))
    #expect(try scripted.put().isDone)
    #expect(scripted.connector.attempts.count == 2, "the second wait is longer")
    scripted.loop.advance(by: .milliseconds(101))
    #expect(try !scripted.put().isDone)
    #expect(scripted.connector.attempts.count == 3)
  }

  @Test("An address that cannot be reached does not keep calls from those that can")
  func oneIsDown() throws {
    let scripted = Scripted(addresses: 2)
    scripted.connector.failNext(1)
    let calls = try (0..<4).map { _ in try scripted.put() }
    let server = try #require(scripted.connector.servers.first)
    #expect(server.address == 1)
    #expect(try server.frames().count == 4)
    #expect(calls.allSatisfy { !$0.isDone })
  }

  @Test("A server that closes each connection before it says anything is left alone for a while")
  func closesAtOnce() throws {
    let scripted = Scripted()
    let first = try scripted.put("", ReadService.read)
    try #require(scripted.connector.servers.first).halfClose()
    #expect(first.failure?.code == .unavailable)
    #expect(scripted.connector.attempts.count == 1)
    #expect(try scripted.put().failure?.code == .unavailable)
    #expect(scripted.connector.attempts.count == 1)
  }

  @Test("A connection that is closing takes no more calls, though its last bytes are not written")
  func closing() throws {
    let scripted = Scripted()
    _ = try scripted.put()
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()))
    first.link.isTaking = false
    first.send(bytes: [0x16])
    #expect(first.link.ending == nil)
    let put = try scripted.put("again")
    let second = try #require(scripted.connector.servers.last)
    #expect(second !== first)
    second.send(.close(1, Leaf(name: "b")))
    #expect(put.response == Leaf(name: "b"))
  }

  @Test("A silent server is asked after thirty seconds and given up ten seconds later")
  func keepAlive() throws {
    let scripted = Scripted()
    let put = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    _ = try server.frames()
    scripted.loop.advance(by: .milliseconds(29_999))
    #expect(try server.frames().isEmpty)
    scripted.loop.advance(by: .milliseconds(1))
    let ping = try #require(try server.frames().first)
    #expect(ping.kind == .ping)
    server.send(.pong(ping.nonce))
    scripted.loop.advance(by: .seconds(30))
    #expect(try server.frames().map(\.kind) == [.ping])
    scripted.loop.advance(by: .milliseconds(9_999))
    #expect(server.link.ending == nil)
    scripted.loop.advance(by: .milliseconds(1))
    #expect(server.link.ending == .aborted("the server does not answer"))
    #expect(put.failure?.isOutcomeUnknown == true)
  }

  @Test("A server is not asked while no call is open")
  func keepAliveWithoutCalls() throws {
    let scripted = Scripted()
    _ = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    server.send(.close(1, Leaf()))
    _ = try server.frames()
    scripted.loop.advance(by: .seconds(3_600))
    #expect(try server.frames().isEmpty)
    _ = try scripted.put()
    #expect(try server.frames().map(\.kind) == [.open])
    scripted.loop.advance(by: .seconds(29))
    #expect(try server.frames().isEmpty)
  }

  @Test("A call past its deadline tells the server so, and its late answer is dropped")
  func deadline() throws {
    let scripted = Scripted()
    let read = try scripted.put("", ReadService.read, timeout: .seconds(1))
    let server = try #require(scripted.connector.servers.first)
    _ = try server.frames()
    scripted.loop.advance(by: .seconds(1))
    #expect(read.failure?.code == .deadlineExceeded)
    #expect(try server.frames() == [PlainFrame(.cancel, call: 1)])
    server.send(.close(1, Leaf()))
    #expect(server.link.ending == nil)
  }

  @Test("A call with effects waits two seconds after its deadline to hear what became of it")
  func outcomeGrace() throws {
    let scripted = Scripted()
    let heard = try scripted.put("a", timeout: .seconds(1))
    let unheard = try scripted.put("b", timeout: .seconds(1))
    let server = try #require(scripted.connector.servers.first)
    scripted.loop.advance(by: .milliseconds(2_999))
    #expect(!heard.isDone)
    server.send(.close(1, Leaf(name: "done")))
    #expect(heard.response == Leaf(name: "done"))
    scripted.loop.advance(by: .milliseconds(1))
    #expect(unheard.failure?.isOutcomeUnknown == true)
  }

  @Test("A server's frame that is not complete in thirty seconds ends the connection")
  func frameTimeout() throws {
    let scripted = Scripted()
    let put = try scripted.put()
    let server = try #require(scripted.connector.servers.first)
    server.send(.settings(Settings()), .close(1, Leaf()))
    #expect(put.response == Leaf())
    _ = try server.frames()
    let frame = PlainFrame.settings(Settings()).bytes
    server.send(bytes: Array(frame.dropLast()))
    scripted.loop.advance(by: .seconds(20))
    // The end of one and the start of the next: that one has its own time.
    server.send(bytes: frame.suffix(1) + frame.prefix(1))
    scripted.loop.advance(by: .milliseconds(29_999))
    #expect(server.link.ending == nil)
    scripted.loop.advance(by: .milliseconds(1))
    #expect(server.link.ending == .closed)
    let frames = try server.frames()
    #expect(frames.map(\.kind) == [.goAway])
    #expect(frames.first?.status == .deadlineExceeded)
  }
}
