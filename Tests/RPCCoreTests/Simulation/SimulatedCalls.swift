import Fixtures
import RPCCore
import TestSupport
import Wire

/// Handlers that take their time, fail, and tell what they did. What each does is drawn from its
/// request's weight, so that a call that is made again does the same.
struct SimulatedHandlers: Sendable {
  let loop: SimulatedLoop
  /// The name of each request that was carried out. Once it is here, its handler does not fail.
  let committed = Record<String>()
  let begun = Record<String>()
  let ended = Record<String>()

  private struct Refused: Error {}

  var service: ScriptedCalls {
    var calls = ScriptedCalls()
    calls.onPut = { request, context in try await unary(request, context) }
    calls.onDefault = { request, context in try await unary(request, context) }
    calls.onGather = { requests, _ in
      try await tracked("gather") {
        var lists = Lists()
        for try await leaf in requests {
          if leaf.weight.isMultiple(of: 7) { try await loop.pause(for: .milliseconds(30)) }
          lists.leaves.append(leaf)
        }
        return Reply(lists)
      }
    }
    calls.onScatter = { request, responses, _ in
      try await tracked("scatter") {
        for leaf in request.leaves { try await answer(leaf, responses) }
      }
    }
    calls.onEcho = { requests, responses, _ in
      try await tracked("echo") {
        for try await leaf in requests { try await answer(leaf, responses) }
      }
    }
    return calls
  }

  var reads: ReadService { ReadService(onRead: { try await unary($0, $1) }) }

  private func answer(_ leaf: Leaf, _ responses: ResponseWriter<Leaf>) async throws {
    if leaf.weight.isMultiple(of: 7) { try await loop.pause(for: .milliseconds(30)) }
    try await responses.write(leaf)
  }

  private func unary(_ request: Leaf, _ context: CallContext) async throws -> Reply<Leaf> {
    try await tracked(request.name) {
      var random = SeededGenerator(seed: UInt64(request.weight))
      if random.isOne(in: 2) {
        try await loop.pause(for: .milliseconds(random.draw(from: 0...300)))
      }
      if random.isOne(in: 8) { throw RPCFailure(.unavailable, "too busy") }
      if random.isOne(in: 8) { throw RPCFailure(.aborted, "try again") }
      committed.add(request.name)
      if random.isOne(in: 3) {
        // Late, and not to be stopped: what is carried out is carried out.
        try? await loop.pause(for: .milliseconds(random.draw(from: 0...300)))
      }
      return Reply(request)
    }
  }

  private func tracked<Result>(
    _ name: String,
    _ body: () async throws -> Result
  ) async throws -> Result {
    begun.add(name)
    defer { ended.add(name) }
    return try await body()
  }
}

/// One call of a simulation: what is called, and how.
struct SimulatedCall: Sendable {
  enum Kind: CaseIterable { case read, put, change, changeWithKey, gather, scatter, echo }

  let name: String
  let kind: Kind
  let weight: UInt32
  let leaves: [Leaf]
  let startAfter: Duration
  let timeout: Duration?
  let cancelAfter: Duration?

  init(number: Int, random: inout SeededGenerator) {
    name = "call \(number)"
    kind = Kind.allCases.randomElement(using: &random) ?? .read
    weight = UInt32(random.draw(from: 0..<1_000_000))
    leaves = (0..<random.draw(from: 0...12)).map { [name] index in
      let size = random.isOne(in: 4) ? random.draw(from: 0..<120_000) : random.draw(from: 0..<200)
      return Leaf(
        name: "\(name) \(index) " + .long(size),
        weight: UInt32(random.draw(from: 0..<100))
      )
    }
    startAfter = .milliseconds(random.draw(from: 0...1_000))
    timeout = random.isOne(in: 2) ? .milliseconds(random.draw(from: 1...900)) : nil
    cancelAfter = random.isOne(in: 5) ? .milliseconds(random.draw(from: 0...600)) : nil
  }

  /// Makes the call; throws if the answer is not what it should be, or as the call fails.
  func make(with client: Client) async throws {
    let stubs = CallClient(client)
    var options = CallOptions(timeout: timeout)
    let leaf = Leaf(name: name, weight: weight)
    var answer: [Leaf]
    switch kind {
    case .read:
      let read: Answer<Leaf> = try await client.unary(ReadService.read, leaf, options: options)
      return try check([read.message], [leaf])
    case .put: return try check([try await stubs.put(leaf, options: options)], [leaf])
    case .change: return try check([try await stubs.default(leaf, options: options)], [leaf])
    case .changeWithKey:
      try options.metadata.add(Metadata.Key.idempotencyKey, name)
      return try check([try await stubs.default(leaf, options: options)], [leaf])
    case .gather:
      answer = try await stubs.gather(options: options) { requests in
        for leaf in leaves { try await requests.write(leaf) }
      }.leaves
    case .scatter:
      answer = []
      for try await leaf in stubs.scatter(Lists(leaves: leaves), options: options) {
        answer.append(leaf)
      }
    case .echo:
      answer = try await stubs.echo(options: options) { requests, responses in
        async let writing: Void = write(to: requests)
        var echoed: [Leaf] = []
        for try await leaf in responses { echoed.append(leaf) }
        try await writing
        return echoed
      }
    }
    try check(answer, leaves)
  }

  private func write(to requests: RequestWriter<Leaf>) async throws {
    for leaf in leaves { try await requests.write(leaf) }
    requests.finish()
  }

  struct WrongAnswer: Error {}

  private func check(_ answer: [Leaf], _ expected: [Leaf]) throws {
    guard answer == expected else { throw WrongAnswer() }
  }
}
