internal import Wire

/// One call on one connection, as its client sees it. Lives on the connection's loop.
package class ClientCall {
  let method: MethodDescriptor
  private(set) var deadline: Moment?
  /// Where it is open. The session ends every call that it has, and so lets go of it.
  private(set) var session: ClientSession?
  private(set) var id: UInt32 = 0

  enum Phase {
    case open
    case ended(Result<Metadata, AttemptFailure>)
  }

  private(set) var phase = Phase.open

  init(method: MethodDescriptor, deadline: Moment?) {
    self.method = method
    self.deadline = deadline
  }

  var isOpen: Bool {
    if case .open = phase { return true }
    return false
  }

  /// Whether it ever had a number on a connection.
  var wasOpened: Bool { id != 0 }

  /// Makes a call that has ended one that is to be opened.
  final func renew(deadline: Moment?) {
    precondition(!isOpen || !wasOpened, "a call serves again when it has ended")
    self.deadline = deadline
    id = 0
    phase = .open
  }

  func opened(as id: UInt32, on session: ClientSession) {
    self.id = id
    self.session = session
  }

  /// The call has ended, one way or the other; only the first way counts.
  final func end(_ result: Result<Metadata, AttemptFailure>) {
    guard isOpen else { return }
    phase = .ended(result)
    session.take()?.ended(self)
    didEnd()
  }

  // MARK: For kinds of calls to override

  /// The server ended the call in OK, with `message` if the method gives one response. Throws if
  /// that is not what it should be.
  func didClose(message: UnsafeRawBufferPointer, in arena: Arena) throws(DecodeFailure) {}
  /// A response came. Answers whether there was credit for it.
  func didReceive(_ message: UnsafeRawBufferPointer) -> Bool { false }
  /// What the responses count that wait to be read.
  var undeliveredBytes: Int { 0 }
  /// More requests may be sent. Answers whether that is within the limit.
  func didGain(_ credit: UInt32) -> Bool { true }
  /// There is room for output again.
  func roomCameBack() {}
  /// ``phase`` says how it ended.
  func didEnd() {}
}

/// A call with one request and one response.
final class UnaryCall<Response: Message>: ClientCall {
  typealias Outcome = Result<Answer<Response>, AttemptFailure>

  private var response: Response?
  private var outcome: Outcome?
  private var waiter: CheckedContinuation<Outcome, Never>?

  override func didClose(
    message: UnsafeRawBufferPointer,
    in arena: Arena
  ) throws(DecodeFailure) {
    response = try Response(decoding: message, in: arena)
  }

  override func didEnd() {
    guard case .ended(let result) = phase else { return }
    let outcome: Outcome = result.map { Answer(response ?? Response(), trailers: $0) }
    self.outcome = outcome
    waiter?.resume(returning: outcome)
    waiter = nil
  }

  /// The outcome, as soon as there is one. For one waiter.
  func wait() async -> Outcome {
    let call = session.map { LoopBound(self, to: $0.loop) }
    return await withTaskCancellationHandler {
      if let outcome { return outcome }
      return await withCheckedContinuation { waiter = $0 }
    } onCancel: {
      call?.run { $0.session?.cancel($0) }
    }
  }
}

/// A call with a stream of messages in at least one direction.
final class StreamCall: ClientCall {
  let scratch: Scratch
  let changes: WaitList
  private var sendCredit = SendCredit()
  private var receiveCredit: ReceiveCredit
  private var inbox = Inbox()
  private var finalMessage: [UInt8] = []
  private var hasReceived = false
  private var hasSentLast: Bool

  init(
    method: MethodDescriptor,
    deadline: Moment?,
    scratch: Scratch,
    loop: any Loop,
    creditBytes: Int
  ) {
    self.scratch = scratch
    changes = WaitList(loop: loop)
    receiveCredit = ReceiveCredit(window: creditBytes)
    hasSentLast = method.kind.takesOneRequest
    super.init(method: method, deadline: deadline)
  }

