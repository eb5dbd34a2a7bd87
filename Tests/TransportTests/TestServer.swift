import Fixtures
import Foundation
import RPCCore
import SocketSupport
import Threads
import Transport
import Wire

/// Answers every kind of call, and does as a test tells it where that matters.
struct Calls: CallService {
  /// What `Default`, whose effects cannot be undone, does with its request.
  var onDefault: @Sendable (Leaf) async throws -> Leaf = { $0 }
  /// Happens when a stream of responses has sent all it was asked for; it stays open if `isHeld`.
  var scattered: Event?
  var isHeld: Event?

  func peek(_ request: Leaf, context: CallContext) throws -> Reply<Scalars> {
    Reply(Scalars(leaf: request))
  }

  func put(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> { Reply(request) }

  func `default`(_ request: Leaf, context: CallContext) async throws -> Reply<Leaf> {
    Reply(try await onDefault(request))
  }

  func gather(
    _ requests: RequestStream<Leaf>,
    context: CallContext
  ) async throws -> Reply<Lists> {
    var lists = Lists()
    for try await leaf in requests { lists.leaves.append(leaf) }
    return Reply(lists)
  }

  func scatter(
    _ request: Lists,
    to responses: ResponseWriter<Leaf>,
    context: CallContext
  ) async throws {
    for leaf in request.leaves { try await responses.write(leaf) }
    scattered?.happen()
    await isHeld?.wait()
  }

  func echo(
    _ requests: RequestStream<Leaf>,
    to responses: ResponseWriter<Leaf>,
    context: CallContext
  ) async throws {
    for try await leaf in requests { try await responses.write(leaf) }
  }
}

/// A server of ``Calls`` on loops of its own.
final class TestServer: Sendable {
  let server: Server
  let loops: EventLoopGroup
  var address: SocketAddress { server.addresses[0] }

  init(
    _ service: Calls = Calls(),
    at address: SocketAddress = .tcp(host: "127.0.0.1", port: 0),
    loops count: Int = 1,
    limits: ServerLimits = .defaults,
    transport: TransportLimits = .defaults,
    events: (any ServerEvents)? = nil,
    offers: (ServerCore) -> [ProtocolOffer] = { [.usher($0)] }
  ) async throws {
    let core = ServerCore(
      router: try Router(services: [service]),
      limits: limits,
      events: events
    )
    loops = EventLoopGroup(count: count)
    server = try await Server(
      listeningOn: [address],
      loops: loops,
      offers: offers(core),
      limits: transport
    )
  }

  @discardableResult
  func stop(within deadline: Duration = .seconds(20)) async -> Server.Stopped {
    let stopped = await server.stop(within: deadline)
    loops.stop()
    return stopped
  }
}

/// Counts what a server tells.
final class EventCounter: ServerEvents {
  private struct Counts {
    var opened = 0
    var closed: [String?] = []
    var calls: [StatusCode] = []
  }

  private let counts = Guarded(Counts())

  var opened: Int { counts.withLock { $0.opened } }
  var closed: [String?] { counts.withLock { $0.closed } }
  var calls: [StatusCode] { counts.withLock { $0.calls } }

  func connectionOpened(_ connectionID: UInt64) { counts.withLock { $0.opened += 1 } }

  func connectionClosed(_ connectionID: UInt64, reason: String?) {
    counts.withLock { $0.closed.append(reason) }
  }

  func callEnded(_ report: borrowing CallReport) {
    let status = report.status
    counts.withLock { $0.calls.append(status) }
  }
}

extension RawPeer {
  /// Asks for answers that it does not take, until the server reads no more.
  func askWithoutReading() async throws {
    let request = Leaf(name: String(repeating: "x", count: 60_000))
    var id: UInt32 = 0
    var unsent: ArraySlice<UInt8> = []
    // Whoever was dropped can always send, and never gets anything sent.
    var isStuck = false
    while true {
      if unsent.isEmpty {
        id += 1
        unsent = bytes(open(id, CallMethods.put), request)[...]
      }
      let sent = sendUntilFull(Array(unsent))
      unsent = unsent.dropFirst(sent)
      guard sent == 0 else { isStuck = false; continue }
      guard !isStuck, try await canSend(withinMs: 200) else { return }
      isStuck = true
    }
  }
}
