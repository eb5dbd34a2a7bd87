internal import Wire

/// The client's side of one connection: opens calls and brings their outcomes home. Lives on the
/// connection's loop.
///
/// Whatever becomes of the connection, each call ends in exactly one way, and where the server may
/// have run a call without our hearing of it, that is what the call says.
public final class ClientSession: Session {
  let loop: any Loop
  let scratch: Scratch
  let limits: ClientLimits

  // What every call touches is not checked by the runtime for overlapping access, which took a
  // fifteenth of the time of a call. One loop does all of it, and neither is handed on as inout to
  // code that could come back here.

  /// What waits to be written.
  @exclusivity(unchecked)
  public var output: OutputBuffer?

  private var link: (any Link)?
  private var splitter: FrameSplitter
  @exclusivity(unchecked)
  private var calls = CallTable<ClientCall>()
  /// The largest frame that the server takes: what it says, or until then what the contract says.
  private var serverFrameBytesMax = 1 << 20
  /// The largest frame that there is, whatever a server says that it takes.
  private static let frameBytesMax = 16 << 20 - 1
  private var hasSettings = false
  /// What opens calls whose requests are too large for a server that has not said what it takes.
  private var unsent: [UInt32: (_ id: UInt32) -> RPCFailure?] = [:]
  /// Whether a call waits until less output does.
  private var isRoomWanted = false
  private var undeliveredBytes = 0
  private var lastID: UInt32 = 0
  private var phase = Phase.open
  private var now: Moment
  private var frameTime: FrameTime
  private var keepAlive: KeepAlive
  private var alarm: Moment?
  private var soonestDeadline: Moment?
  private var lastNonce: UInt64 = 0
  /// Why it takes no more calls, once it does not.
  private var whyLeaving = "the connection takes no more calls"
  private let onChange: (Change) -> Void
  /// How many calls have a number and no end.
  var openCalls: Int { calls.count }
  /// Whether any call ever had one.
  var wasUsed: Bool { lastID > 0 }

  /// What a session tells its pool.
  enum Change {
    /// The server's settings came.
    case settings(Settings)
    /// A call ended, so that there is room for another.
    case callEnded
    /// It takes no more calls; `refusal` says why the server took none at all.
    case leaving(refusal: String?)
    /// The connection is gone.
    case lost(String)
  }

  private enum Phase {
    case open
    /// Open calls finish; new ones have to go elsewhere.
    case leaving
    case closed
  }

  init(
    loop: any Loop,
    scratch: Scratch,
    limits: ClientLimits,
    onChange: @escaping (Change) -> Void
  ) {
    self.loop = loop
    self.scratch = scratch
    self.limits = limits
    self.onChange = onChange
    now = loop.now
    splitter = FrameSplitter(frameBytesMax: limits.frameBytesMax)
    frameTime = FrameTime(limit: limits.frameTimeout)
    keepAlive = KeepAlive(
      interval: limits.keepAliveInterval,
      timeout: limits.keepAliveTimeout,
      now: loop.now
    )
  }

  private var isOutputFull: Bool { (output?.bytes.count ?? 0) > limits.outputBytesMax }

  /// Whether a call may add output that can wait; if not, it is told when it may.
  func hasRoom() -> Bool {
    if isOutputFull { isRoomWanted = true }
    return !isOutputFull
  }
}

// MARK: - What the link says

extension ClientSession {
  /// Begins. A client need not wait for the server's settings.
  public func opened(on link: any Link) {
    self.link = link
    now = loop.now
  }

  /// Looks at every frame that is complete now.
  public func received(_ bytes: UnsafeRawBufferPointer) {
    guard phase != .closed else { return }
    now = loop.now
    keepAlive.heard(at: now)
    do throws(FrameFault) {
      _ = try splitter.split(bytes) { frame in
        handle(frame)
        return phase != .closed
      }
      let due = frameTime.lookedAt(
        at: now,
        frames: splitter.frameCount,
        isMidFrame: splitter.isMidFrame
      )
      if let due { arm(due) }
    } catch {
      fault(Self.notAFrame(bytes, isFirst: splitter.frameCount == 0))
    }
  }

