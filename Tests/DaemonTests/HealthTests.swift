import Daemon
import RPCCore
import Testing
import Transport
import UsherAPI
import Wire

@Suite("The health service", .timeLimit(.minutes(5))) struct HealthTests {
  typealias Status = HealthCheckResponse.ServingStatus

  /// Runs `body` with a client of the service over `board`.
  private func withHealth(
    _ board: HealthBoard,
    _ body: (HealthClient) async throws -> Void
  ) async throws {
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    let core = ServerCore(router: try Router(services: [HealthEndpoint(board)]))
    let connector = InProcessConnector(to: core, on: loops.loops[0])
    try await withClient(connector: connector) { try await body(HealthClient($0)) }
  }

  private func expect(
    _ health: HealthClient,
    _ service: String,
    _ status: Status,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let answer = try await health.check(HealthCheckRequest(service: service))
    #expect(answer.status == status, sourceLocation: location)
  }

  private func expectNext(
    _ watch: inout ResponseStream<HealthCheckResponse>.AsyncIterator,
    _ status: Status?,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let next = try await watch.next()
    #expect(next?.status == status, sourceLocation: location)
  }

  @Test("The server and each service it has serve from the start") func check() async throws {
    try await withHealth(HealthBoard(services: ["a", "b"])) { health in
      for service in ["", "a", "b"] {
        try await expect(health, service, .serving)
      }
    }
  }

  @Test("Nobody knows how a service does that does not exist") func unknown() async throws {
    try await withHealth(HealthBoard(services: [])) { health in
      let failure = await #expect(throws: RPCFailure.self) {
        try await health.check(HealthCheckRequest(service: "c"))
      }
      #expect(failure?.code == .notFound)
      #expect(failure?.isFromPeer == true)
      var watch = health.watch(HealthCheckRequest(service: "c")).makeAsyncIterator()
      try await expectNext(&watch, .serviceUnknown)
    }
  }

  @Test("A watch begins with what is, and gets every change") func watch() async throws {
    let board = HealthBoard(services: ["a", "b"])
    try await withHealth(board) { health in
      var watch = health.watch(HealthCheckRequest(service: "a")).makeAsyncIterator()
      try await expectNext(&watch, .serving)
      board.set(.serving, for: "a")
      board.set(.notServing, for: "b")
      board.set(.notServing, for: "a")
      try await expectNext(&watch, .notServing)
      board.set(.serving, for: "a")
      try await expectNext(&watch, .serving)
    }
  }

  @Test("A service that appears is told to those who waited for it") func appears() async throws {
    let board = HealthBoard(services: [])
    try await withHealth(board) { health in
      var watch = health.watch(HealthCheckRequest(service: "late")).makeAsyncIterator()
      try await expectNext(&watch, .serviceUnknown)
      board.set(.serving, for: "late")
      try await expectNext(&watch, .serving)
    }
  }

  @Test("Stopping ends every watch with NOT_SERVING, and nothing serves again")
  func stop() async throws {
    let board = HealthBoard(services: ["a"])
    try await withHealth(board) { health in
      var watches = ["", "a", "unknown"].map {
        health.watch(HealthCheckRequest(service: $0)).makeAsyncIterator()
      }
      for index in watches.indices { _ = try await watches[index].next() }
      board.stop()
      board.set(.serving, for: "a")
      for index in watches.indices {
        try await expectNext(&watches[index], .notServing)
        try await expectNext(&watches[index], nil)
      }
      try await expect(health, "a", .notServing)
      var late = health.watch(HealthCheckRequest(service: "a")).makeAsyncIterator()
      try await expectNext(&late, .notServing)
      try await expectNext(&late, nil)
    }
  }

  @Test("Whoever is slow gets the latest, and nothing piles up") func slow() async throws {
    let board = HealthBoard(services: ["a"])
    var changes = board.changes(of: "a").makeAsyncIterator()
    for _ in 0..<1_000 {
      board.set(.notServing, for: "a")
      board.set(.unknown, for: "a")
      board.set(.serving, for: "a")
    }
    board.set(.notServing, for: "a")
    #expect(await changes.next() == .notServing)
    board.stop()
    #expect(await changes.next() == .notServing)
    #expect(await changes.next() == nil)
  }

  @Test("Watches that are let go of are forgotten") func released() async throws {
    let board = HealthBoard(services: ["a"])
    for _ in 0..<10 {
      var changes = board.changes(of: "a").makeAsyncIterator()
      #expect(await changes.next() == .serving)
    }
    #expect(board.watcherCount == 0)
  }
}
