public import Wire

/// The server's side of one connection: opens calls, keeps account of them, and sees to it that a
/// peer stays within its limits. Lives on the connection's loop.
public final class ServerSession: Session {
  let core: ServerCore
  let scratch: Scratch
  let loop: any Loop
  let handlers: HandlerPool

  // What every call touches is not checked by the runtime for overlapping access, which took a
  // twentieth of the time of a call. One loop does all of it, and none of these is handed on as
  // inout to code that could come back here.

  /// What waits to be written.
  @exclusivity(unchecked)
  public var output: OutputBuffer?

  /// The time at which the present turn began.
  @exclusivity(unchecked)
  private(set) var now: Moment

  @exclusivity(unchecked)
  var phase = Phase.open
  @exclusivity(unchecked)
  var ids = CallIDs()
  @exclusivity(unchecked)
  var lastRoute: Route?
  @exclusivity(unchecked)
  var timing: SessionTiming

  @exclusivity(unchecked)
  var calls = CallTable<ServerCall>()
  /// Handlers that have not returned, whether their calls are still open or not.
  @exclusivity(unchecked)
  var handlersRunning = 0
  var undeliveredBytes = 0
  /// What is held of a frame whose end has not come.
  @exclusivity(unchecked)
  var incompleteBytes = 0
  var pings: PingGuard
  var memo: (any AnyObject & Sendable)?

  /// Whether there is a screen, and whether anyone is told of calls: asked with every call.
  let isScreened: Bool
  let isWatched: Bool
  private(set) var connectionID: UInt64 = 0
  @exclusivity(unchecked)
  private var link: (any Link)?
  private var splitter: FrameSplitter
  /// Whether nothing is read or looked at, because too much output waits.
  @exclusivity(unchecked)
  private var isStalled = false
  /// Whether a call waits until less output does.
  @exclusivity(unchecked)
  private var isRoomWanted = false
  /// What was received and not looked at before it stalled.
  private var stalled = ByteBuffer()

  enum Phase {
    /// Takes calls.
    case open
    /// Takes no new calls; closes when those that are open have finished.
    case draining
    /// Looks at nothing more.
    case closed
  }

  init(core: ServerCore, scratch: Scratch, loop: any Loop) {
    self.core = core
    self.scratch = scratch
    self.loop = loop
    handlers = scratch.handlers(on: loop)
    isScreened = core.screen != nil
    isWatched = core.events != nil
    now = loop.now
    splitter = FrameSplitter(frameBytesMax: core.limits.frameBytesMax)
    pings = PingGuard(interval: core.limits.pingInterval, earlyMax: core.limits.earlyPingsMax)
    timing = SessionTiming(limits: core.limits, openedAt: loop.now)
  }

  var limits: ServerLimits { core.limits }
}

// MARK: - What the link says

extension ServerSession {
  /// Greets the peer.
  public func opened(on link: any Link) {
    self.link = link
    connectionID = link.id
    core.events?.connectionOpened(link.id)
    var frame = OutgoingFrame(.settings)
    frame.settings = limits.settings
    send(frame)
    link.wake(at: timing.nextAlarm(hasCalls: false))
  }

  /// Looks at every frame that is complete now.
  public func received(_ bytes: UnsafeRawBufferPointer) {
    now = loop.now
    guard phase != .closed else { return }
    timing.heard(at: now)
    guard !isStalled else { return stalled.append(bytes) }
    look(at: bytes)
  }

  /// A half-close is a graceful GOAWAY, after which no requests can come.
  public func receivedEnd() {
    now = loop.now
    for call in calls.all { call.requestsCut() }
    arm(timing.peerEnded(at: now))
    peerLeft()
  }

  /// Goes on with what had to wait for room.
  public func wrote() {
    now = loop.now
    timing.wrote(at: now, isAllWritten: output == nil)
    guard !isOutputFull, phase != .closed else { return }
    if isRoomWanted {
      isRoomWanted = false
      for call in calls.all { call.roomCameBack() }
    }
    guard isStalled else { return }
    isStalled = false
    var again = ByteBuffer()
    swap(&again, &stalled)
    again.withBytes { look(at: $0) }
    if !isStalled { link?.resumeReading() }
  }

  /// Ends what has taken too long.
  public func woke() {
    now = loop.now
    guard phase != .closed else { return }
    calls.rest()
    checkDeadlines()
    switch timing.check(now: now, hasCalls: !calls.isEmpty) {
    case .goOn: break
    case .ping(let nonce):
      var frame = OutgoingFrame(.ping)
      frame.nonce = nonce
      send(frame)
    case .drain(let reason): drain(reason)
    case .end(let reason): end(.deadlineExceeded, reason)
    case .lost(let reason):
      phase = .closed
      abandonCalls(reason)
      link?.abort(reason)
    }
    guard phase != .closed else { return }
    link?.wake(at: timing.nextAlarm(hasCalls: !calls.isEmpty))
  }

  private func checkDeadlines() {
    timing.beginDeadlines()
    for call in calls.all {
      let deadline = call.context.deadline
      switch timing.check(deadline: deadline, isExpired: call.isExpired, now: now) {
      case .none: break
      case .expired:
        call.expire()
        // Counted from now: a loop that was late still gives the handler its while.
        if call.isOpen { _ = timing.expects(now + limits.deadlineGrace) }
      case .graceOver:
        call.close(.outcomeUnknown("time ran out, and the handler did not say whether it ran"))
      }
    }
  }

