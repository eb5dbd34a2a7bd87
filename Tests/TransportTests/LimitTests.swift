import Fixtures
import Foundation
import Glibc
import RPCCore
import SocketSupport
import Testing
import Transport
import Wire

@Suite("Limits of a server", .timeLimit(.minutes(5))) struct LimitTests {
  @Test("One connection too many is told so, and taken when another has gone")
  func connectionsMax() async throws {
    var transport = TransportLimits.defaults
    transport.connectionsMax = 2
    var limits = ServerLimits.defaults
    limits.firstFrameTimeout = .seconds(3_600)  // peers that say nothing stay, however slow this is
    let server = try await TestServer(limits: limits, transport: transport)
    let taken = try (0..<2).map { _ in try RawPeer(to: server.address) }
    for peer in taken { #expect(try await peer.nextFrame()?.kind == .settings) }
    let refused = try RawPeer(to: server.address)
    let goAway = try await refused.nextFrame()
    #expect(goAway?.kind == .goAway)
    #expect(goAway?.status == .resourceExhausted)
    #expect(goAway?.reason == "2 connections are open")
    #expect(try await refused.nextFrame() == nil)
    let client = Client(to: [server.address], loops: server.loops)
    let failure = await #expect(throws: RPCFailure.self) {
      try await CallClient(client).put(Leaf())
    }
    #expect(failure?.code == .unavailable)
    #expect(failure?.message == "2 connections are open")
    taken[0].close()
    try await eventually("there is room again") { server.server.connectionCount == 1 }
    let again = try RawPeer(to: server.address)
    #expect(try await again.nextFrame()?.kind == .settings)
    client.close()
    for peer in taken + [again] { peer.close() }
    await server.stop()
  }

  /// Lowers or raises how many files this process may open.
  private static func setFilesMax(_ count: Int) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = rlim_t(count)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// What this process has used of its processors.
  private static func processorTime() -> Duration {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(.zero) {
      $0 + .seconds($1.tv_sec) + .microseconds($1.tv_usec)
    }
  }

  @Test("Without descriptors it refuses politely, rests, and goes on when there are some")
  func descriptors() async {
    // In a process of its own, since the limit is the whole process's.
    await #expect(processExitsWith: .success) {
      let server = try await TestServer()
      let peers = try (0..<40).map { _ in try RawPeer(for: server.address) }
      let late = try RawPeer(for: server.address)
      let highest = peers.map(\.descriptor).max() ?? 0
      LimitTests.setFilesMax(Int(max(highest, late.descriptor)) + 1 + 8)
      for peer in peers { try peer.connect(to: server.address) }
      var taken: [RawPeer] = []
      for peer in peers {
        let first = try await peer.nextFrame()
        if first?.kind == .settings {
          taken.append(peer)
        } else {
          #expect(first?.kind == .goAway)
          #expect(first?.status == .resourceExhausted)
          #expect(first?.reason == "no descriptors are left")
          let end = try await peer.nextFrame()
          #expect(end == nil)
        }
      }
      #expect((1...12).contains(taken.count))
      // Those that were taken are served as ever.
      try taken[0].send(bytes(open(1, CallMethods.put), Leaf(weight: 1)))
      #expect(try await taken[0].next(.close)?.status == .ok)

      // Now not even the reserve helps: the connection waits, and the server does not spin.
      LimitTests.setFilesMax(3)
      try late.connect(to: server.address)
      let before = LimitTests.processorTime()
      #expect(try await late.isSilent(forMs: 400))
      #expect(LimitTests.processorTime() - before < .milliseconds(100))
      LimitTests.setFilesMax(1_000)
      #expect(try await late.nextFrame()?.kind == .settings)
      // The reserve is back, so the next one is taken as ever too.
      let after = try RawPeer(to: server.address)
      #expect(try await after.nextFrame()?.kind == .settings)
      for peer in peers + [late, after] { peer.close() }
      await server.stop()
      try await eventually("the loops end") {
        try !threadNames().contains { $0.hasPrefix("usher-loop") }
      }
    }
  }
}
