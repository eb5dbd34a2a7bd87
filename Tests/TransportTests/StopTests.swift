import Fixtures
import Foundation
import RPCCore
import SocketSupport
import Testing
import Threads
import Transport
import Wire

@Suite("Stopping a server", .timeLimit(.minutes(5))) struct StopTests {
  @Test("Open calls finish, new ones are not taken, and idle connections go")
  func graceful() async throws {
    let began = Event()
    let goOn = Event()
    let scattered = Event()
    let server = try await TestServer(
      Calls(
        onDefault: { leaf in
          began.happen()
          await goOn.wait()
          return leaf
        },
        scattered: scattered,
        isHeld: goOn
      )
    )
    let idle = try RawPeer(to: server.address)
    _ = try await idle.next(.settings)
    let peer = try RawPeer(to: server.address)
    try peer.send(bytes(open(1, CallMethods.scatter), Lists(leaves: [Leaf(weight: 1)])))
    try peer.send(bytes(open(2, CallMethods.default), Leaf(weight: 2)))
    await began.wait()
    await scattered.wait()

    async let stopped = server.server.stop(within: .seconds(20))
    let goodbye = try await idle.next(.goAway)
    #expect(goodbye?.status == .ok)
    #expect(try await idle.nextFrame() == nil)
    let goAway = try await peer.next(.goAway)
    #expect(goAway?.status == .ok)
    #expect(goAway?.call == 2)
    // Too late: it is not run, and not answered.
    try peer.send(bytes(open(3, CallMethods.put), Leaf(weight: 3)))
    #expect(throws: (any Error).self) { try RawPeer(to: server.address) }
    goOn.happen()
    var closed: [UInt32] = []
    while let frame = try await peer.next(.close) {
      #expect(frame.status == .ok)
      closed.append(frame.call)
    }
    #expect(closed.sorted() == [1, 2])
    #expect(await stopped.isDrained)
    server.loops.stop()
  }

  @Test("A client's open calls finish, and its next ones find the server that came after")
  func client() async throws {
    let began = Event()
    let goOn = Event()
    let address = SocketAddress.unix(path: socketPath())
    let first = try await TestServer(
      Calls(onDefault: { leaf in
        began.happen()
        await goOn.wait()
        return leaf
      }),
      at: address
    )
    try await withClient(to: [address]) { client in
      let calls = CallClient(client)
      async let answer = calls.default(Leaf(weight: 1))
      await began.wait()
      async let stopped = first.stop()
      try await eventually("its name is free") { (try? RawPeer(to: address)) == nil }  // nobody
      let second = try await TestServer(at: address)
      let put = try await calls.put(Leaf(weight: 2))
      #expect(put.weight == 2)
      goOn.happen()
      #expect(try await answer.weight == 1)
      #expect(await stopped.isDrained)
      await second.stop()
    }
  }

  @Test("A connection that comes while the server stops is told, or finds nobody")
  func late() async throws {
    for _ in 0..<50 {
      let server = try await TestServer()
      try await withClient(to: [server.address]) { client in
        async let stopped = server.stop()
        do {
          _ = try await CallClient(client).default(Leaf())
        } catch {
          // The system may have taken the connection when the server had just looked for the last
          // time. Then nothing is heard of the call, and that is what it says.
          let failure = try #require(error as? RPCFailure)
          #expect(failure.code == .unavailable || failure.isOutcomeUnknown, "\(failure)")
        }
        #expect(await stopped.isDrained)
        let failure = await #expect(throws: RPCFailure.self) {
          _ = try await CallClient(client).default(Leaf())
        }
        #expect(failure?.code == .unavailable)
      }
    }
  }

  @Test("All that wait to be taken when the server stops are told, however many they are")
  func crowd() async throws {
    let server = try await TestServer()
    let address = server.address
    let waiting = Guarded<[RawPeer]>([])
    // They come while the loop is busy, and the stop is asked for meanwhile.
    server.loops.loops[0].execute {
      let peers = (0..<400).compactMap { _ in try? RawPeer(to: address) }  // counted below
      waiting.withLock { $0 = peers }
    }
    #expect(await server.stop().isDrained)
    let peers = waiting.withLock { $0 }
    var told = 0
    for peer in peers where try await peer.next(.goAway) != nil { told += 1 }
    #expect(told == 400)
  }

  @Test("What is not done at the deadline is cut off, and nobody claims to know what became of it")
  func deadline() async throws {
    let began = Event()
    let never = Event()
    let cancelled = Event()
    let server = try await TestServer(
      Calls(onDefault: { leaf in
        await withTaskCancellationHandler {
          began.happen()
          await never.wait()
        } onCancel: {
          cancelled.happen()
        }
        return leaf
      })
    )
    try await withClient(to: [server.address]) { client in
      async let answer = Result<Leaf, any Error> { try await CallClient(client).default(Leaf()) }
      await began.wait()
      switch await server.server.stop(within: .milliseconds(50)) {
      case .cut(let connections): #expect(connections == 1)
      case .drained: Issue.record("a call was still open")
      }
      await cancelled.wait()
      let failure = try #require(await answer.failure as? RPCFailure)
      #expect(failure.isOutcomeUnknown)
      #expect(failure.message == "the server stopped")
    }
    never.happen()
    await server.stop()
    // Twice is once, also when the loops are gone.
    await server.stop()
  }

  @Test("A peer that reads nothing cannot hold a stop up, and what it did not take counts as cut")
  func deaf() async throws {
    // If the stop waited for the peer, it would take longer than any test may.
    var limits = ServerLimits.defaults
    limits.outputTimeout = .seconds(3_600)
    let server = try await TestServer(limits: limits)
    let peer = try RawPeer(to: server.address)
    try await peer.askWithoutReading()
    switch await server.server.stop(within: .milliseconds(50)) {
    case .cut(let connections): #expect(connections == 1)
    case .drained: Issue.record("answers were still unread")
    }
    peer.close()
    await server.stop()
  }
}

@Suite("The names of unix sockets", .timeLimit(.minutes(5))) struct SocketNameTests {
  @Test("A server takes away its own name, and not that of who took its place")
  func ownName() async throws {
    let path = socketPath()
    let address = SocketAddress.unix(path: path)
    let first = try await TestServer(at: address)
    try FileManager.default.removeItem(atPath: path)
    let second = try await TestServer(at: address)
    await first.stop()
    #expect(FileManager.default.fileExists(atPath: path))
    try await withClient(to: [address]) { client in
      let put = try await CallClient(client).put(Leaf(weight: 1))
      #expect(put.weight == 1)
    }
    await second.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("A server that cannot listen everywhere leaves no name behind")
  func failedStart() async throws {
    let (path, taken) = (socketPath(), socketPath())
    let other = try await TestServer(at: .unix(path: taken))
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    await #expect(throws: SocketFailure.self) {
      _ = try await Server(
        listeningOn: [.unix(path: path), .unix(path: taken)],
        loops: loops,
        offers: [.usher(ServerCore(router: try Router(services: [Calls()])))]
      )
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(FileManager.default.fileExists(atPath: taken))
    await other.stop()
  }
}

extension Result where Failure == any Error {
  init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }

  var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
