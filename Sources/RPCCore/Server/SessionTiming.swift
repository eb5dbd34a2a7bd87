/// What a server's side of a connection waits for, and how long it will.
///
/// A connection has one alarm. It is set to the soonest of what may run out and is not moved when
/// something else happens first: when it rings, this looks at what is due and at when to look again.
/// So a call with a deadline costs a comparison, not a timer.
struct SessionTiming {
  private let limits: ServerLimits
  private let outputTimeout: Wait
  private let openedAt: Moment
  private var frameTime: FrameTime
  private var lastCallAt: Moment
  private var outputWaitsSince: Moment?
  private var soonestDeadline: Moment?
  private var keepAlive: KeepAlive
  private var lastPing: UInt64 = 0
  /// When the alarm rings.
  private var alarm: Moment?

  init(limits: ServerLimits, openedAt: Moment) {
    self.limits = limits
    outputTimeout = Wait(limits.outputTimeout)
    self.openedAt = openedAt
    lastCallAt = openedAt
    frameTime = FrameTime(limit: limits.frameTimeout)
    keepAlive = KeepAlive(
      interval: limits.keepAliveInterval,
      timeout: limits.keepAliveTimeout,
      now: openedAt
    )
  }

  // MARK: What happens

  /// The peer is there.
  mutating func heard(at now: Moment) { keepAlive.heard(at: now) }

  /// The peer sends no more. Answers when to look whether it is still there to be answered.
  mutating func peerEnded(at now: Moment) -> Moment {
    keepAlive.peerEnded(at: now)
    return now
  }

  /// All bytes of a read have been looked at: `frames` have come since the connection opened, and
  /// the last one is still incomplete if `isMidFrame`. Answers when it has to be complete.
  mutating func lookedAt(at now: Moment, frames: UInt64, isMidFrame: Bool) -> Moment? {
    frameTime.lookedAt(at: now, frames: frames, isMidFrame: isMidFrame)
  }

  mutating func callOpened(at now: Moment) { lastCallAt = now }

  mutating func callEnded(at now: Moment) { lastCallAt = now }

  /// A call waits for its handler. Answers when to look after it and after its peer.
  mutating func expects(_ call: ServerCall) -> Moment {
    guard let deadline = call.context.deadline else { return keepAlive.nextLook }
    return min(expects(deadline), keepAlive.nextLook)
  }

  /// A call has a deadline. Answers when to look.
  mutating func expects(_ deadline: Moment) -> Moment {
    let soonest = min(deadline, soonestDeadline ?? deadline)
    soonestDeadline = soonest
    return soonest
  }

  /// Output waits that did not before. Answers when some of it has to be taken.
  mutating func beganOutput(at now: Moment) -> Moment {
    outputWaitsSince = now
    return now + outputTimeout
  }

  /// Some of the output was taken, so the peer still reads.
  mutating func wrote(at now: Moment, isAllWritten: Bool) {
    // It is there, though a PING may stand behind the output, or its answer is not read meanwhile.
    if !isAllWritten { keepAlive.heard(at: now) }
    outputWaitsSince = isAllWritten ? nil : now
  }

  // MARK: The alarm

  /// Whether the alarm has to be moved to ring at `moment`; remembers that it was.
  mutating func isSooner(_ moment: Moment) -> Bool {
    if let alarm, alarm <= moment { return false }
    alarm = moment
    return true
  }

  enum OnCheck: Equatable {
    case goOn
    /// Ask the peer whether it is there.
    case ping(UInt64)
    /// Leave politely.
    case drain(String)
    /// Say why, and close.
    case end(timedOut: String)
    /// Nobody reads: close without a word.
    case lost(String)
  }

  /// The alarm rang: what is due now, calls apart.
  mutating func check(now: Moment, hasCalls: Bool) -> OnCheck {
    if let outputWaitsSince, now >= outputWaitsSince + outputTimeout {
      return .lost("the peer took no output for \(limits.outputTimeout)")
    }
    if frameTime.framesSeen == 0, now >= openedAt + limits.firstFrameTimeout {
      return .end(timedOut: "no frame came within \(limits.firstFrameTimeout)")
    }
    if let due = frameTime.due, now >= due {
      return .end(timedOut: "a frame was not complete within \(limits.frameTimeout)")
    }
    if !hasCalls {
      return now >= lastCallAt + limits.idleTimeout ? .drain("no call for a long time") : .goOn
    }
    switch keepAlive.woke(at: now) {
    case .wait: return .goOn
    case .dead: return .lost("the peer does not answer")
    case .ping:
      lastPing += 1
      return .ping(lastPing)
    }
  }

  enum OnDeadline: Equatable { case none, expired, graceOver }

  /// The alarm rang: whether a call's time is up. Call ``beginDeadlines()`` before the first.
  mutating func check(deadline: Moment?, isExpired: Bool, now: Moment) -> OnDeadline {
    guard let deadline else { return .none }
    let due = isExpired ? deadline + limits.deadlineGrace : deadline
    guard now < due else { return isExpired ? .graceOver : .expired }
    _ = expects(due)
    return .none
  }

  mutating func beginDeadlines() { soonestDeadline = nil }

  /// Sets the alarm anew, and answers when it rings.
  mutating func nextAlarm(hasCalls: Bool) -> Moment {
    var soonest = hasCalls ? keepAlive.nextLook : lastCallAt + limits.idleTimeout
    if frameTime.framesSeen == 0 { soonest = min(soonest, openedAt + limits.firstFrameTimeout) }
    if let due = frameTime.due { soonest = min(soonest, due) }
    if let outputWaitsSince { soonest = min(soonest, outputWaitsSince + outputTimeout) }
    if let soonestDeadline { soonest = min(soonest, soonestDeadline) }
    alarm = soonest
    return soonest
  }
}
