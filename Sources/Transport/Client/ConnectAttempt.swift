internal import CLibuv
internal import Glibc
internal import RPCCore
internal import Threads

/// Tries one address after the other until a connection stands or time is over. Keeps itself until
/// then.
final class ConnectAttempt {
  private let loop: EventLoop
  private let timeout: Duration
  private let connected: (DescriptorBox, UnsafeMutablePointer<uv_poll_t>) -> Void
  private let completed: (String?) -> Void
  private var candidates: [NativeAddress] = []
  private var socket: Socket?
  private var poll: UnsafeMutablePointer<uv_poll_t>?
  private var deadline: (any ScheduledAction)?
  private var lastFailure = "no address was found"
  private var isDone = false

  init(
    on loop: EventLoop,
    timeout: Duration,
    connected: @escaping (DescriptorBox, UnsafeMutablePointer<uv_poll_t>) -> Void,
    completed: @escaping (String?) -> Void
  ) {
    self.loop = loop
    self.timeout = timeout
    self.connected = connected
    self.completed = completed
  }

  /// Begins, on the loop.
  func begin(_ address: SocketAddress) {
    deadline = loop.schedule(at: loop.clockNow + timeout) { [self] in
      finish("no connection within \(timeout)")
    }
    guard !NativeAddress.isNumeric(address) else { return resolved(Self.resolve(address)) }
    let attempt = LoopBound(self, to: loop)
    // Looking a name up blocks, so it has a thread of its own for as long as it takes.
    let isUnderWay = BlockingThread.start {
      let found = Self.resolve(address)
      attempt.run { $0.resolved(found) }
    }
    // Without a thread it is looked up here, late rather than never.
    if !isUnderWay { resolved(Self.resolve(address)) }
  }

  private static func resolve(
    _ address: SocketAddress
  ) -> Result<[NativeAddress], SocketFailure> {
    Result { () throws(SocketFailure) in try NativeAddress.resolve(address) }
  }

  private func resolved(_ found: Result<[NativeAddress], SocketFailure>) {
    switch found {
    case .success(let addresses): candidates = addresses.reversed()
    case .failure(let failure): lastFailure = failure.description
    }
    tryNext()
  }

  private func tryNext() {
    while !isDone {
      guard let address = candidates.popLast() else { return finish(lastFailure) }
      do throws(SocketFailure) {
        let made = try Socket.make(family: address.family)
        let result = address.with { connect(made.descriptor, $0, $1) }
        let error = errno
        let descriptor = made.descriptor
        socket = consume made
        if result == 0 { return succeed() }
        if error == EINPROGRESS { return watch(descriptor) }
        lastFailure = describe(error)
      } catch {
        lastFailure = error.description
      }
    }
  }

  private func watch(_ descriptor: CInt) {
    guard let poll = loop.makePoll(for: descriptor) else { return finish(Self.unwatched) }
    // Released in `connectPollClosed`.
    poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
    self.poll = poll
    uv_poll_start(poll, CInt(UV_WRITABLE.rawValue), connectReady)
  }

  fileprivate func ready() {
    loop.turn {
      stopWatching()
      let error = socket?.takeError() ?? 0
      if error == 0 { return succeed() }
      lastFailure = describe(error)
      tryNext()
    }
  }

  private func succeed() {
    guard !isDone, let socket = socket.take() else { return }
    // Another handle than the one that waited for the connection: that one is still closing.
    guard let poll = loop.makePoll(for: socket.descriptor) else { return finish(Self.unwatched) }
    connected(DescriptorBox(socket), poll)
    finish(nil)
  }

  private static let unwatched = "the system lacks memory for a connection"

  private func finish(_ failure: String?) {
    guard !isDone else { return }
    isDone = true
    stopWatching()
    socket = nil
    deadline?.cancel()
    completed(failure)
  }

  private func stopWatching() {
    guard let poll else { return }
    self.poll = nil
    uv_poll_stop(poll)
    uv_close(
      UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self),
      connectPollClosed
    )
  }
}

private func connectReady(
  _ handle: UnsafeMutablePointer<uv_poll_t>?,
  _ status: CInt,
  _ events: CInt
) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<ConnectAttempt>.fromOpaque(data).takeUnretainedValue().ready()
}

private func connectPollClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let handle, let data = handle.pointee.data else { return }
  Unmanaged<ConnectAttempt>.fromOpaque(data).release()
  handle.withMemoryRebound(to: uv_poll_t.self, capacity: 1) { $0.deallocate() }
}
