package import Wire

/// A connection whose calls are made and answered on its loop, with no task for any of them and none
/// made twice: for programs that keep more calls open than they want tasks for, and that want to
/// hear of every failure.
///
/// Lives on its loop, and so does all that it calls.
package final class Channel {
  private let session: ClientSession
  /// How many calls the server lets be open at once, as far as it has said.
  package private(set) var openCallsMax = 100
  /// How many are.
  package var openCalls: Int { session.openCalls }
  /// Whether any call was made over it.
  package var wasUsed: Bool { session.wasUsed }
  /// Why it takes no more calls; nil as long as it does.
  package private(set) var whyClosed: String?
  private let onClosed: (Channel) -> Void

  private init(_ session: ClientSession, onClosed: @escaping (Channel) -> Void) {
    self.session = session
    self.onClosed = onClosed
  }

  /// Connects to an address, on `loop` and called there. `completed` is called once, with the reason
  /// if there is no connection; `closed` once when the channel takes no more calls.
  package static func connect(
    through connector: any Connector,
    toAddress index: Int = 0,
    on loop: any Loop,
    limits: ClientLimits = .defaults,
    closed: @escaping (Channel) -> Void,
    completed: @escaping (_ channel: Channel?, _ failure: String?) -> Void
  ) {
    var made: Channel?
    connector.connect(toAddress: index, on: loop, timeout: limits.connectTimeout) { scratch in
      // The two hold each other until the connection is gone.
      var changing: Channel?
      let session = ClientSession(loop: loop, scratch: scratch, limits: limits) { change in
        // The session counts its calls itself.
        if case .callEnded = change { return }
        changing?.changed(change)
        if case .lost = change { changing = nil }
      }
      let channel = Channel(session, onClosed: closed)
      changing = channel
      made = channel
      return session
    } completed: { failure in
      completed(failure == nil ? made : nil, failure)
      made = nil
    }
  }

  private func changed(_ change: ClientSession.Change) {
    switch change {
    case .settings(let settings): openCallsMax = max(1, Int(settings.openCallsMax))
    case .callEnded: break
    case .leaving(let refusal): close(refusal ?? "the server takes no more calls")
    case .lost(let why): close(why)
    }
  }

  private func close(_ why: String) {
    guard whyClosed == nil else { return }
    whyClosed = why
    onClosed(self)
  }

  /// Ends every open call and closes, at once.
  package func cut(_ reason: String) { session.cut(reason) }
}

// MARK: - Calls

extension Channel {
  /// A call that is open, for whoever may want no more of it.
  package struct OpenCall {
    fileprivate weak var call: ClientCall?

    /// Ends the call here and at the server. What it was to tell is told before this returns.
    package func cancel() {
      guard let call else { return }
      call.session?.cancel(call)
    }
  }

  /// One request, one response. `then` hears of it once; where nothing could be sent, before this
  /// returns.
  @discardableResult
  package func call<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions,
    then: @escaping (Result<Answer<Response>, RPCFailure>) -> Void
  ) -> OpenCall {
    let call = CallbackCall(method, deadline: deadline(options), then)
    session.open(call, options: options, request: request)
    return OpenCall(call: call)
  }

  /// One request, any number of responses. `each` hears of every one as it comes, `ended` once of the
  /// end.
  @discardableResult
  package func stream<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions,
    each: @escaping (Response) -> Void,
    ended: @escaping (Result<Metadata, RPCFailure>) -> Void
  ) -> OpenCall {
    let call = CallbackStream(
      method,
      deadline: deadline(options),
      scratch: session.scratch,
      creditBytes: session.limits.creditBytes,
      each: each,
      ended: ended
    )
    session.open(call, options: options, request: request)
    return OpenCall(call: call)
  }

  /// Makes a call whose frame is made already.
  package func make(_ call: RepeatedCall) {
    call.renew(deadline: call.prepared.timeout.map { session.loop.now + $0 })
    session.open(call, behindNumber: call.prepared.tail)
  }

  private func deadline(_ options: CallOptions) -> Moment? {
    options.timeout.map { session.loop.clockNow + $0 }
  }
}

