import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Calls by callback") struct ChannelTests {
  /// A channel on a loop of its own, to a server in the same process or one played by hand.
  private final class Both {
    let loop = SimulatedLoop()
    private(set) var made: Channel?
    private(set) var failure: String?
    private(set) var closings = 0

    init(_ calls: ScriptedCalls = ScriptedCalls(), limits: ServerLimits = .defaults) throws {
      let core = try ServerCore.scripted(calls, limits: limits)
      connect(through: InProcessConnector(to: core, on: loop))
    }

    init(_ connector: (SimulatedLoop) -> ScriptedConnector) { connect(through: connector(loop)) }

    private func connect(through connector: any Connector) {
      loop.perform {
        Channel.connect(through: connector, on: loop) { [unowned self] _ in
          closings += 1
        } completed: { [unowned self] channel, failure in
          made = channel
          self.failure = failure
        }
      }
    }

    var channel: Channel { get throws { try #require(made) } }
  }

  private typealias Outcome = Result<Answer<Leaf>, RPCFailure>

  /// What came of calls, in the order in which they ended.
  private final class Heard<Value> {
    var values: [Value] = []
    var ends: [RPCFailure?] = []
  }

  private func put(_ name: String, on both: Both, _ heard: Heard<String>) throws {
    let channel = try both.channel
    both.loop.perform {
      channel.call(CallMethods.put, Leaf(name: name), options: CallOptions()) {
        (outcome: Outcome) in
        switch outcome {
        case .success(let answer):
          heard.values.append(answer.message.name)
          heard.ends.append(nil)
        case .failure(let failure): heard.ends.append(failure)
        }
      }
    }
  }

  @Test("A call is answered by its callback, once, and counts as open until then")
  func answered() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await gate.passOrCancel()
      return Reply(request)
    }
    let both = try Both(calls)
    let heard = Heard<String>()
    try put("oak", on: both, heard)
    try put("elm", on: both, heard)
    #expect(heard.ends.isEmpty)
    #expect(try both.channel.openCalls == 2)
    both.loop.perform { gate.open() }
    #expect(heard.values.sorted() == ["elm", "oak"])
    #expect(heard.ends.count == 2)
    #expect(try both.channel.openCalls == 0)
  }

  @Test("What the server refuses is told as it says it, and is not tried again")
  func refused() throws {
    let tries = Record<String>()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      tries.add(request.name)
      throw RPCFailure(.unavailable, "not now")
    }
    let both = try Both(calls)
    let heard = Heard<String>()
    try put("oak", on: both, heard)
    #expect(heard.ends.map { $0?.message } == ["not now"])
    #expect(tries.entries == ["oak"])
  }

  @Test("A connection that is lost ends every open call, and takes no more")
  func lost() throws {
    var connector: ScriptedConnector?
    let both = Both { loop in
      let made = ScriptedConnector(on: loop)
      connector = made
      return made
    }
    let heard = Heard<String>()
    try put("oak", on: both, heard)
    try put("elm", on: both, heard)
    try #require(connector).servers[0].lose("the cable is cut")
    #expect(heard.ends.count == 2)
    #expect(heard.ends.allSatisfy { $0?.message.contains("the cable is cut") == true })
    #expect(both.closings == 1)
    #expect(try both.channel.whyClosed == "the cable is cut")
    #expect(try both.channel.openCalls == 0)
    try put("ash", on: both, heard)
    #expect(heard.ends.count == 3)
    #expect(heard.ends[2]?.code == .unavailable)
    #expect(try both.channel.openCalls == 0)
    #expect(both.closings == 1)
  }

  @Test("A channel that is cut tells its open calls why, before that returns")
  func cut() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await gate.passOrCancel()
      return Reply(request)
    }
    let both = try Both(calls)
    let heard = Heard<String>()
    try put("oak", on: both, heard)
    let channel = try both.channel
    both.loop.perform {
      channel.cut("enough")
      #expect(heard.ends.count == 1)
      #expect(channel.whyClosed == "enough")
    }
    #expect(heard.ends[0]?.message.contains("enough") == true)
  }

  @Test("Where there is no connection, that is told, and why")
  func noConnection() throws {
    let both = Both { loop in
      let connector = ScriptedConnector(on: loop)
      connector.failNext(1)
      return connector
    }
    #expect(both.made == nil)
    #expect(both.failure == "refused")
    #expect(both.closings == 0)
  }

  @Test("A server that leaves lets open calls end, and the channel takes no more")
  func leaving() throws {
    var connector: ScriptedConnector?
    let both = Both { loop in
      let made = ScriptedConnector(on: loop)
      connector = made
      return made
    }
    let heard = Heard<String>()
    try put("oak", on: both, heard)
    let server = try #require(connector).servers[0]
    server.send(.goAway(1, .ok, "closing time"))
    #expect(both.closings == 1)
    #expect(heard.ends.isEmpty)
    server.send(.close(1, Leaf(name: "oak")))
    #expect(heard.values == ["oak"])
  }

  @Test("How many calls may be open is what the server says")
  func settings() throws {
    var limits = ServerLimits.defaults
    limits.openCallsMax = 7
    #expect(try Both(limits: limits).channel.openCallsMax == 7)
  }

  @Test("A deadline that passes ends a call, and the server hears of it")
  func deadline() throws {
    let ends = Record<HandlerEnd>()
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await recording(in: ends) { try await gate.passOrCancel() }
      return Reply(request)
    }
    let both = try Both(calls)
    let channel = try both.channel
    var failure: RPCFailure?
    both.loop.perform {
      channel.call(CallMethods.put, Leaf(), options: CallOptions(timeout: .seconds(2))) {
        (outcome: Outcome) in
        if case .failure(let why) = outcome { failure = why }
      }
    }
    both.loop.advance(by: .milliseconds(1_900))
    #expect(failure == nil)
    both.loop.advance(by: .seconds(5))
    #expect(failure?.code == .deadlineExceeded)
    #expect(ends.entries == [.cancelled])
  }
}

