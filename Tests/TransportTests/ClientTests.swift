import Fixtures
import Glibc
import RPCCore
import SocketSupport
import Testing
import Transport
import Wire

@Suite("Clients over sockets", .timeLimit(.minutes(5))) struct ClientTests {
  /// The failure of a call that should fail.
  private func failure(
    of call: () async throws -> Void,
    at location: SourceLocation = #_sourceLocation
  ) async throws -> RPCFailure {
    do {
      try await call()
    } catch {
      return try #require(error as? RPCFailure, sourceLocation: location)
    }
    throw TookTooLong("the call to fail")
  }

  @Test("Where nobody listens the call fails at once, and is known not to have run")
  func nobody() async throws {
    let deaf = try DeafListener(backlog: 1)
    deaf.close()
    for address in [deaf.address, .unix(path: socketPath())] {
      try await withClient(to: [address]) { client in
        let failure = try await failure { _ = try await CallClient(client).default(Leaf()) }
        #expect(failure.code == .unavailable)
        #expect(!failure.isFromPeer && !failure.isOutcomeUnknown)
        #expect(failure.message.hasPrefix("\(address): "))
      }
    }
  }

  @Test("A connection that does not come about is given up in time") func timeout() async throws {
    let deaf = try DeafListener(backlog: 0)
    let fill = try deaf.fill()
    var limits = ClientLimits.defaults
    limits.connectTimeout = .milliseconds(50)
    try await withClient(to: [deaf.address], limits: limits) { client in
      let failure = try await failure { _ = try await CallClient(client).put(Leaf()) }
      #expect(failure.code == .unavailable)
      #expect(failure.message == "\(deaf.address): no connection within 0.05 seconds")
    }
    for peer in fill { peer.close() }
  }

  @Test("A call that waits for its connection longer than it may says so")
  func callTimeout() async throws {
    let deaf = try DeafListener(backlog: 0)
    let fill = try deaf.fill()
    try await withClient(to: [deaf.address]) { client in
      let failure = try await failure {
        _ = try await CallClient(client).put(
          Leaf(),
          options: CallOptions(timeout: .milliseconds(50))
        )
      }
      #expect(failure.code == .deadlineExceeded)
    }
    for peer in fill { peer.close() }
  }

  /// Whether `localhost` has an address here, as it has not in every container.
  private static let hasLocalhost = {
    var list: UnsafeMutablePointer<addrinfo>?
    defer { if let list { freeaddrinfo(list) } }
    return getaddrinfo("localhost", nil, nil, &list) == 0
  }()

  /// `127.1` is not a number to whoever reads addresses strictly, and needs no one who knows names.
  @Test(
    "Names are looked up, and each address they stand for is tried",
    arguments: hasLocalhost ? ["127.1", "localhost"] : ["127.1"]
  )
  func names(host: String) async throws {
    let server = try await TestServer()
    guard case .tcp(_, let port) = server.address else { return }
    try await withClient(to: [.tcp(host: host, port: port)]) { client in
      let put = try await CallClient(client).put(Leaf(weight: 1))
      #expect(put.weight == 1)
    }
    try await withClient(to: [.tcp(host: "no.such.name.invalid", port: 1)]) { client in
      let failure = try await failure { _ = try await CallClient(client).put(Leaf()) }
      #expect(failure.code == .unavailable)
    }
    await server.stop()
  }

  @Test(
    "After its server has come back, a client finds it again",
    arguments: CallTests.Kind.allCases
  )
  func reconnect(kind: CallTests.Kind) async throws {
    var server = try await TestServer(at: kind.address)
    let address = server.address
    var limits = ClientLimits.defaults
    limits.backoffMin = .milliseconds(1)
    limits.backoffMax = .milliseconds(5)
    try await withClient(to: [address], limits: limits) { client in
      let calls = CallClient(client)
      for round in 0..<5 {
        let put = try await callWhenBack(calls, Leaf(weight: UInt32(round)))
        #expect(put.weight == UInt32(round))
        await server.stop()
        let failure = try await failure { _ = try await calls.put(Leaf()) }
        #expect(failure.code == .unavailable, "\(failure)")
        server = try await TestServer(at: address)
      }
    }
    await server.stop()
  }

  /// Calls until it is answered: a client that was refused waits before it tries to connect again.
  private func callWhenBack(_ calls: CallClient, _ leaf: Leaf) async throws -> Leaf {
    while true {
      do {
        return try await calls.put(leaf)
      } catch {
        guard error.code == .unavailable else { throw error }
        await Task.yield()
      }
    }
  }

  @Test("A call goes to the server with the fewest open calls") func leastLoaded() async throws {
    let goOn = Event()
    let counts = Shared([0, 0])
    func serve(_ index: Int) async throws -> TestServer {
      try await TestServer(
        Calls(onDefault: { leaf in
          counts.change { $0[index] += 1 }
          await goOn.wait()
          return leaf
        })
      )
    }
    let servers = [try await serve(0), try await serve(1)]
    try await withClient(to: servers.map(\.address)) { client in
      let calls = CallClient(client)
      try await withThrowingDiscardingTaskGroup { group in
        // Both are connected at the first call; until both stand, all calls go to one.
        for wanted in 1...20 {
          group.addTask { _ = try await calls.default(Leaf()) }
          try await eventually("the call has begun") { counts.value.reduce(0, +) == wanted }
          try await eventually("both are connected") {
            servers.allSatisfy { $0.server.connectionCount == 1 }
          }
        }
        let most = counts.value.max() ?? 0
        let least = counts.value.min() ?? 0
        #expect(most - least <= 1)
        goOn.happen()
      }
    }
    for server in servers { await server.stop() }
  }

  @Test("When the server dies in the middle, nobody claims to know what became of the call")
  func dies() async throws {
    let deaf = try DeafListener(backlog: 8)
    try await withClient(to: [deaf.address]) { client in
      async let accepted: Void = deaf.acceptAndReset(after: [])
      let failure = try await failure { _ = try await CallClient(client).default(Leaf()) }
      #expect(failure.isOutcomeUnknown)
      #expect(failure.message == "Connection reset by peer")
      try await accepted
    }
  }

  @Test("What a server says before it resets the connection is heard") func lastWords() async throws
  {
    let deaf = try DeafListener(backlog: 8)
    var goAway = OutgoingFrame(.goAway)
    goAway.status = .resourceExhausted
    goAway.reason = "nothing is left"
    let lastWords = bytes(goAway)
    var limits = ClientLimits.defaults
    limits.attemptsMax = 1
    try await withClient(to: [deaf.address], limits: limits) { client in
      async let accepted: Void = deaf.acceptAndReset(after: lastWords)
      let failure = try await failure { _ = try await CallClient(client).default(Leaf()) }
      #expect(failure.code == .unavailable)
      #expect(!failure.isOutcomeUnknown)
      #expect(failure.message == "nothing is left")
      try await accepted
    }
  }

  @Test("Cancelling a task cancels its call on the server") func cancel() async throws {
    let began = Event()
    let cancelled = Event()
    let server = try await TestServer(
      Calls(onDefault: { leaf in
        await withTaskCancellationHandler {
          began.happen()
          await cancelled.wait()
        } onCancel: {
          cancelled.happen()
        }
        return leaf
      })
    )
    try await withClient(to: [server.address]) { client in
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask {
          let failure = try await failure { _ = try await CallClient(client).default(Leaf()) }
          #expect(failure.isOutcomeUnknown)
        }
        await began.wait()
        group.cancelAll()
        await cancelled.wait()
      }
    }
    await server.stop()
  }
}
