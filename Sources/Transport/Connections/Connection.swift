internal import CLibuv
internal import Glibc
internal import RPCCore
internal import Wire

/// A socket, its place on a loop, and what speaks on it.
///
/// It moves bytes and keeps time for a session, and knows none of what they mean. libuv watches the
/// descriptor; reading, writing and closing are plain system calls, one read and one write for each
/// turn in which there is something to do.
final class Connection: Link {
  let id: UInt64
  let eventLoop: EventLoop
  /// The server that took it; nil for a client's own.
  let owner: ObjectIdentifier?
  var loop: any Loop { eventLoop }
  /// How much of what the peers of one server on one loop do not take may wait.
  let unreadBytesMax: Int

  private let socket: Socket
  private let poll: UnsafeMutablePointer<uv_poll_t>
  private let alarm: UnsafeMutablePointer<uv_timer_t>
  private let onClosed: (_ wasCut: Bool) -> Void
  // Not checked for overlapping access, as in the loop itself.
  @exclusivity(unchecked)
  private var session: any Session
  @exclusivity(unchecked)
  private var phase = Phase.open
  @exclusivity(unchecked)
  private var outputWaits = false
  private var watched: CInt = 0
  private var wantsToRead = true
  private var peerEnded = false
  private var handlesOpen: UInt8 = 2
  /// Whether somebody wants it gone, so that its peer is given little time.
  private var isHurried = false
  /// Whether something was ended or dropped that its peer had a right to.
  private var wasCut = false

  private enum Phase {
    case open
    /// Nothing new is written; what waits is, and then the peer is given a moment to read it.
    case closing
    /// All is written. What still comes is thrown away, since closing a socket with unread input
    /// would take back what the peer has not read yet.
    case lingering
    case closed
  }

  /// How long a peer is given to take what waits when the connection closes.
  private static let lastWriteMs: UInt64 = 5_000
  /// How long a peer is given to read the last of what was written.
  private static let lingerMs: UInt64 = 1_000
  /// How long it is given for both once the connection was cut.
  private static let hurriedMs: UInt64 = 200

  /// Takes over `socket` and the handle that watches it on `loop`, which has to be current. `onClosed`
  /// is told whether the connection was cut, by us or by time, before its peer had all.
  init(
    id: UInt64,
    socket: consuming Socket,
    poll: UnsafeMutablePointer<uv_poll_t>,
    loop: EventLoop,
    owner: ObjectIdentifier? = nil,
    unreadBytesMax: Int = .max,
    session: any Session,
    onClosed: @escaping (_ wasCut: Bool) -> Void
  ) {
    self.id = id
    self.owner = owner
    self.unreadBytesMax = unreadBytesMax
    eventLoop = loop
    self.session = session
    self.onClosed = onClosed
    self.poll = poll
    alarm = .allocate(capacity: 1)
    uv_timer_init(loop.uv, alarm)
    self.socket = socket
    let data = Unmanaged.passUnretained(self).toOpaque()
    poll.pointee.data = data
    alarm.pointee.data = data
  }

  deinit {
    poll.deallocate()
    alarm.deallocate()
  }

  /// Begins. The loop keeps the connection until both handles are closed.
  func start() {
    eventLoop.add(self)
    socket.disableDelay()
    watch()
    session.opened(on: self)
  }

  /// Lets another session speak from here on.
  func become(_ session: any Session) {
    self.session = session
    session.opened(on: self)
  }

  func drain(_ reason: String) { if phase == .open { session.drain(reason) } }

  /// Ends what is open. Its peer, or that of a connection that is closing already, is given only a
  /// moment more.
  func cut(_ reason: String) {
    isHurried = true
    switch phase {
    case .open:
      wasCut = true
      session.cut(reason)
      // A session may take its time to close; then so does the alarm that is its own.
      if phase != .open { hurry() }
    case .closing, .lingering: hurry()
    case .closed: break
    }
  }

  private func hurry() {
    guard phase != .closed else { return }
    uv_timer_start(alarm, connectionAlarm, Self.hurriedMs, 0)
  }
}

// MARK: - Link

extension Connection {
  func beginOutput() -> OutputBuffer { eventLoop.markDirty(self) }

  func wake(at moment: Moment) {
    guard phase == .open else { return }
    uv_timer_start(alarm, connectionAlarm, eventLoop.milliseconds(until: moment), 0)
  }

  func pauseReading() {
    wantsToRead = false
    watch()
  }

  func resumeReading() {
    wantsToRead = true
    watch()
  }

  func close() {
    guard phase == .open else { return }
    phase = .closing
    // The output, if there is any, leaves at the end of the turn, or when the peer takes it.
    guard session.output != nil else { return finishClosing() }
    uv_timer_start(alarm, connectionAlarm, Self.lastWriteMs, 0)
    watch()
  }

  func abort(_ reason: String) { destroy(reason) }