  override func didClose(message: UnsafeRawBufferPointer, in arena: Arena) {
    finalMessage = Array(message)
  }

  override func didReceive(_ message: UnsafeRawBufferPointer) -> Bool {
    guard !method.kind.givesOneResponse, receiveCredit.received(message.count) == .accepted else {
      return false
    }
    let before = inbox.heldBytes
    hasReceived = true
    inbox.append(message)
    changes.wakeAll()
    session?.undelivered(changedBy: inbox.heldBytes - before)
    return true
  }

  override func didGain(_ credit: UInt32) -> Bool {
    defer { changes.wakeAll() }
    return sendCredit.granted(credit) == .granted
  }

  /// How the call failed, if it is certain that the server did not run it.
  var notRun: AttemptFailure? {
    guard !hasReceived, case .ended(.failure(let failure)) = phase, failure.ran == .no else {
      return nil
    }
    return failure
  }

  override var undeliveredBytes: Int { inbox.heldBytes }

  override func roomCameBack() { changes.wakeAll() }

  override func didEnd() { changes.wakeAll() }

  // MARK: Responses

  /// The next response; nil when the call has ended in OK.
  func nextResponse<Response: Message>() async throws -> Response? {
    while true {
      if inbox.count > 0 { return try takeResponse() }
      if case .ended(let result) = phase {
        _ = try result.mapError(\.failure).get()
        return nil
      }
      if Task.isCancelled { session?.cancel(self) } else { await changes.wait() }
    }
  }

  /// What travelled with the status; nil as long as the call is open or if it failed.
  var trailers: Metadata? {
    guard case .ended(.success(let trailers)) = phase else { return nil }
    return trailers
  }

  /// The one response of a call that gives one.
  func onlyResponse<Response: Message>() async throws -> Answer<Response> {
    while isOpen {
      if Task.isCancelled { session?.cancel(self) } else { await changes.wait() }
    }
    guard case .ended(let result) = phase else { preconditionFailure("the call is open") }
    let trailers = try result.mapError(\.failure).get()
    let response: Response = try finalMessage.withUnsafeBytes { try decode($0) }
    return Answer(response, trailers: trailers)
  }

  private func takeResponse<Response: Message>() throws -> Response {
    let before = inbox.heldBytes
    // Counted also when it cannot be read: it is gone either way. What has ended is not counted.
    defer { if isOpen { session?.undelivered(changedBy: inbox.heldBytes - before) } }
    let (response, size): (Response, Int) = try inbox.takeFirst { (try decode($0), $0.count) }
    let grant = receiveCredit.consumed(size)
    if grant > 0, isOpen { session?.grant(grant, to: self) }
    return response
  }

  private func decode<Response: Message>(_ bytes: UnsafeRawBufferPointer) throws -> Response {
    scratch.unpacking.reset(budget: FrameView.unpackingBudget(frameBytes: bytes.count))
    do throws(DecodeFailure) {
      return try Response(decoding: bytes, in: scratch.unpacking)
    } catch {
      throw RPCFailure(.internal, "the server's message cannot be read", cause: error)
    }
  }

  // MARK: Requests

  /// Sends a request as soon as the server's credit and the connection allow it. Throws when the
  /// call has ended.
  func send<Request: Message>(_ request: Request) async throws {
    while true {
      try throwIfEnded()
      guard !hasSentLast else { throw RPCFailure(.internal, "the requests were finished before") }
      if let session, sendCredit.maySend, session.hasRoom(),
        let size = try session.send(request, on: self)
      {
        return sendCredit.sent(size)
      }
      try Task.checkCancellation()
      await changes.wait()
    }
  }

  /// Says that no more requests come.
  func finishRequests() {
    guard isOpen, !hasSentLast else { return }
    hasSentLast = true
    session?.send(OutgoingFrame(.end, call: id))
  }

  private func throwIfEnded() throws {
    guard case .ended(let result) = phase else { return }
    _ = try result.mapError(\.failure).get()
    throw RPCFailure(.cancelled, "the server has ended the call")
  }
}
