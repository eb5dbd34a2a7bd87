import Fixtures
import RPCCore
import SocketSupport
import Testing
import Transport
import Wire

@Suite("Calls over sockets", .timeLimit(.minutes(5))) struct CallTests {
  enum Kind: CaseIterable, Sendable {
    case tcp, unix

    var address: SocketAddress {
      switch self {
      case .tcp: .tcp(host: "127.0.0.1", port: 0)
      case .unix: .unix(path: socketPath())
      }
    }
  }

  private static let leaves = (0..<500).map { Leaf(name: "leaf \($0)", weight: UInt32($0)) }

  @Test("All kinds of calls, one after the other and at once", arguments: Kind.allCases)
  func kinds(kind: Kind) async throws {
    let server = try await TestServer(at: kind.address, loops: 2)
    try await withClient(to: [server.address]) { client in
      let calls = CallClient(client)
      let leaf = Leaf(name: "oak", weight: 7)
      try await withThrowingDiscardingTaskGroup { group in
        for _ in 0..<50 {
          group.addTask {
            let peeked = try await calls.peek(leaf)
            #expect(peeked.leaf == leaf)
            let put = try await calls.put(leaf)
            #expect(put == leaf)
            let gathered = try await calls.gather { requests in
              for leaf in Self.leaves { try await requests.write(leaf) }
            }
            #expect(gathered.leaves == Self.leaves)
            var scattered: [Leaf] = []
            for try await leaf in calls.scatter(Lists(leaves: Self.leaves)) {
              scattered.append(leaf)
            }
            #expect(scattered == Self.leaves)
            try await calls.echo { requests, responses in
              var echoes = responses.makeAsyncIterator()
              for leaf in Self.leaves.prefix(20) {
                try await requests.write(leaf)
                let echo = try await echoes.next()
                #expect(echo == leaf)
              }
              requests.finish()
              let end = try await echoes.next()
              #expect(end == nil)
            }
          }
        }
      }
    }
    #expect(await server.stop().isDrained)
  }

  @Test("A message of many reads and writes arrives whole, both ways") func large() async throws {
    var limits = ServerLimits.defaults
    limits.frameBytesMax = 8 << 20
    let server = try await TestServer(limits: limits)
    let large = Leaf(name: String(repeating: "x", count: 3 << 20))
    try await withClient(to: [server.address]) { client in
      let put = try await CallClient(client).put(large)
      #expect(put == large)
    }
    await server.stop()
  }

  @Test("Connections are spread evenly over the loops") func spread() async throws {
    let seen = Shared<[ObjectIdentifier: Int]>([:])
    let server = try await TestServer(loops: 4) { core in
      [
        ProtocolOffer(
          begins: { _ in true },
          makeSession: { loop, scratch in
            let id = ObjectIdentifier(loop)
            seen.change { $0[id, default: 0] += 1 }
            return core.makeSession(on: loop, scratch: scratch)
          },
          refusal: { _ in [] }
        )
      ]
    }
    let peers = try (0..<40).map { _ in try RawPeer(to: server.address) }
    for peer in peers { #expect(try await peer.next(.settings) != nil) }
    #expect(seen.value.values.sorted() == [10, 10, 10, 10])
    for peer in peers { peer.close() }
    await server.stop()
  }

  @Test("Several addresses are listened on, and a unix socket's name goes with its server")
  func addresses() async throws {
    let path = socketPath()
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    let core = ServerCore(router: try Router(services: [Calls()]))
    let all: [SocketAddress] = [.unix(path: path), .tcp(host: "127.0.0.1", port: 0)]
    let server = try await Server(listeningOn: all, loops: loops, offers: [.usher(core)])
    for address in server.addresses {
      try await withClient(to: [address]) { client in
        let put = try await CallClient(client).put(Leaf(weight: 1))
        #expect(put.weight == 1)
      }
    }
    _ = await server.stop(within: .seconds(20))
    #expect(throws: (any Error).self) { try RawPeer(to: .unix(path: path)) }
    // A name that was left behind by a process that was killed is no hindrance.
    let again = try await TestServer(at: .unix(path: path))
    await again.stop()
  }

  @Test("An address in use is refused, and says so") func addressInUse() async throws {
    for kind in Kind.allCases {
      let server = try await TestServer(at: kind.address)
      let failure = await #expect(throws: SocketFailure.self) {
        _ = try await TestServer(at: server.address)
      }
      #expect(failure?.description == "cannot listen on \(server.address): Address already in use")
      try await withClient(to: [server.address]) { client in
        _ = try await CallClient(client).put(Leaf())
      }
      await server.stop()
    }
  }

  @Test("Loops can be shared: stopping one server leaves another and its clients alone")
  func sharedLoops() async throws {
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    func serve() async throws -> Server {
      let core = ServerCore(router: try Router(services: [Calls()]))
      return try await Server(
        listeningOn: [.tcp(host: "127.0.0.1", port: 0)],
        loops: loops,
        offers: [.usher(core)]
      )
    }
    let first = try await serve()
    let second = try await serve()
    let client = Client(to: second.addresses, loops: loops)
    try await CallClient(client).echo { requests, responses in
      var echoes = responses.makeAsyncIterator()
      try await requests.write(Leaf(weight: 1))
      _ = try await echoes.next()
      let stopped = await first.stop(within: .seconds(20))
      #expect(stopped.isDrained)
      try await requests.write(Leaf(weight: 2))
      let echo = try await echoes.next()
      #expect(echo?.weight == 2)
    }
    client.close()
    let stopped = await second.stop(within: .seconds(20))
    #expect(stopped.isDrained)
  }
}

extension Server.Stopped {
  var isDrained: Bool { if case .drained = self { true } else { false } }
}