  /// What to say of bytes that are no frame. Where nothing else came before, this is no server of
  /// ours, and how it begins may say what it is.
  private static func notAFrame(_ bytes: UnsafeRawBufferPointer, isFirst: Bool) -> String {
    guard isFirst else { return "the server's bytes are not a frame, or one that is too large" }
    let start = bytes.prefix(24).map { byte -> Character in
      (0x20..<0x7F).contains(byte) ? Character(Unicode.Scalar(byte)) : "."
    }
    return "what answers is no Usher server; it begins with \"\(String(start))\""
  }

  /// The server sends no more, so nothing can be heard of open calls.
  public func receivedEnd() {
    closeLink("the server closed the connection")
  }

  /// Lets streams go on that waited for room.
  public func wrote() {
    guard isRoomWanted, !isOutputFull else { return }
    isRoomWanted = false
    for call in calls.all { call.roomCameBack() }
  }

  /// Looks at what is due.
  public func woke() {
    now = loop.now
    alarm = nil
    soonestDeadline = nil
    for call in calls.all { checkDeadline(call) }
    guard phase != .closed else { return }
    if let due = frameTime.due {
      guard now < due else {
        return fault("a frame was not complete within \(limits.frameTimeout)", .deadlineExceeded)
      }
      arm(due)
    }
    guard !calls.isEmpty else { return }
    switch keepAlive.woke(at: now) {
    case .wait: break
    case .ping:
      lastNonce += 1
      var ping = OutgoingFrame(.ping)
      ping.nonce = lastNonce
      send(ping)
    case .dead: return abort("the server does not answer")
    }
    arm(min(keepAlive.nextLook, soonestDeadline ?? keepAlive.nextLook))
  }

  /// Every call that is open stays without its answer.
  public func lost(_ reason: String?) {
    phase = .closed
    link = nil
    let reason = reason ?? "the connection was closed"
    endAll(reason)
    onChange(.lost(reason))
  }

  /// Takes no new calls, and closes when those that are open have ended.
  public func drain(_ reason: String) {
    guard phase == .open else { return }
    leave(reason)
    closeIfDone()
  }

  /// Ends what is open, and closes.
  public func cut(_ reason: String) { closeLink(reason) }

  private func closeLink(_ reason: String) {
    guard phase != .closed else { return }
    if phase == .open { whyLeaving = reason }
    phase = .closed
    // The link may take its time to close; calls have to go elsewhere from here on.
    onChange(.lost(reason))
    endAll(reason)
    link?.close()
  }

  private func abort(_ reason: String) {
    guard phase != .closed else { return }
    phase = .closed
    link?.abort(reason)
  }

  /// The server broke the protocol, or a limit of the whole connection.
  private func fault(_ reason: String, _ status: StatusCode = .internal) {
    var goAway = OutgoingFrame(.goAway)
    goAway.status = status
    goAway.reason = reason
    send(goAway)
    closeLink(reason)
  }

  private func leave(_ reason: String, isRefused: Bool = false) {
    phase = .leaving
    whyLeaving = reason
    onChange(.leaving(refusal: isRefused ? reason : nil))
  }

  private func closeIfDone() {
    guard phase == .leaving, calls.isEmpty else { return }
    closeLink("the connection was drained")
  }

  private func endAll(_ reason: String) {
    for call in calls.all { call.end(.failure(unanswered(call, .unavailable, reason))) }
  }
}

// MARK: - Frames

extension ClientSession {
  private func handle(_ bytes: UnsafeRawBufferPointer) {
    let frame: FrameView
    do throws(DecodeFailure) {
      frame = try FrameView(reading: bytes)
    } catch {
      return fault("a frame cannot be read")
    }
    scratch.unpacking.reset(budget: FrameView.unpackingBudget(frameBytes: bytes.count))
    switch frame.kind {
    case .close: close(frame)
    case .message:
      guard let call = calls[frame.call] else { break }
      if !call.didReceive(frame.message) {
        fault("call \(frame.call) was sent what it does not take")
      }
    case .credit:
      guard let call = calls[frame.call] else { break }
      if !call.didGain(frame.credit) { fault("call \(frame.call) was given too much credit") }
    case .settings:
      guard let settings = frame.settings else { break }
      if settings.frameBytesMax > 0 {
        serverFrameBytesMax = min(Int(settings.frameBytesMax), Self.frameBytesMax)
      }
      hasSettings = true
      sendUnsent()
      for call in calls.all { call.roomCameBack() }
      keepAlive.ask(atMostEvery: .milliseconds(Int64(settings.pingIntervalMsMin)))
      onChange(.settings(settings))
    case .goAway: goAway(frame)
    case .ping:
      // A server that reads is answered; one that only talks must not make us keep what we say.
      guard !isOutputFull else { return abort("the server reads nothing") }
      var pong = OutgoingFrame(.pong)
      pong.nonce = frame.nonce
      send(pong)
    case .pong, nil: break
    case .open, .cancel, .end: fault("a server does not send this kind of frame")
    }
  }

