internal import RPCCore
internal import Synchronization
internal import Threads
internal import Wire

/// What a server may take from its machine.
public struct TransportLimits: Sendable, Hashable {
  /// How many connections may be open at once.
  public var connectionsMax = 10_000
  /// How many connections may wait to be accepted.
  public var backlog: Int32 = 4_096
  /// How long a new connection may be silent before it gets the first of several protocols, whose
  /// clients may wait to be greeted.
  public var greetingDelay = Duration.milliseconds(50)

  /// How many bytes of output all connections of a loop may hold for peers that do not take it. Who
  /// holds most when it becomes more is dropped.
  public var unreadBytesMax = 256 << 20

  /// The limits that are right for most.
  public static let defaults = TransportLimits()

  /// Limits at their defaults.
  public init() {}
}

/// Listens, spreads connections over event loops, and stops in an orderly way.
public final class Server: Sendable {
  /// Where it listens, with the ports that the kernel chose.
  public let addresses: [SocketAddress]

  private let loops: EventLoopGroup
  private let limits: TransportLimits
  private let state: Guarded<State>
  private let lastID: Atomic<UInt64>
  private let listeners: LoopBound<ListenerList>

  private struct State {
    var phase = Phase.running
    var connections = 0
    var connectionsCut = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private enum Phase { case running, stopping }

  private final class ListenerList { var all: [Listener] = [] }

  /// Listens on `addresses` and speaks the `offers` there; with several, the first byte of a
  /// connection chooses, and a client that waits to be greeted gets the first.
  public convenience init(
    listeningOn addresses: [SocketAddress],
    loops: EventLoopGroup,
    offers: [ProtocolOffer],
    limits: TransportLimits = .defaults
  ) async throws {
    let bound = try BoundAddresses(addresses, backlog: limits.backlog)
    try await self.init(listeningOn: bound, loops: loops, offers: offers, limits: limits)
  }

  /// Takes over `bound`, and answers whoever waits there.
  public init(
    listeningOn bound: BoundAddresses,
    loops: EventLoopGroup,
    offers: [ProtocolOffer],
    limits: TransportLimits = .defaults
  ) async throws {
    precondition(!offers.isEmpty, "a server speaks at least one protocol")
    self.loops = loops
    self.limits = limits
    state = Guarded(State())
    lastID = Atomic(0)
    let acceptor = loops.loops[0]
    let list = LoopBound(ListenerList(), to: acceptor)
    listeners = list
    addresses = bound.addresses
    let unwatched = Guarded<SocketAddress?>(nil)
    await acceptor.perform { [self] in
      for one in bound.all {
        guard let socket = one.socket.take() else { continue }
        guard let poll = acceptor.makePoll(for: socket.descriptor) else {
          one.name?.remove()
          unwatched.withLock { $0 = one.address }
          continue
        }
        list.value.all.append(
          Listener(
            socket,
            at: one.address,
            name: one.name,
            poll: poll,
            on: acceptor,
            refusal: offers[0].refusal
          ) { socket in
            self.accepted(socket, offers)
          }
        )
      }
    }
    guard let failed = unwatched.withLock({ $0 }) else { return }
    await closeListeners()
    throw SocketFailure("cannot listen on \(failed): the system lacks memory to watch it")
  }

  private func accepted(_ socket: consuming Socket, _ offers: [ProtocolOffer]) {
    let limit = limits.connectionsMax
    let refusal: String? = state.withLock { state in
      if state.phase == .stopping { return "the server is stopping" }
      if state.connections >= limit { return "\(limit) connections are open" }
      state.connections += 1
      return nil
    }
    if let refusal { return Listener.refuse(socket, offers[0].refusal(refusal)) }
    let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
    let loop = loops.next()
    let box = DescriptorBox(socket)
    loop.execute { [self] in
      guard let socket = box.take() else { return }
      guard let poll = loop.makePoll(for: socket.descriptor) else {
        Listener.refuse(socket, offers[0].refusal("the system lacks memory for a connection"))
        return connectionClosed(wasCut: false)
      }
      let session =
        offers.count == 1
        ? offers[0].makeSession(loop, loop.scratch)
        : ChoosingSession(
          among: offers,
          scratch: loop.scratch,
          patience: limits.greetingDelay
        )
      let connection = Connection(
        id: id,
        socket: socket,
        poll: poll,
        loop: loop,
        owner: ObjectIdentifier(self),
        unreadBytesMax: limits.unreadBytesMax,
        session: session
      ) { wasCut in
        self.connectionClosed(wasCut: wasCut)
      }
      connection.start()
      if state.withLock({ $0.phase == .stopping }) { connection.drain("the server is stopping") }
    }
  }

  private func connectionClosed(wasCut: Bool) {
    let waiters = state.withLock { state in
      state.connections -= 1
      if wasCut, state.phase == .stopping { state.connectionsCut += 1 }
      guard state.connections == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// How many connections are open.
  public var connectionCount: Int { state.withLock { $0.connections } }
}

// MARK: - Stopping

extension Server {
  /// How stopping went.
  public enum Stopped: Sendable {
    /// Every open call finished.
    case drained
    /// That many connections were cut: the deadline came first, or a peer did not take the last that
    /// was written to it.
    case cut(connections: Int)
  }

  /// Takes no more connections and calls, lets open calls finish, and cuts what is left after
  /// `deadline`. Returns when every connection is gone, which is soon after the deadline at the latest.
  public func stop(within deadline: Duration) async -> Stopped {
    state.withLock { $0.phase = .stopping }
    // Waited for, so that a unix socket's name is gone when this returns.
    await closeListeners()
    everyConnection { $0.drain("the server is stopping") }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.allClosed() }
      group.addTask {
        // Cancelled when all is closed before; then there is nothing to cut.
        guard (try? await Task.sleep(for: deadline)) != nil else { return }
        await self.cutAll()
      }
      await group.next()
      group.cancelAll()
    }
    let cut = state.withLock { $0.connectionsCut }
    return cut == 0 ? .drained : .cut(connections: cut)
  }

  private func closeListeners() async {
    await loops.loops[0].perform { [listeners] in
      for listener in listeners.value.all { listener.close() }
      listeners.value.all = []
    }
  }

  private func cutAll() async {
    everyConnection { $0.cut("the server stopped") }
    await allClosed()
  }

  private func everyConnection(_ body: @escaping @Sendable (Connection) -> Void) {
    for loop in loops.loops {
      loop.execute { loop.forEachConnection(of: ObjectIdentifier(self), body) }
    }
  }

  private func allClosed() async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        if state.connections == 0 { return true }
        state.waiters.append(continuation)
        return false
      }
      if isDone { continuation.resume() }
    }
  }
}

/// A socket on its way to another thread: taken out once.
final class DescriptorBox: Sendable {
  private let descriptor: Guarded<Int32?>

  init(_ socket: consuming Socket) { descriptor = Guarded(socket.release()) }

  func take() -> Socket? {
    let taken = descriptor.withLock { descriptor in
      defer { descriptor = nil }
      return descriptor
    }
    return taken.map { Socket(descriptor: $0) }
  }

  deinit { _ = take() }
}
