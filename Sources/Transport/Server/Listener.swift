internal import CLibuv
internal import Glibc
internal import RPCCore

/// A socket that waits for connections, on a loop.
///
/// Running out of descriptors must not stop it, nor make it spin on a connection that it can neither
/// take nor see go away: it keeps one descriptor in reserve, gives it up to take the connection,
/// says why it cannot stay, and takes the reserve again.
final class Listener {
  /// The address, with the port that the kernel chose if none was asked for.
  let address: SocketAddress

  private let name: SocketName?
  private var socket: Socket?
  private let loop: EventLoop
  private let poll: UnsafeMutablePointer<uv_poll_t>
  private let refusal: (String) -> [UInt8]
  private let onAccept: (consuming Socket) -> Void
  private var reserve: Socket?
  private var isOpen = true
  private var pause: (any ScheduledAction)?

  private static let acceptsPerTurn = 128
  /// Enough for a full backlog, and an end to a crowd that does not end.
  private static let turnsAtTheEnd = 64
  private static let pauseWhenStarved = Duration.milliseconds(100)

  /// Takes over `socket`, which listens already, and the handle that watches it on `loop`, which has
  /// to be current.
  init(
    _ socket: consuming Socket,
    at address: SocketAddress,
    name: SocketName?,
    poll: UnsafeMutablePointer<uv_poll_t>,
    on loop: EventLoop,
    refusal: @escaping (String) -> [UInt8],
    onAccept: @escaping (consuming Socket) -> Void
  ) {
    self.address = address
    self.name = name
    self.loop = loop
    self.refusal = refusal
    self.onAccept = onAccept
    self.poll = poll
    self.socket = consume socket
    reserve = Self.takeReserve()
    // Released in `listenerClosed`.
    poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
    watch()
  }

  deinit { poll.deallocate() }

  /// Takes no more connections, and takes a unix socket's name away if it still has it. Only on the
  /// loop.
  ///
  /// Those that wait are taken before, so that they are told: closing would cut them off, and their
  /// peers, which may have written calls already, could not know that these were not run.
  func close() {
    guard isOpen else { return }
    var turnsLeft = Self.turnsAtTheEnd
    while turnsLeft > 0, takeWaiting() == .maybeMore { turnsLeft -= 1 }
    isOpen = false
    pause?.cancel()
    // Before the socket is closed: until then no other can be taken for it.
    name?.remove()
    uv_poll_stop(poll)
    uv_close(
      UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self),
      listenerClosed
    )
    // Not closed alone: a child that is being started may still hold a copy.
    socket?.shutdownAll()
    socket = nil
  }

  private func watch() { uv_poll_start(poll, CInt(UV_READABLE.rawValue), listenerReady) }

  fileprivate func ready() { loop.turn { _ = takeWaiting() } }

  private enum Waiting { case none, maybeMore }

  /// Takes those that wait, as many as one turn may. Answers whether others may.
  private func takeWaiting() -> Waiting {
    for _ in 0..<Self.acceptsPerTurn where isOpen {
      switch accept() {
      case .processed(let descriptor): onAccept(Socket(descriptor: CInt(descriptor)))
      case .wouldBlock: return .none
      case .failed(EMFILE), .failed(ENFILE):
        guard refuseOne() else { return rest() }
      case .failed(ENOBUFS), .failed(ENOMEM): return rest()
      case .failed: continue  // that connection broke before it was taken
      }
    }
    return .maybeMore
  }

  private func accept() -> IOResult { socket?.accept() ?? .wouldBlock }

  /// Takes a connection with the descriptor in reserve, and tells it to come again.
  private func refuseOne() -> Bool {
    guard reserve != nil else {
      reserve = Self.takeReserve()
      return false
    }
    reserve = nil
    defer { reserve = Self.takeReserve() }
    guard case .processed(let descriptor) = accept() else { return false }
    Self.refuse(Socket(descriptor: CInt(descriptor)), refusal("no descriptors are left"))
    return true
  }

  /// Says why a connection is not taken, and closes it.
  static func refuse(_ socket: consuming Socket, _ bytes: [UInt8]) {
    // A new socket has room for this; where it has not, the peer sees the connection close.
    _ = bytes.withUnsafeBytes { socket.send($0) }
    socket.shutdownSending()
  }

  private func rest() -> Waiting {
    uv_poll_stop(poll)
    pause = loop.schedule(at: loop.now + Self.pauseWhenStarved) { [weak self] in
      guard let self, isOpen else { return }
      watch()
    }
    return .none
  }

  private static func takeReserve() -> Socket? {
    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    return descriptor < 0 ? nil : Socket(descriptor: descriptor)
  }
}

extension Listener {
  /// A socket that listens at `address`.
  static func bind(_ address: SocketAddress, backlog: CInt) throws(SocketFailure) -> Socket {
    guard let native = try NativeAddress.resolve(address).first else {
      throw SocketFailure("\(address): no such address")
    }
    let socket = try Socket.make(family: native.family)
    if case .unix(let path) = address { removeStale(path, native) }
    socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
    let bound = native.with { Glibc.bind(socket.descriptor, $0, $1) }
    guard bound == 0 else { throw SocketFailure("cannot listen on \(address)", systemError: errno) }
    guard listen(socket.descriptor, backlog) == 0 else {
      SocketName(address)?.remove()
      throw SocketFailure("cannot listen on \(address)", systemError: errno)
    }
    return socket
  }

  /// Removes a unix socket's name that nobody listens behind, left by a process that was killed.
  private static func removeStale(_ path: String, _ native: NativeAddress) {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFSOCK,
      let probe = try? Socket.make(family: AF_UNIX)  // without a probe, bind says what is wrong
    else { return }
    let connected = native.with { connect(probe.descriptor, $0, $1) }
    if connected != 0, errno == ECONNREFUSED { unlink(path) }
  }
}

private func listenerReady(
  _ handle: UnsafeMutablePointer<uv_poll_t>?,
  _ status: CInt,
  _ events: CInt
) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<Listener>.fromOpaque(data).takeUnretainedValue().ready()
}

private func listenerClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<Listener>.fromOpaque(data).release()
}
