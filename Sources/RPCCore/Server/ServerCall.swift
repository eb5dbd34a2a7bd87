public import Wire

/// One call that a task is answering. Lives on its connection's loop.
///
/// What the peer sees and what the handler does end separately: the peer may cancel, or time run out,
/// while the handler is still busy; then what the handler does afterwards reaches nobody.
@usableFromInline
final class ServerCall {
  @usableFromInline
  let context: CallContext
  let openedAt: Moment
  let session: ServerSession

  /// What travels with the status when the call ends in OK.
  var trailers = Metadata()

  /// Whether the peer still waits for the CLOSE.
  @usableFromInline @exclusivity(unchecked)
  private(set) var isOpen = true
  /// Whether the deadline has passed.
  private(set) var isExpired = false

  /// What runs the handler at the moment.
  @exclusivity(unchecked)
  var handlerTask: HandlerTask?
  let handler: Handler
  private var sendCredit = SendCredit()
  private var receiveCredit: ReceiveCredit
  private var inbox = Inbox()
  private var requestsEnded: Bool
  /// Whether the requests ended with the connection and not by the caller's word.
  private var areRequestsCut = false
  /// Made when someone first waits: most calls never do.
  private var waiters: WaitList?

  /// Answers a call, or throws. It is given the call again, so that it need not hold it.
  @usableFromInline
  typealias Handler = @Sendable (ServerCall) async throws -> Void

  @usableFromInline
  init(context: CallContext, session: ServerSession, handler: @escaping Handler) {
    self.context = context
    self.session = session
    self.handler = handler
    requestsEnded = context.method.kind.takesOneRequest
    openedAt = session.now
    receiveCredit = ReceiveCredit(window: session.limits.creditBytes)
  }

  @usableFromInline
  var id: UInt32 { context.callID }
  /// Where the reply is written.
  @usableFromInline
  var exchange: Exchange { session.exchange }
  var loop: any Loop { session.loop }

  /// Returns when something about the call has changed.
  private func nextChange() async {
    let list = waiters ?? WaitList(loop: loop)
    waiters = list
    await list.wait()
  }

  var scratch: Scratch { session.scratch }
  /// What the requests count that wait for the handler.
  var undeliveredBytes: Int { inbox.heldBytes }
}

// MARK: - The handler

extension ServerCall {
  /// The handler has returned, and will not be heard of again.
  func handlerEnded() {
    session.loop.preconditionIsCurrent()
    handlerTask = nil
    session.handlersRunning -= 1
  }

  /// Ends the call with its one response.
  @inlinable
  func finish<Response: Message>(_ reply: Reply<Response>) throws {
    guard isOpen else { return }
    try exchange.close(id, reply)
    finished()
  }

  /// Ends the call after its last response.
  func finish() {
    guard isOpen else { return }
    var frame = OutgoingFrame(.close, call: id)
    frame.metadata = trailers
    session.send(frame)
    end(nil)
  }

  @usableFromInline
  func finished() { end(nil) }

  /// Ends the call as `error` says.
  func fail(_ error: any Error) {
    guard isOpen else { return }
    var failure = RPCFailure(telling: error)
    if isExpired, failure.code == .cancelled {
      failure.code = .deadlineExceeded
      failure.message = "time ran out"
    }
    close(failure)
  }
}

// MARK: - The peer

extension ServerCall {
  /// Ends the call with a CLOSE, whatever its handler is doing.
  func close(_ failure: RPCFailure) {
    guard isOpen else { return }
    session.sendClose(call: id, failure)
    end(failure)
  }

  /// Ends the call without a word: the peer cancelled it or is gone.
  func abandon(_ failure: RPCFailure) {
    guard isOpen else { return }
    end(failure)
  }

  private func end(_ failure: RPCFailure?) {
    isOpen = false
    if inbox.count > 0 {
      session.undelivered(changedBy: -inbox.heldBytes)
      inbox.removeAll()
    }
    if failure != nil { handlerTask?.cancel() }
    waiters?.wakeAll()
    session.ended(self, failure)
  }