/// A call with one request and one response, which tells its outcome when it comes.
private final class CallbackCall<Response: Message>: ClientCall {
  private var response: Response?
  private var then: ((Result<Answer<Response>, RPCFailure>) -> Void)?

  init(
    _ method: MethodDescriptor,
    deadline: Moment?,
    _ then: @escaping (Result<Answer<Response>, RPCFailure>) -> Void
  ) {
    self.then = then
    super.init(method: method, deadline: deadline)
  }

  override func didClose(message: UnsafeRawBufferPointer, in arena: Arena) throws(DecodeFailure) {
    response = try Response(decoding: message, in: arena)
  }

  override func didEnd() {
    guard case .ended(let result) = phase, let then else { return }
    self.then = nil
    then(result.map { Answer(response ?? Response(), trailers: $0) }.mapError(\.failure))
  }
}

/// A call with a stream of responses, each of which is told as it comes.
private final class CallbackStream<Response: Message>: ClientCall {
  private let scratch: Scratch
  private var credit: ReceiveCredit
  private let each: (Response) -> Void
  private var ended: ((Result<Metadata, RPCFailure>) -> Void)?

  init(
    _ method: MethodDescriptor,
    deadline: Moment?,
    scratch: Scratch,
    creditBytes: Int,
    each: @escaping (Response) -> Void,
    ended: @escaping (Result<Metadata, RPCFailure>) -> Void
  ) {
    self.scratch = scratch
    credit = ReceiveCredit(window: creditBytes)
    self.each = each
    self.ended = ended
    super.init(method: method, deadline: deadline)
  }

  override func didReceive(_ message: UnsafeRawBufferPointer) -> Bool {
    guard credit.received(message.count) == .accepted else { return false }
    let response: Response
    do throws(DecodeFailure) {
      scratch.unpacking.reset(budget: FrameView.unpackingBudget(frameBytes: message.count))
      response = try Response(decoding: message, in: scratch.unpacking)
    } catch {
      return false
    }
    let grant = credit.consumed(message.count)
    if grant > 0 { session?.grant(grant, to: self) }
    each(response)
    return true
  }

  override func didEnd() {
    guard case .ended(let result) = phase, let ended else { return }
    self.ended = nil
    ended(result.mapError(\.failure))
  }
}

// MARK: - The same call many times

/// A call's frame, but for its number: for whoever makes the same call again and again.
package struct PreparedCall {
  package let method: MethodDescriptor
  fileprivate let timeout: Wait?
  /// The fields behind the number, as they travel.
  fileprivate let tail: [UInt8]

  /// Prepares a call of a method that takes one request and gives one response.
  package init(_ method: MethodDescriptor, _ request: some Message, options: CallOptions) {
    precondition(method.kind == .unary, "what is repeated has one request and one response")
    self.method = method
    timeout = options.timeout.map(Wait.init)
    var bytes = ByteBuffer()
    bytes.append(
      OutgoingFrame(opening: method, as: 0, options: options),
      encoding: request,
      using: Arena()
    )
    // A frame that is numbered 0 shows no number: behind its length stand two bytes of its kind.
    tail = bytes.withBytes { Array($0.dropFirst(FrameSplitter.prefixBytes + 2)) }
  }
}

/// A place for one call at a time, which serves for the next when it has ended.
package final class RepeatedCall: ClientCall {
  fileprivate let prepared: PreparedCall
  private let then: (RepeatedCall, _ failure: RPCFailure?) -> Void

  /// A place whose calls `then` hears the end of.
  package init(
    _ prepared: PreparedCall,
    then: @escaping (RepeatedCall, _ failure: RPCFailure?) -> Void
  ) {
    self.prepared = prepared
    self.then = then
    super.init(method: prepared.method, deadline: nil)
  }

  override func didEnd() {
    guard case .ended(let result) = phase else { return }
    switch result {
    case .success: then(self, nil)
    case .failure(let failure): then(self, failure.failure)
    }
  }
}