  private func close(_ frame: FrameView) {
    guard let call = calls[frame.call] else { return }
    do {
      let trailers = try frame.metadata()
      guard frame.status == .ok else {
        var failure = RPCFailure(frame.status, frame.reason, trailers: trailers)
        failure.isFromPeer = true
        return call.end(.failure(AttemptFailure(failure, .answered)))
      }
      try call.didClose(message: frame.message, in: scratch.unpacking)
      call.end(.success(trailers))
    } catch {
      call.end(.failure(Self.unreadable(error)))
    }
  }

  /// GOAWAY names the last call that was taken; those behind it were not run, nor what waits to be
  /// sent.
  private func goAway(_ frame: FrameView) {
    let reason = frame.reason.isEmpty ? "the server takes no more calls" : frame.reason
    if phase == .open { leave(reason, isRefused: frame.status != .ok && frame.call == 0) }
    for call in calls.all where call.id > frame.call || unsent[call.id] != nil {
      call.end(.failure(AttemptFailure(RPCFailure(.unavailable, reason), .no)))
    }
    if frame.status == .ok { closeIfDone() } else { closeLink(reason) }
  }

  /// The server ran the call, and what it says of it cannot be read.
  private static func unreadable(_ error: any Error) -> AttemptFailure {
    AttemptFailure(
      RPCFailure(.internal, "the server's answer cannot be read", cause: error),
      .answered
    )
  }
}

// MARK: - Calls

extension ClientSession {
  /// Opens a call with its request, if it takes one.
  func open<Request: Message>(_ call: ClientCall, options: CallOptions, request: Request?) {
    guard begin(call) else { return }
    if let failure = sendOpen(call.method, as: lastID, options, request) {
      guard !hasSettings else { return call.end(.failure(AttemptFailure(failure, .no))) }
      unsent[lastID] = { [unowned self, method = call.method, deadline = call.deadline] id in
        let left = deadline.map { max(.zero, $0 - now) }
        return sendOpen(method, as: id, options.with(timeout: left), request)
      }
    }
    arm(min(call.deadline ?? keepAlive.nextLook, keepAlive.nextLook))
  }

  /// Opens a call whose frame is packed already, but for its number.
  func open(_ call: ClientCall, behindNumber tail: [UInt8]) {
    guard begin(call) else { return }
    guard tail.count + FrameSplitter.prefixBytes * 2 <= serverFrameBytesMax else {
      let failure = RPCFailure(.resourceExhausted, "the request is larger than the server takes")
      return call.end(.failure(AttemptFailure(failure, .no)))
    }
    beginOutput().bytes.append(.open, call: call.id, packed: tail)
    arm(min(call.deadline ?? keepAlive.nextLook, keepAlive.nextLook))
  }

  /// Gives a call its number, or ends it where it can have none.
  private func begin(_ call: ClientCall) -> Bool {
    guard phase == .open, lastID < .max else {
      if phase == .open { leave(whyLeaving) }
      let failure = RPCFailure(.unavailable, whyLeaving)
      call.end(.failure(AttemptFailure(failure, .no)))
      return false
    }
    // The loop may have slept since the last turn here.
    now = loop.now
    if calls.isEmpty { keepAlive.heard(at: now) }
    lastID += 1
    call.opened(as: lastID, on: self)
    calls.insert(call, lastID)
    return true
  }

