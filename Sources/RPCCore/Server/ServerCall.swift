internal import Wire

/// One call that a task is answering. Lives on its connection's loop.
///
/// What the peer sees and what the handler does end separately: the peer may cancel, or time run out,
/// while the handler is still busy; then what the handler does afterwards reaches nobody.
final class ServerCall {
  let context: CallContext
  let openedAt: Moment
  let session: ServerSession

  /// What travels with the status when the call ends in OK.
  var trailers = Metadata()

  /// Whether the peer still waits for the CLOSE.
  private(set) var isOpen = true
  /// Whether the deadline has passed.
  private(set) var isExpired = false

  private var task: Task<Void, Never>?
  private var sendCredit = SendCredit()
  private var receiveCredit: ReceiveCredit
  private var inbox = Inbox()
  private var requestsEnded: Bool
  private let changes: WaitList

  init(context: CallContext, session: ServerSession, loop: any Loop, requestsEnded: Bool) {
    self.context = context
    self.session = session
    self.requestsEnded = requestsEnded
    openedAt = session.now
    receiveCredit = ReceiveCredit(window: session.limits.creditBytes)
    changes = WaitList(loop: loop)
  }

  var id: UInt32 { context.callID }
  var loop: any Loop { session.loop }
  var scratch: Scratch { session.scratch }
  /// What the requests count that wait for the handler.
  var undeliveredBytes: Int { inbox.heldBytes }
}

// MARK: - The handler

extension ServerCall {
  /// Runs `handler` in place as far as it goes without waiting, and the rest as a task on the loop.
  func start<Response>(
    _ handler: @escaping @Sendable (CallContext) async throws -> Reply<Response>
  ) {
    let call = LoopBound(self, to: loop)
    task = Task.immediate(executorPreference: loop) {
      do {
        let reply = try await handler(call.value.context)
        call.value.finish(reply)
      } catch {
        call.value.fail(error)
      }
      call.value.session.handlerEnded()
    }
  }

  /// Like ``start(_:)``, for a handler that writes its responses itself.
  func startStreaming(_ handler: @escaping @Sendable (CallContext) async throws -> Void) {
    let call = LoopBound(self, to: loop)
    task = Task.immediate(executorPreference: loop) {
      do {
        try await handler(call.value.context)
        call.value.finish()
      } catch {
        call.value.fail(error)
      }
      call.value.session.handlerEnded()
    }
  }

  private func finish<Response>(_ reply: Reply<Response>) {
    guard isOpen else { return }
    scratch.packing.reset()
    session.beginOutput().bytes.appendClose(call: id, reply, using: scratch.packing)
    end(nil)
  }

  private func finish() {
    guard isOpen else { return }
    var frame = OutgoingFrame(.close, call: id)
    frame.metadata = trailers
    session.send(frame)
    end(nil)
  }

  private func fail(_ error: any Error) {
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
    session.undelivered(changedBy: -inbox.heldBytes)
    inbox.removeAll()
    if failure != nil { task?.cancel() }
    changes.wakeAll()
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
    task?.cancel()
    changes.wakeAll()
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
    changes.wakeAll()
    return .accepted
  }

  /// The peer sends no more requests.
  func receivedEnd() {
    requestsEnded = true
    changes.wakeAll()
  }

  /// The next request, as soon as it is there; nil when there will be none.
  func nextRequest<Request: Message>() async throws -> Request? {
    while true {
      guard isOpen else { throw RPCFailure(.cancelled, "the call has ended") }
      try Task.checkCancellation()
      if inbox.count > 0 { return try takeRequest() }
      if requestsEnded { return nil }
      await changes.wait()
    }
  }

  private func takeRequest<Request: Message>() throws -> Request {
    let before = inbox.heldBytes
    let arena = scratch.unpacking
    let (request, size) = try inbox.takeFirst { bytes in
      arena.reset(budget: FrameView.unpackingBudget(frameBytes: bytes.count))
      do throws(DecodeFailure) {
        return (try Request(decoding: bytes, in: arena), bytes.count)
      } catch {
        throw RPCFailure(error)
      }
    }
    session.undelivered(changedBy: inbox.heldBytes - before)
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
    defer { changes.wakeAll() }
    return sendCredit.granted(bytes)
  }

  /// There is room for output again.
  func roomCameBack() { changes.wakeAll() }

  /// Sends a response if the peer's credit and the connection allow it now.
  func sendIfRoom<Response>(_ reply: Reply<Response>) throws -> Bool {
    guard isOpen else { throw RPCFailure(.cancelled, "the call has ended") }
    guard sendCredit.maySend, !session.isOutputFull else { return false }
    let frame = OutgoingFrame(.message, call: id)
    switch reply.body {
    case .message(let message):
      scratch.packing.reset()
      let size = session.beginOutput().bytes.append(
        frame, encoding: message, using: scratch.packing)
      sendCredit.sent(size)
    case .encoded(let bytes):
      bytes.withUnsafeBytes { session.beginOutput().bytes.append(frame, message: $0) }
      sendCredit.sent(bytes.count)
    }
    return true
  }

  /// Sends a response as soon as the peer's credit and the connection allow it.
  func send<Response>(_ reply: Reply<Response>) async throws {
    while try !sendIfRoom(reply) {
      try Task.checkCancellation()
      await changes.wait()
    }
  }
}