// MARK: - Streams

extension ChannelTests {
  private func scatter(
    _ leaves: [Leaf],
    on both: Both,
    _ heard: Heard<Leaf>,
    each: @escaping (Leaf) -> Void = { _ in }
  ) throws -> Channel.OpenCall {
    let channel = try both.channel
    return both.loop.perform {
      channel.stream(CallMethods.scatter, Lists(leaves: leaves), options: CallOptions()) {
        (leaf: Leaf) in
        heard.values.append(leaf)
        each(leaf)
      } ended: { outcome in
        switch outcome {
        case .success: heard.ends.append(nil)
        case .failure(let failure): heard.ends.append(failure)
        }
      }
    }
  }

  @Test("A stream far longer than its credit comes whole and in order, and ends once")
  func longStream() throws {
    var calls = ScriptedCalls()
    let count: UInt32 = 200
    calls.onScatter = { _, responses, _ in
      let name = String.long(20_000)
      for number in 0..<count { try await responses.write(Leaf(name: name, weight: number)) }
    }
    let both = try Both(calls)
    let heard = Heard<Leaf>()
    // 4 MB, sixteen times what may be on its way at once.
    _ = try scatter([], on: both, heard)
    #expect(heard.values.map(\.weight) == Array(0..<count))
    #expect(heard.ends.count == 1)
    #expect(heard.ends.allSatisfy { $0 == nil })
    #expect(try both.channel.openCalls == 0)
  }

  @Test("A stream that is cancelled tells its end before that returns, and the server hears of it")
  func cancelled() throws {
    let ends = Record<HandlerEnd>()
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onScatter = { _, responses, _ in
      try await recording(in: ends) {
        try await responses.write(Leaf(name: "first"))
        try await gate.passOrCancel()
      }
    }
    let both = try Both(calls)
    let heard = Heard<Leaf>()
    let call = try scatter([], on: both, heard)
    #expect(heard.values.map(\.name) == ["first"])
    both.loop.perform {
      call.cancel()
      // Scattering may have effects, and nobody knows which it had.
      #expect(heard.ends.map { $0?.isOutcomeUnknown } == [true])
      call.cancel()
    }
    #expect(heard.ends.count == 1)
    #expect(ends.entries == [.cancelled])
    #expect(try both.channel.openCalls == 0)
  }