  /// Time ran out. Answering DEADLINE_EXCEEDED promises that the call was not run, and only the
  /// handler knows that, so it is cancelled and asked; where running has no effects there is nothing
  /// to ask.
  func expire() {
    guard isOpen, !isExpired else { return }
    isExpired = true
    if context.method.effects == .none {
      return close(RPCFailure(.deadlineExceeded, "time ran out"))
    }
    handlerTask?.cancel()
    waiters?.wakeAll()
  }

  /// What to tell a peer whose call cannot be waited for any longer.
  func cutFailure(_ reason: String) -> RPCFailure {
    context.method.effects == .none ? RPCFailure(.unavailable, reason) : .outcomeUnknown(reason)
  }
}

// MARK: - Requests

extension ServerCall {
  enum OnMessage: Equatable { case accepted, withoutCredit, notTaken }

  /// The peer sent a request.
  func received(_ message: UnsafeRawBufferPointer, isLast: Bool) -> OnMessage {
    guard !context.method.kind.takesOneRequest, !requestsEnded else { return .notTaken }
    guard receiveCredit.received(message.count) == .accepted else { return .withoutCredit }
    let before = inbox.heldBytes
    inbox.append(message)
    session.undelivered(changedBy: inbox.heldBytes - before)
    if isLast { requestsEnded = true }
    waiters?.wakeAll()
    return .accepted
  }

  /// The peer sends no more requests.
  func receivedEnd() {
    requestsEnded = true
    waiters?.wakeAll()
  }

  /// No more requests can come. A stream that was not finished must not look as if it were: a client
  /// that dies half-closes its connection too.
  func requestsCut() {
    areRequestsCut = !requestsEnded
    receivedEnd()
  }

  /// The next request, as soon as it is there; nil when there will be none.
  func nextRequest<Request: Message>() async throws -> Request? {
    while true {
      guard isOpen else { throw RPCFailure(.cancelled, "the call has ended") }
      try Task.checkCancellation()
      if inbox.count > 0 { return try takeRequest() }
      if areRequestsCut { throw RPCFailure(.cancelled, "the connection ended before the requests") }
      if requestsEnded { return nil }
      await nextChange()
    }
  }

  private func takeRequest<Request: Message>() throws -> Request {
    let before = inbox.heldBytes
    // A request that cannot be read waits no longer either.
    defer { session.undelivered(changedBy: inbox.heldBytes - before) }
    let arena = scratch.unpacking
    let (request, size) = try inbox.takeFirst { bytes in
      arena.reset(budget: FrameView.unpackingBudget(frameBytes: bytes.count))
      do throws(DecodeFailure) {
        return (try Request(decoding: bytes, in: arena), bytes.count)
      } catch {
        throw RPCFailure(error)
      }
    }
    let grant = receiveCredit.consumed(size)
    if grant > 0, !requestsEnded {
      var frame = OutgoingFrame(.credit, call: id)
      frame.credit = grant
      session.send(frame)
    }
    return request
  }
}

// MARK: - Responses

extension ServerCall {
  /// The peer takes more payload.
  func granted(_ bytes: UInt32) -> SendCredit.OnCredit {
    defer { waiters?.wakeAll() }
    return sendCredit.granted(bytes)
  }

  /// There is room for output again.
  func roomCameBack() { waiters?.wakeAll() }

  /// Sends a response if the peer's credit and the connection allow it now.
  func sendIfRoom<Response>(_ reply: Reply<Response>) throws -> Bool {
    guard isOpen else { throw RPCFailure(.cancelled, "the call has ended") }
    guard sendCredit.maySend, session.hasRoom() else { return false }
    let frame = OutgoingFrame(.message, call: id)
    let size = try session.beginOutput().addFrame(atMost: session.limits.responseFrameBytesMax) {
      buffer in
      switch reply.body {
      case .message(let message):
        scratch.packing.reset()
        return buffer.append(frame, encoding: message, using: scratch.packing)
      case .encoded(let bytes):
        bytes.withUnsafeBytes { buffer.append(frame, message: $0) }
        return bytes.count
      }
    }
    sendCredit.sent(size)
    return true
  }

  /// Sends a response as soon as the peer's credit and the connection allow it.
  func send<Response>(_ reply: Reply<Response>) async throws {
    while try !sendIfRoom(reply) {
      try Task.checkCancellation()
      await nextChange()
    }
  }
}
