import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Which calls a client makes again") struct RetryTests {
  @Test("A call behind the GOAWAY was not run, and goes to a new connection, whatever it does")
  func behindGoAway() throws {
    let scripted = Scripted()
    let taken = try scripted.put("taken")
    let notTaken = try scripted.put("not taken")
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()), .goAway(1, .ok, "restarting"))
    let second = try #require(scripted.connector.servers.last)
    #expect(second !== first)
    #expect(
      try second.frames() == [.open(1, CallMethods.default, Leaf(name: "not taken"))]
    )
    second.send(.close(1, Leaf(name: "b")))
    #expect(notTaken.response == Leaf(name: "b"))
    #expect(first.link.ending == nil)
    first.send(.close(1, Leaf(name: "a")))
    #expect(taken.response == Leaf(name: "a"))
    #expect(first.link.ending == .closed)
  }

  @Test("A GOAWAY that is not OK leaves the calls that were taken without an answer")
  func harshGoAway() throws {
    let scripted = Scripted()
    let taken = try scripted.put()
    let read = try scripted.put("", ReadService.read)
    let server = try #require(scripted.connector.servers.first)
    server.send(.settings(Settings()), .goAway(2, .internal, "out of sorts"))
    #expect(taken.failure?.isOutcomeUnknown == true)
    #expect(!read.isDone, "it only reads, and is tried again")
    #expect(server.link.ending == .closed)
  }

  @Test("A lost connection leaves a call with effects unknown, and it is not made again")
  func lostWithEffects() throws {
    let scripted = Scripted()
    let put = try scripted.put()
    try #require(scripted.connector.servers.first).lose("reset by peer")
    #expect(put.failure?.isOutcomeUnknown == true)
    #expect(scripted.connector.servers.count == 1)
  }

  @Test(
    "A lost connection makes a call again that may be repeated",
    arguments: [ReadService.read, CallMethods.put, CallMethods.default]
  )
  func lostButSafe(method: MethodDescriptor) throws {
    let scripted = Scripted()
    let put = try scripted.put("a", method, key: method.effects == .some ? "key" : nil)
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()))
    first.lose("reset by peer")
    #expect(scripted.connector.servers.count == 2)
    let second = try #require(scripted.connector.servers.last)
    let (opened, openedAgain) = (try first.frames(), try second.frames())
    #expect(openedAgain == opened)
    second.send(.close(1, Leaf(name: "b")))
    #expect(put.response == Leaf(name: "b"))
  }

  @Test("A call without effects whose retries are spent is UNAVAILABLE")
  func spent() throws {
    let scripted = Scripted()
    let read = try scripted.put("", ReadService.read)
    for _ in 0..<2 {
      let server = try #require(scripted.connector.servers.last)
      server.send(.settings(Settings()))
      server.lose()
    }
    #expect(read.failure?.code == .unavailable)
    #expect(scripted.connector.servers.count == 2, "a first call has earned one retry")
  }

  @Test(
    "UNAVAILABLE is tried again where that is safe, and other answers are not",
    arguments: [
      (CallMethods.put, nil, StatusCode.unavailable, true),
      (CallMethods.default, nil, .unavailable, false),
      (CallMethods.default, "key", .unavailable, true),
      (CallMethods.put, "key", .aborted, false),
      (ReadService.read, nil, .resourceExhausted, false),
      (ReadService.read, nil, .deadlineExceeded, false),
    ] as [(MethodDescriptor, String?, StatusCode, Bool)]
  )
  func answered(method: MethodDescriptor, key: String?, status: StatusCode, again: Bool) throws {
    let scripted = Scripted()
    let put = try scripted.put("a", method, key: key)
    let server = try #require(scripted.connector.servers.first)
    server.send(.close(1, status, "no"))
    #expect(try server.frames().map(\.call) == (again ? [1, 2] : [1]))
    #expect(put.failure?.code == (again ? nil : status))
  }

  @Test("An unknown outcome is asked for again with its key, and not without")
  func unknownOutcome() throws {
    for key in ["key", nil] {
      let scripted = Scripted()
      let put = try scripted.put("a", key: key)
      let server = try #require(scripted.connector.servers.first)
      var close = PlainFrame.close(1, .unknown)
      close.metadata = try .of([(Metadata.Key.refusal, "OUTCOME_UNKNOWN")])
      server.send(close)
      #expect(try server.frames().map(\.call) == (key == nil ? [1] : [1, 2]))
      #expect(put.isDone == (key == nil))
    }
  }

  @Test("A failed retry does not take back that the first try may have run")
  func retryAfterUnknown() throws {
    let scripted = Scripted()
    let put = try scripted.put("a", key: "key")
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()))
    first.lose("reset by peer")
    let second = try #require(scripted.connector.servers.last)
    #expect(second !== first)
    second.send(.close(1, .resourceExhausted, "try later"))
    #expect(put.failure?.isOutcomeUnknown == true)
    #expect(put.failure?.message == "try later")
  }

  @Test("Retries stay under a tenth of all calls")
  func budget() throws {
    let scripted = Scripted()
    var retried = 0
    for _ in 0..<100 {
      let put = try scripted.put("a", ReadService.read)
      let server = try #require(scripted.connector.servers.first)
      while !put.isDone {
        let opens = try server.frames()
        if !opens.isEmpty { retried += opens.count - 1 }
        let id = try #require(opens.last?.call)
        server.send(.close(id, .unavailable, "overloaded"))
        retried += put.isDone ? 0 : 1
      }
    }
    #expect(retried <= 11)
    #expect(retried >= 9)
  }

  @Test("A call is made three times at most")
  func attempts() throws {
    let scripted = Scripted()
    for _ in 0..<100 {
      let put = try scripted.put()
      let server = try #require(scripted.connector.servers.first)
      server.send(.close(try #require(try server.frames().last?.call), Leaf()))
      #expect(put.isDone)
    }
    let read = try scripted.put("", ReadService.read)
    let server = try #require(scripted.connector.servers.first)
    var opens = 0
    while !read.isDone {
      let id = try #require(try server.frames().last?.call)
      opens += 1
      server.send(.close(id, .unavailable, "overloaded"))
    }
    #expect(opens == 3)
  }

  @Test("All tries of a call together take no longer than its time")
  func timeOverTries() throws {
    let scripted = Scripted()
    let read = try scripted.put("", ReadService.read, timeout: .seconds(10))
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()))
    scripted.loop.advance(by: .seconds(7))
    first.lose()
    let second = try #require(scripted.connector.servers.last)
    #expect(try second.frames().map(\.timeoutMs) == [3_000])
    scripted.loop.advance(by: .milliseconds(2_999))
    #expect(!read.isDone)
    scripted.loop.advance(by: .milliseconds(1))
    #expect(read.failure?.code == .deadlineExceeded)
  }

  @Test("A call whose time ran out without an answer is not made again, key or not")
  func timeIsUp() throws {
    let scripted = Scripted()
    let put = try scripted.put("", key: "key", timeout: .seconds(1))
    scripted.loop.advance(by: .seconds(3))
    #expect(put.failure?.isOutcomeUnknown == true)
    let server = try #require(scripted.connector.servers.first)
    #expect(try server.frames().map(\.kind) == [.open, .cancel])
  }
}
