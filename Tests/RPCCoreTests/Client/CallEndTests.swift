import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("How a client's calls end") struct ClientCallEndTests {
  /// A server whose handlers wait for the gate or their cancellation.
  private struct Waiting {
    let gate = Gate()
    let ends = Record<HandlerEnd>()
    let events = EventRecord()
    let both: InProcess

    init() throws {
      let (gate, ends) = (gate, ends)
      let wait: ScriptedCalls.Unary = { request, _ in
        try await recording(in: ends) { try await gate.passOrCancel() }
        return Reply(request)
      }
      var calls = ScriptedCalls()
      calls.onPut = wait
      calls.onGather = { _, _ in
        try await recording(in: ends) { try await gate.passOrCancel() }
        return Reply(Lists())
      }
      calls.onScatter = { _, responses, _ in
        try await recording(in: ends) {
          try await responses.write(Leaf())
          try await gate.passOrCancel()
        }
      }
      both = try InProcess(calls, reads: ReadService(onRead: wait), events: events)
    }

    func read(_ options: CallOptions = CallOptions()) async throws(RPCFailure) -> Leaf {
      let answer: Answer<Leaf> = try await both.client.unary(
        ReadService.read,
        Leaf(),
        options: options
      )
      return answer.message
    }
  }

  @Test("Cancelling a call cancels its handler; with effects, nobody knows whether it ran")
  func cancelled() throws {
    let waiting = try Waiting()
    let (loop, stubs) = (waiting.both.loop, waiting.both.calls)
    let put = loop.start { await failure { try await stubs.put(Leaf()) } }
    let read = loop.start { await failure { try await waiting.read() } }
    loop.perform {
      put.cancel()
      read.cancel()
    }
    #expect(try loop.finish(put)?.isOutcomeUnknown == true)
    #expect(try loop.finish(read)?.code == .cancelled)
    #expect(waiting.ends.entries == [.cancelled, .cancelled])
    #expect(waiting.events.ended.entries.map(\.status) == [.cancelled, .cancelled])
  }

  @Test("A stream that is let go of is cancelled, read from or not")
  func dropped() throws {
    let waiting = try Waiting()
    let (loop, stubs) = (waiting.both.loop, waiting.both.calls)
    try loop.run { _ = stubs.scatter(Lists()) }
    #expect(waiting.events.ended.entries.isEmpty, "nobody asked for a response")
    try loop.run { for try await _ in stubs.scatter(Lists()) { break } }
    #expect(waiting.ends.entries == [.cancelled])
    let reading = loop.start { for try await _ in stubs.scatter(Lists()) {} }
    #expect(!reading.isDone)
    loop.perform { reading.cancel() }
    #expect(throws: RPCFailure.self) { try loop.finish(reading) }
    #expect(waiting.ends.entries == [.cancelled, .cancelled])
  }

  @Test("A client stream whose writer throws is cancelled")
  func writerThrows() throws {
    struct Odd: Error {}
    let waiting = try Waiting()
    let stubs = waiting.both.calls
    #expect(throws: Odd.self) {
      try waiting.both.loop.run {
        _ = try await stubs.gather { _ in
          await settle()
          throw Odd()
        }
      }
    }
    #expect(waiting.ends.entries == [.cancelled])
  }

  @Test("A client stream whose server has heard enough gets the answer")
  func answeredEarly() throws {
    var calls = ScriptedCalls()
    calls.onGather = { requests, _ in
      for try await _ in requests { break }
      return Reply(Lists(bools: [true]))
    }
    let both = try InProcess(calls)
    let stubs = both.calls
    let answer = try both.loop.run {
      try await stubs.gather { requests in
        while true { try await requests.write(Leaf.heavy(9_999)) }
      }
    }
    #expect(answer == Lists(bools: [true]))
  }

  @Test("A call without effects is DEADLINE_EXCEEDED at its deadline")
  func deadline() throws {
    let waiting = try Waiting()
    let loop = waiting.both.loop
    let start = loop.now
    let failed = try loop.run(advancing: .seconds(60)) {
      await failure { try await waiting.read(CallOptions(timeout: .milliseconds(800))) }
    }
    #expect(failed?.code == .deadlineExceeded)
    #expect(loop.now - start == .milliseconds(800))
    #expect(waiting.ends.entries == [.cancelled])
  }

  @Test("A call with effects is what its handler says, within the grace after the deadline")
  func deadlineWithEffects() throws {
    let waiting = try Waiting()
    let (loop, stubs) = (waiting.both.loop, waiting.both.calls)
    let options = CallOptions(timeout: .milliseconds(800))
    let failed = try loop.run(advancing: .seconds(60)) {
      await failure { try await stubs.put(Leaf(), options: options) }
    }
    #expect(failed?.code == .deadlineExceeded)
    #expect(waiting.ends.entries == [.cancelled])
  }

  @Test("Streams have deadlines too")
  func streamDeadline() throws {
    let waiting = try Waiting()
    let stubs = waiting.both.calls
    let options = CallOptions(timeout: .milliseconds(800))
    let failed = try waiting.both.loop.run(advancing: .seconds(60)) {
      await failure { for try await _ in stubs.scatter(Lists(), options: options) {} }
    }
    #expect(failed?.code == .deadlineExceeded)
  }

  @Test("A closed client takes no calls, lets open ones finish, and closes its connections")
  func closed() throws {
    let waiting = try Waiting()
    let (loop, stubs, client) = (waiting.both.loop, waiting.both.calls, waiting.both.client)
    let put = loop.start { try await stubs.put(Leaf(name: "a")) }
    loop.perform { client.close() }
    let failed = try loop.run { await failure { try await stubs.put(Leaf()) } }
    #expect(failed?.code == .unavailable)
    #expect(waiting.events.closed.entries.isEmpty)
    loop.perform { waiting.gate.open() }
    #expect(try loop.finish(put) == Leaf(name: "a"))
    #expect(waiting.events.closed.entries.count == 1)
  }

  @Test("A client in a scope is closed when the scope is left")
  func scope() throws {
    let loop = SimulatedLoop()
    let events = EventRecord()
    let core = try ServerCore.scripted(events: events)
    let weight = try loop.run {
      try await withClient(connector: InProcessConnector(to: core, on: loop)) { client in
        try await CallClient(client).put(Leaf(weight: 5)).weight
      }
    }
    #expect(weight == 5)
    #expect(events.closed.entries.count == 1)
  }
}