  private func finishClosing() {
    guard !peerEnded else { return destroy(nil) }
    phase = .lingering
    socket.shutdownSending()
    // Where it is hurried, the alarm is set already and stays.
    if !isHurried { uv_timer_start(alarm, connectionAlarm, Self.lingerMs, 0) }
    watch()
  }

  private func destroy(_ reason: String?) {
    guard phase != .closed else { return }
    phase = .closed
    uv_poll_stop(poll)
    for handle in [UnsafeMutableRawPointer(poll), UnsafeMutableRawPointer(alarm)] {
      uv_close(handle.assumingMemoryBound(to: uv_handle_t.self), connectionHandleClosed)
    }
    if let output = session.output {
      session.output = nil
      eventLoop.giveBack(output)
    }
    session.lost(reason)
  }

  fileprivate func handleClosed() {
    handlesOpen -= 1
    guard handlesOpen == 0 else { return }
    eventLoop.remove(self)
    onClosed(wasCut)
  }
}

// MARK: - Events

extension Connection {
  /// Watches for what is wanted now, and tells the kernel only if that has changed.
  private func watch() {
    guard phase != .closed else { return }
    var wanted: CInt = 0
    let reads = phase == .open ? wantsToRead : phase == .lingering
    if reads, !peerEnded { wanted |= CInt(UV_READABLE.rawValue) }
    if outputWaits { wanted |= CInt(UV_WRITABLE.rawValue) }
    // Even when nothing is wanted, the kernel should tell that the peer is gone.
    if wanted == 0 { wanted = CInt(UV_PRIORITIZED.rawValue) }
    guard wanted != watched else { return }
    watched = wanted
    uv_poll_start(poll, wanted, connectionReady)
  }

  fileprivate func ready(_ events: CInt, failed: Bool) {
    eventLoop.gather {
      if failed || events & CInt(UV_PRIORITIZED.rawValue) != 0 {
        readLast()
        return 0
      }
      if events & CInt(UV_WRITABLE.rawValue) != 0 { flush() }
      return events & CInt(UV_READABLE.rawValue) != 0 ? read() : 0
    }
  }

  fileprivate func alarmRang() {
    eventLoop.turn {
      switch phase {
      case .open: session.woke()
      case .closing:
        wasCut = true
        destroy(nil)
      case .lingering: destroy(nil)
      case .closed: break
      }
    }
  }

  /// Answers how many bytes were there; 0 if no more are to be read.
  private func read() -> Int {
    guard phase == .open || phase == .lingering else { return 0 }
    switch socket.receive(into: eventLoop.readBuffer) {
    case .processed(0):
      peerEnded = true
      watch()
      if phase == .open { session.receivedEnd() } else { destroy(nil) }
    case .processed(let count):
      guard phase == .open else { return count }
      session.received(UnsafeRawBufferPointer(rebasing: eventLoop.readBuffer[..<count]))
      return wantsToRead ? count : 0
    case .wouldBlock: break
    case .failed(let error): destroy(describe(error))
    }
    return 0
  }

  /// The connection broke. What the peer had sent before is still there, and may say why.
  private func readLast(after writeError: CInt? = nil) {
    while read() > 0 {}
    // Asked for now, since it is gone once it was asked for, and reading should meet it.
    let error = writeError ?? socket.takeError()
    destroy(error == 0 ? "the connection broke" : describe(error))
  }

  /// What waits because the peer does not take it.
  var unreadBytes: Int { phase != .closed && outputWaits ? session.output?.bytes.count ?? 0 : 0 }

  /// Ends it, though its peer has not had all.
  func drop(_ reason: String) {
    wasCut = true
    destroy(reason)
  }

  /// Writes as much as the kernel takes.
  func flush() {
    guard phase == .open || phase == .closing else { return }
    while let output = session.output {
      guard !output.bytes.isEmpty else {
        session.output = nil
        eventLoop.giveBack(output)
        break
      }
      switch output.bytes.withBytes({ socket.send($0) }) {
      case .processed(let count):
        output.bytes.consume(count)
        if output.bytes.isEmpty {
          session.output = nil
          eventLoop.giveBack(output)
        }
        session.wrote()
        guard phase == .open || phase == .closing else { return }
      case .wouldBlock:
        outputWaits = true
        eventLoop.hasUnread()
        return watch()
      case .failed(let error): return readLast(after: error)
      }
    }
    if outputWaits {
      outputWaits = false
      watch()
    }
    if phase == .closing { finishClosing() }
  }
}

private func connectionReady(
  _ handle: UnsafeMutablePointer<uv_poll_t>?,
  _ status: CInt,
  _ events: CInt
) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue().ready(events, failed: status < 0)
}

private func connectionAlarm(_ handle: UnsafeMutablePointer<uv_timer_t>?) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue().alarmRang()
}

private func connectionHandleClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue().handleClosed()
}