  /// Stops every handler: nobody is there to answer.
  public func lost(_ reason: String?) {
    phase = .closed
    // The splitter may be at work below this, so it keeps what it has until the session goes.
    if incompleteBytes > 0 { countIncomplete(0) }
    abandonCalls(reason ?? "the connection was closed")
    core.events?.connectionClosed(connectionID, reason: reason)
    link = nil
  }

  /// Says GOAWAY, and closes when the calls that are open have finished.
  public func drain(_ reason: String) {
    guard phase == .open else { return }
    phase = .draining
    sendGoAway(.ok, reason)
    closeIfDrained()
  }

  /// Tells every open call that it is cut off, and closes.
  public func cut(_ reason: String) {
    guard phase != .closed else { return }
    for call in calls.all { call.close(call.cutFailure(reason)) }
    phase = .closed
    link?.close()
  }

  /// Forgets the frame whose end has not come; nothing can be read after it.
  func dropIncomplete() {
    splitter = FrameSplitter(frameBytesMax: limits.frameBytesMax)
    if incompleteBytes > 0 { countIncomplete(0) }
  }

  private func look(at bytes: UnsafeRawBufferPointer) {
    do throws(FrameFault) {
      let rest = try splitter.split(bytes) { frame in
        handle(frame)
        return phase != .closed && !isOutputFull
      }
      guard phase != .closed else { return }
      let held = splitter.heldBytes
      if held != incompleteBytes { countIncomplete(held) }
      guard phase != .closed else { return }
      arm(
        timing.lookedAt(at: now, frames: splitter.frameCount, isMidFrame: splitter.isMidFrame)
      )
      if isOutputFull {
        isStalled = true
        stalled.append(rest)
        link?.pauseReading()
      }
    } catch {
      switch error {
      case .notAFrame: end(.internal, "these bytes are not a frame")
      case .tooLarge(let bytes):
        end(
          .resourceExhausted,
          "a frame of \(bytes) bytes; the largest taken is \(limits.frameBytesMax)"
        )
      }
    }
  }
}

// MARK: - What calls and frames need

extension ServerSession {
  /// Where a call's reply is written.
  var exchange: Exchange {
    Exchange(
      scratch: scratch,
      output: beginOutput(),
      frameBytesMax: limits.responseFrameBytesMax
    )
  }

  /// Where a frame's message is read.
  @usableFromInline
  var unpacking: Arena { scratch.unpacking }

  /// Whether so much output waits that nothing may be added that can wait itself.
  var isOutputFull: Bool { (output?.bytes.count ?? 0) > limits.outputBytesMax }

  /// Whether a call may add output that can wait; if not, it is told when it may.
  func hasRoom() -> Bool {
    if isOutputFull { isRoomWanted = true }
    return !isOutputFull
  }

  /// The buffer that output goes to.
  func beginOutput() -> OutputBuffer {
    if let output { return output }
    guard let link else { return OutputBuffer(capacity: 0) }
    let fresh = link.beginOutput()
    output = fresh
    arm(timing.beganOutput(at: now))
    return fresh
  }

  func send(_ frame: borrowing OutgoingFrame) {
    beginOutput().bytes.append(frame)
  }

  func sendClose(call: UInt32, _ failure: RPCFailure) {
    var frame = OutgoingFrame(.close, call: call)
    frame.status = failure.code
    frame.reason = failure.message
    frame.metadata = failure.trailers
    send(frame)
  }

  private func sendGoAway(_ status: StatusCode, _ reason: String) {
    var frame = OutgoingFrame(.goAway, call: ids.highest)
    frame.status = status
    frame.reason = reason
    send(frame)
  }

  /// The peer broke the protocol, or a limit of the whole connection: says so and closes.
  func end(_ status: StatusCode, _ reason: String) {
    guard phase != .closed else { return }
    phase = .closed
    sendGoAway(status, reason)
    abandonCalls(reason)
    link?.close()
  }

  /// The peer takes no more part, and waits for its open calls.
  func peerLeft() {
    guard phase != .closed else { return }
    phase = .draining
    closeIfDrained()
  }

  /// The peer closes the connection, whatever becomes of its calls.
  func peerCloses() {
    phase = .closed
    abandonCalls("the caller closed the connection")
    link?.close()
  }

  func ended(_ call: ServerCall, _ failure: RPCFailure?) {
    calls.remove(call.id)
    timing.callEnded(at: now)
    report(call.context.method.path, call.id, failure, since: call.openedAt)
    closeIfDrained()
  }

  /// Looks at the clock again at `moment`, if that is before it would anyway.
  func arm(_ moment: Moment?) {
    guard let moment, timing.isSooner(moment) else { return }
    link?.wake(at: moment)
  }

  /// More or less waits for handlers. Who makes it too much is ended.
  func undelivered(changedBy bytes: Int) {
    undeliveredBytes += bytes
    guard bytes > 0, undeliveredBytes > limits.undeliveredBytesMax else { return }
    let greediest = calls.all.max { $0.undeliveredBytes < $1.undeliveredBytes }
    greediest?.close(
      RPCFailure(
        .resourceExhausted,
        "too many requests of this connection wait to be read, most of them here"
      )
    )
  }

  func report(_ path: String, _ id: UInt32, _ failure: RPCFailure?, since: Moment) {
    guard let events = core.events else { return }
    events.callEnded(
      CallReport(
        method: path,
        callID: id,
        connectionID: connectionID,
        failure: failure,
        duration: loop.now - since
      )
    )
  }

  private func abandonCalls(_ reason: String) {
    for call in calls.all { call.abandon(RPCFailure(.cancelled, reason)) }
  }

  private func closeIfDrained() {
    guard phase == .draining, calls.isEmpty else { return }
    phase = .closed
    link?.close()
  }
}