  /// Opens what waited for the server's settings, under new numbers: those on the wire only rise.
  private func sendUnsent() {
    for (id, send) in unsent.sorted(by: { $0.key < $1.key }) {
      unsent[id] = nil
      guard let call = calls[id] else { continue }
      calls.remove(id)
      lastID += 1
      call.opened(as: lastID, on: self)
      calls.insert(call, lastID)
      if let failure = send(lastID) { call.end(.failure(AttemptFailure(failure, .no))) }
    }
  }

  private func sendOpen(
    _ method: MethodDescriptor,
    as id: UInt32,
    _ options: CallOptions,
    _ request: (some Message)?
  ) -> RPCFailure? {
    do throws(RPCFailure) {
      _ = try send(OutgoingFrame(opening: method, as: id, options: options), with: request)
      return nil
    } catch {
      return error
    }
  }

  /// The caller wants no more of it.
  func cancel(_ call: ClientCall) {
    guard call.isOpen else { return }
    giveUp(call, .cancelled, "the call was cancelled")
  }

  /// Ends a call that has no answer yet, here and at the server.
  private func giveUp(_ call: ClientCall, _ code: StatusCode, _ reason: String) {
    if unsent[call.id] == nil { send(OutgoingFrame(.cancel, call: call.id)) }
    call.end(.failure(unanswered(call, code, reason)))
  }

  private func unanswered(
    _ call: ClientCall,
    _ code: StatusCode,
    _ reason: String
  ) -> AttemptFailure {
    guard unsent[call.id] == nil else { return AttemptFailure(RPCFailure(code, reason), .no) }
    return .unanswered(call.method, code, reason)
  }

  /// Sends one request of many, and answers its size; nil if it is too large for a server that has
  /// not said what it takes.
  func send(_ request: some Message, on call: ClientCall) throws(RPCFailure) -> Int? {
    do throws(RPCFailure) {
      return try send(OutgoingFrame(.message, call: call.id), with: request)
    } catch {
      guard !hasSettings else { throw error }
      return nil
    }
  }

  private func send(
    _ frame: OutgoingFrame,
    with request: (some Message)?
  ) throws(RPCFailure) -> Int {
    try beginOutput().addFrame(atMost: serverFrameBytesMax) { bytes in
      guard let request else {
        bytes.append(frame)
        return 0
      }
      scratch.packing.reset()
      return bytes.append(frame, encoding: request, using: scratch.packing)
    }
  }

  func send(_ frame: borrowing OutgoingFrame) { beginOutput().bytes.append(frame) }

  /// More or less waits to be read. What is too much is cancelled where most of it waits.
  func undelivered(changedBy bytes: Int) {
    undeliveredBytes += bytes
    guard bytes > 0, undeliveredBytes > limits.undeliveredBytesMax,
      let greediest = calls.all.max(by: { $0.undeliveredBytes < $1.undeliveredBytes })
    else { return }
    send(OutgoingFrame(.cancel, call: greediest.id))
    let failure = RPCFailure(.resourceExhausted, "too many responses wait to be read")
    greediest.end(.failure(AttemptFailure(failure, .answered)))
  }

  func grant(_ bytes: UInt32, to call: ClientCall) {
    var frame = OutgoingFrame(.credit, call: call.id)
    frame.credit = bytes
    send(frame)
  }

  func ended(_ call: ClientCall) {
    undeliveredBytes -= call.undeliveredBytes
    calls.remove(call.id)
    if !unsent.isEmpty { unsent[call.id] = nil }
    onChange(.callEnded)
    closeIfDone()
  }

  private func beginOutput() -> OutputBuffer {
    if let output { return output }
    guard let link else { return OutputBuffer(capacity: 0) }
    let fresh = link.beginOutput()
    output = fresh
    return fresh
  }

  private func arm(_ moment: Moment) {
    if let alarm, alarm <= moment { return }
    alarm = moment
    link?.wake(at: moment)
  }

  /// Past its deadline, a call without effects is over. One with effects is given a while to hear
  /// from the server, which alone knows whether it ran.
  private func checkDeadline(_ call: ClientCall) {
    guard let deadline = call.deadline else { return }
    let mayHaveRun = call.method.effects != .none && unsent[call.id] == nil
    let due = mayHaveRun ? deadline + limits.outcomeGrace : deadline
    guard now >= due else {
      soonestDeadline = min(due, soonestDeadline ?? due)
      return
    }
    giveUp(call, .deadlineExceeded, "time ran out")
  }
}
