public import RPCCore
internal import Wire

/// A connection whose other end is the test: what the session writes is kept to be looked at, what the
/// test sends is handed over at once, as long as the session reads.
public final class RecordingLink: Link {
  /// How the connection ended.
  public enum Ending: Hashable, Sendable {
    /// All that waited was written first.
    case closed
    /// At once, for that reason.
    case aborted(String)
  }

  /// Where the connection lives.
  public let loop: any Loop
  /// The connection's number.
  public let id: UInt64
  /// Whether the test's end reads. What the session writes waits while it does not.
  public var isTaking = true
  /// Whether the session reads.
  public private(set) var isReading = true
  /// How the connection ended; nil as long as it stands.
  public private(set) var ending: Ending?
  /// When the session asked to be woken.
  public private(set) var alarmAt: Moment?

  private var session: (any Session)?
  private var written: [UInt8] = []
  private var backlog: [UInt8] = []
  private var alarm: (any ScheduledAction)?
  private var isClosing = false

  /// A connection on which `session` speaks. Call ``open()`` when everything is in place.
  public init(_ session: any Session, on loop: any Loop, id: UInt64 = 1) {
    self.session = session
    self.loop = loop
    self.id = id
  }

  /// Tells the session that the connection stands.
  public func open() { session?.opened(on: self) }
}

// MARK: - The test's end

extension RecordingLink {
  /// Hands bytes to the session, now or as soon as it reads.
  public func deliver(_ bytes: [UInt8]) {
    guard ending == nil else { return }
    guard isReading, backlog.isEmpty else { return backlog += bytes }
    bytes.withUnsafeBytes { session?.received($0) }
  }

  /// Sends no more.
  public func halfClose() { session?.receivedEnd() }

  /// Breaks the connection.
  public func lose(_ reason: String? = nil) { end(.aborted(reason ?? ""), reason) }

  /// What the session wrote since this was asked last.
  public func takeWritten() -> [UInt8] {
    defer { written = [] }
    return written
  }

  /// How many bytes the session has written that the test's end did not take.
  public var waitingBytes: Int { session?.output?.bytes.count ?? 0 }

  /// Takes at most `count` bytes of what the session has written.
  public func take(atMost count: Int = .max) {
    guard let session, let output = session.output else { return finishClosing() }
    let taken = output.bytes.withBytes { Array($0.prefix(count)) }
    written += taken
    output.bytes.consume(taken.count)
    if output.bytes.isEmpty { session.output = nil }
    session.wrote()
    finishClosing()
  }

  private func takeAll() {
    while isTaking, session?.output != nil { take() }
    finishClosing()
  }

  private func finishClosing() {
    if isClosing, session?.output == nil { end(.closed, nil) }
  }

  private func end(_ ending: Ending, _ reason: String?) {
    guard self.ending == nil, let session else { return }
    self.ending = ending
    self.session = nil
    alarm?.cancel()
    session.output = nil
    session.lost(reason)
  }
}

// MARK: - The session's end

extension RecordingLink {
  /// Answers a buffer that is taken in a later turn, if the test's end reads.
  public func beginOutput() -> OutputBuffer {
    takeLater()
    return OutputBuffer(capacity: 1024)
  }

  /// Wakes the session when the clock is moved to `moment`.
  public func wake(at moment: Moment) {
    alarm?.cancel()
    alarmAt = moment
    alarm = loop.schedule(at: moment) { [weak self] in self?.session?.woke() }
  }

  /// The session does not read.
  public func pauseReading() { isReading = false }

  /// The session reads again.
  public func resumeReading() {
    isReading = true
    let link = LoopBound(self, to: loop)
    loop.execute {
      let bytes = link.value.backlog
      link.value.backlog = []
      if !bytes.isEmpty { link.value.deliver(bytes) }
    }
  }

  /// Closes when the test's end has taken all.
  public func close() {
    isClosing = true
    takeLater()
  }

  /// Closes now.
  public func abort(_ reason: String) { end(.aborted(reason), reason) }

  private func takeLater() {
    let link = LoopBound(self, to: loop)
    loop.execute { link.value.takeAll() }
  }
}