  @Test("A stream may be cancelled by what hears of it, and no more is heard")
  func cancelledFromWithin() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onScatter = { _, responses, _ in
      try await gate.passOrCancel()
      for weight in UInt32(0)..<9 { try await responses.write(Leaf(weight: weight)) }
    }
    let both = try Both(calls)
    let heard = Heard<Leaf>()
    var call: Channel.OpenCall?
    call = try scatter([], on: both, heard) { leaf in
      if leaf.weight == 3 { call?.cancel() }
    }
    both.loop.perform { gate.open() }
    #expect(heard.values.map(\.weight) == [0, 1, 2, 3])
    #expect(heard.ends.map { $0?.isOutcomeUnknown } == [true])
  }
}

// MARK: - The same call many times

extension ChannelTests {
  @Test("A place serves again and again, each time with a call of its own")
  func repeated() throws {
    let seen = Record<String>()
    let numbers = Record<UInt32>()
    var calls = ScriptedCalls()
    calls.onPut = { request, context in
      seen.add(request.name)
      numbers.add(context.callID)
      return Reply(request)
    }
    let both = try Both(calls)
    let channel = try both.channel
    var ends: [RPCFailure?] = []
    let place = RepeatedCall(
      PreparedCall(CallMethods.put, Leaf(name: "oak"), options: CallOptions(timeout: .seconds(1)))
    ) { place, failure in
      ends.append(failure)
      // Made again by what hears of its end, it goes on in turns of its own.
      if ends.count < 500 { channel.make(place) }
    }
    both.loop.perform { channel.make(place) }
    #expect(ends.count == 500)
    #expect(ends.allSatisfy { $0 == nil })
    #expect(seen.entries == Array(repeating: "oak", count: 500))
    #expect(Set(numbers.entries).count == 500)
    #expect(channel.openCalls == 0)
  }

  @Test("A place whose call failed serves again, and fails where the channel takes no more")
  func repeatedAfterFailure() throws {
    let tries = Record<String>()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      tries.add(request.name)
      guard tries.entries.count > 1 else { throw RPCFailure(.resourceExhausted, "full") }
      return Reply(request)
    }
    let both = try Both(calls)
    let channel = try both.channel
    var ends: [StatusCode?] = []
    let place = RepeatedCall(PreparedCall(CallMethods.put, Leaf(), options: CallOptions())) {
      ends.append($1?.code)
    }
    both.loop.perform { channel.make(place) }
    both.loop.perform { channel.make(place) }
    #expect(ends == [.resourceExhausted, nil])
    both.loop.perform {
      channel.cut("over")
      channel.make(place)
    }
    #expect(ends == [.resourceExhausted, nil, .unavailable])
    #expect(tries.entries.count == 2)
    #expect(channel.openCalls == 0)
  }

  @Test("Each call of a place has its own time, from when it is made")
  func repeatedDeadline() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in
      try await gate.passOrCancel()
      return Reply(request)
    }
    let both = try Both(calls)
    let channel = try both.channel
    var ends: [StatusCode?] = []
    let prepared = PreparedCall(CallMethods.put, Leaf(), options: CallOptions(timeout: .seconds(2)))
    let place = RepeatedCall(prepared) { ends.append($1?.code) }
    for round in 1...2 {
      both.loop.perform { channel.make(place) }
      both.loop.advance(by: .milliseconds(1_900))
      #expect(ends.count == round - 1)
      both.loop.advance(by: .milliseconds(5_000))
      #expect(ends.count == round)
    }
    #expect(ends == [.deadlineExceeded, .deadlineExceeded])
  }

  @Test("A place that a server leaves without an answer ends by itself, each time in its own time")
  func repeatedUnanswered() throws {
    let both = Both { ScriptedConnector(on: $0) }
    let channel = try both.channel
    var ends: [StatusCode?] = []
    let prepared = PreparedCall(
      ReadService.read,
      Leaf(),
      options: CallOptions(timeout: .seconds(2))
    )
    let place = RepeatedCall(prepared) { ends.append($1?.code) }
    for round in 1...2 {
      both.loop.perform { channel.make(place) }
      both.loop.advance(by: .milliseconds(1_999))
      #expect(ends.count == round - 1)
      both.loop.advance(by: .milliseconds(1))
      #expect(ends.count == round)
    }
    #expect(ends == [.deadlineExceeded, .deadlineExceeded])
    #expect(channel.openCalls == 0)
  }
}
