import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Calls from client to server") struct InProcessTests {
  @Test("All four kinds, and at once", arguments: [nil, 1, 2, 3] as [UInt64?])
  func allKinds(seed: UInt64?) throws {
    let both = try InProcess(seed: seed)
    let calls = both.calls
    try both.loop.run {
      let oak = Leaf(name: "oak", weight: 3)
      #expect(try await calls.peek(oak) == Scalars(leaf: oak))
      #expect(try await calls.put(oak) == oak)
      let leaves = (0..<50).map { Leaf(name: "\($0)") }
      let gathered = try await calls.gather { requests in
        for leaf in leaves { try await requests.write(leaf) }
      }
      #expect(gathered.leaves == leaves)
      var scattered: [Leaf] = []
      for try await leaf in calls.scatter(Lists(leaves: leaves)) { scattered.append(leaf) }
      #expect(scattered == leaves)
      let echoed = try await calls.echo { requests, responses in
        var echoed: [Leaf] = []
        var iterator = responses.makeAsyncIterator()
        for leaf in leaves {
          try await requests.write(leaf)
          if let response = try await iterator.next() { echoed.append(response) }
        }
        requests.finish()
        #expect(try await iterator.next() == nil)
        return echoed
      }
      #expect(echoed == leaves)
    }
  }

  @Test("Many calls at once share a connection, and each gets its own answer")
  func multiplexed() throws {
    let both = try InProcess(seed: 7)
    let calls = both.calls
    try both.loop.run {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in UInt32(0)..<500 {
          group.addTask { try await calls.put(Leaf(weight: number)).weight == number }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test("More than the credit passes both ways, whole and in order")
  func credit() throws {
    let both = try InProcess()
    let calls = both.calls
    let heavy = (UInt32(0)..<40).map {
      Leaf(name: String(repeating: "x", count: 50_000), weight: $0)
    }
    try both.loop.run {
      let gathered = try await calls.gather { for leaf in heavy { try await $0.write(leaf) } }
      #expect(gathered.leaves == heavy)
      let few = Array(heavy.prefix(15))
      var scattered: [Leaf] = []
      for try await leaf in calls.scatter(Lists(leaves: few)) { scattered.append(leaf) }
      #expect(scattered == few)
      let echoed = try await calls.echo { requests, responses in
        async let writing: Void = Self.write(heavy, to: requests)
        var echoed: [Leaf] = []
        for try await leaf in responses { echoed.append(leaf) }
        try await writing
        return echoed
      }
      #expect(echoed == heavy)
    }
  }

  private static func write(_ leaves: [Leaf], to requests: RequestWriter<Leaf>) async throws {
    for leaf in leaves { try await requests.write(leaf) }
    requests.finish()
  }

  @Test("A reader that stops holds up the handler")
  func slowReader() throws {
    let written = Record<Int>()
    var calls = ScriptedCalls()
    calls.onScatter = { _, responses, _ in
      for number in 0..<100 {
        try await responses.write(Leaf.heavy(50_000))
        written.add(number)
      }
    }
    let both = try InProcess(calls)
    let client = both.calls
    try both.loop.run {
      var iterator = client.scatter(Lists()).makeAsyncIterator()
      _ = try await iterator.next()
      await settle()
      #expect(written.entries.count == 6)
      for _ in 0..<3 { _ = try await iterator.next() }
      await settle()
      #expect((7...10).contains(written.entries.count))
    }
  }

  @Test("A handler that stops holds up the writer")
  func slowHandler() throws {
    let gate = Gate()
    let sent = Record<Int>()
    var calls = ScriptedCalls()
    calls.onGather = { requests, _ in
      await gate.pass()
      var count: Int32 = 0
      for try await _ in requests { count += 1 }
      return Reply(Lists(int32s: [count]))
    }
    let both = try InProcess(calls)
    let client = both.calls
    let gathering = both.loop.start {
      try await client.gather { requests in
        for number in 0..<20 {
          try await requests.write(Leaf.heavy(50_000))
          sent.add(number)
        }
      }
    }
    #expect(sent.entries.count == 6)
    both.loop.perform { gate.open() }
    #expect(try both.loop.finish(gathering) == Lists(int32s: [20]))
  }

  @Test("Trailers come with answers and with streams, and failures bring theirs")
  func trailers() throws {
    let trailers = try Metadata.of([(Metadata.Key.offset, "77")])
    var calls = ScriptedCalls()
    calls.onPut = { request, _ in Reply(request, trailers: trailers) }
    calls.onScatter = { _, responses, _ in responses.setTrailers(trailers) }
    calls.onDefault = { _, _ in throw RPCFailure(.notFound, "no", trailers: trailers) }
    let both = try InProcess(calls)
    let (client, stubs) = (both.client, both.calls)
    try both.loop.run {
      let answer: Answer<Leaf> = try await client.unary(
        CallMethods.put,
        Leaf(),
        options: CallOptions()
      )
      #expect(answer.trailers == trailers)
      let stream = stubs.scatter(Lists())
      #expect(stream.trailers == nil)
      for try await _ in stream {}
      #expect(stream.trailers == trailers)
      let failed = await failure { try await stubs.default(Leaf()) }
      #expect(failed?.code == .notFound)
      #expect(failed?.trailers == trailers)
    }
  }

  @Test("Metadata and the time left reach the handler")
  func options() throws {
    let seen = Record<CallContext>()
    var calls = ScriptedCalls()
    calls.onPut = { request, context in
      seen.add(context)
      return Reply(request)
    }
    let both = try InProcess(calls)
    let (stubs, loop) = (both.calls, both.loop)
    let metadata = try Metadata.of([("a", "1"), ("b-bin", "2")])
    _ = try loop.run {
      try await stubs.put(Leaf(), options: CallOptions(timeout: .seconds(3), metadata: metadata))
    }
    #expect(seen.entries.first?.metadata == metadata)
    #expect(seen.entries.first?.deadline == loop.now + .seconds(3))
  }

  @Test("A handler that leaves its loop still reads, writes and answers")
  func elsewhere() throws {
    var calls = ScriptedCalls()
    calls.onEcho = { requests, responses, _ in try await Self.echo(requests, responses) }
    let both = try InProcess(calls)
    let stubs = both.calls
    let echoed = try both.loop.run {
      try await stubs.echo { requests, responses in
        for number in UInt32(0)..<5 { try await requests.write(Leaf(weight: number)) }
        requests.finish()
        var weights: [UInt32] = []
        for try await leaf in responses { weights.append(leaf.weight) }
        return weights
      }
    }
    #expect(echoed == [0, 1, 2, 3, 4])
  }

  private static func echo(
    _ requests: RequestStream<Leaf>,
    _ responses: ResponseWriter<Leaf>
  ) async throws {
    // A task on another thread, which the handler waits for.
    try await Task(executorPreference: OtherThread()) {
      for try await leaf in requests { try await responses.write(leaf) }
    }.value
  }
}
