internal import Threads
public import Wire

/// Makes calls over a few connections to one or several servers that serve the same.
///
/// A call goes to the connection with the fewest open calls. One that was certainly not run, or that
/// is safe to repeat, is made again, within a budget; one of which nobody knows whether it was run
/// says so, with UNKNOWN and the refusal OUTCOME_UNKNOWN.
public final class Client: Caller {
  private let pool: ConnectionPool
  private let limits: ClientLimits
  private let interceptors: [any ClientInterceptor]
  private let retries: Guarded<RetryBudget>

  /// A client over what `connector` connects to. Nothing is connected before the first call.
  public init(
    connector: any Connector,
    limits: ClientLimits = .defaults,
    interceptors: [any ClientInterceptor] = []
  ) {
    self.limits = limits
    self.interceptors = interceptors
    pool = ConnectionPool(connector: connector, limits: limits)
    retries = Guarded(RetryBudget(callsPerRetry: limits.callsPerRetry))
  }

  /// Takes no more calls, and closes each connection when its open calls have ended.
  public func close() { pool.close() }

  deinit { pool.close() }
}

// MARK: - One request, one response

extension Client {
  /// One request, one response.
  public func unary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions
  ) async throws(RPCFailure) -> Answer<Response> {
    if interceptors.isEmpty { return try await repeating(method, request, options) }
    do {
      return try await unary(method, request, options, through: 0)
    } catch {
      throw RPCFailure(telling: error)
    }
  }

  private func unary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ options: CallOptions,
    through index: Int
  ) async throws -> Answer<Response> {
    guard index < interceptors.count else { return try await repeating(method, request, options) }
    return try await interceptors[index].interceptUnary(method, request, options) {
      try await unary(method, $0, $1, through: index + 1)
    }
  }

  /// Makes the call, and makes it again while that is safe and allowed.
  private func repeating<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ options: CallOptions
  ) async throws(RPCFailure) -> Answer<Response> {
    retries.withLock { $0.callMade() }
    let time = pool.time(for: options)
    var attempts = 1
    /// Whether some try may have run, which no failure of a later one takes back.
    var mayHaveRun = false
    while true {
      do throws(AttemptFailure) {
        return try await attempt(method, request, options, time)
      } catch {
        let failure = error.failure
        guard attempts < limits.attemptsMax, time.left != .zero, mayRetry(error, method, options)
        else {
          throw mayHaveRun && !failure.isOutcomeUnknown
            ? .outcomeUnknown(failure.message) : failure
        }
        mayHaveRun = mayHaveRun || failure.isOutcomeUnknown
        attempts += 1
      }
    }
  }

  private func attempt<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ options: CallOptions,
    _ time: CallTime
  ) async throws(AttemptFailure) -> Answer<Response> {
    let lease = try await pool.lease(timeout: time.left)
    let options = options.with(timeout: time.left)
    let outcome: UnaryCall<Response>.Outcome
    do {
      outcome = try await lease.session.onLoop { session in
        let call = UnaryCall<Response>(
          method: method,
          deadline: options.timeout.map { session.loop.now + $0 }
        )
        session.open(call, options: options, request: request)
        return await call.wait()
      }
    } catch {
      // `onLoop` throws what its body does, and this one does not.
      throw AttemptFailure(RPCFailure(telling: error), .unknown)
    }
    return try outcome.get()
  }

  private func mayRetry(
    _ attempt: AttemptFailure,
    _ method: MethodDescriptor,
    _ options: CallOptions
  ) -> Bool {
    guard !Task.isCancelled else { return false }
    return retries.withLock {
      $0.failed(attempt, method: method, carriesKey: options.carriesIdempotencyKey) == .retry
    }
  }
}

// MARK: - Streams

extension Client {
  /// One request, any number of responses.
  public func serverStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions
  ) -> ResponseStream<Response> {
    ResponseStream(
      ResponseSource(opening: { [self] in
        let opened: OpenStream<Request, Response> = try await open(
          method,
          request,
          options,
          through: 0
        )
        guard let responses = opened.responses else {
          throw RPCFailure(.internal, "an interceptor took the responses away")
        }
        return responses
      })
    )
  }

  /// Any number of requests, which `sending` writes, and one response.
  public func clientStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    options: CallOptions,
    sending: (RequestWriter<Request>) async throws -> Void
  ) async throws -> Answer<Response> {
    let opened: OpenStream<Request, Response> = try await open(method, nil, options, through: 0)
    guard let requests = opened.requests, let answer = opened.answer else {
      throw RPCFailure(.internal, "an interceptor took the requests or the response away")
    }
    do {
      try await sending(requests)
    } catch let failure as RPCFailure where failure.code == .cancelled {
      // The server ended the call before it had everything; its answer says why.
    }
    requests.finish()
    return try await answer()
  }

  /// Any number of messages both ways, for as long as `body` runs.
  public func bidirectional<Request: Message, Response: Message, Result>(
    _ method: MethodDescriptor,
    options: CallOptions,
    _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
  ) async throws -> Result {
    let opened: OpenStream<Request, Response> = try await open(method, nil, options, through: 0)
    guard let requests = opened.requests, let responses = opened.responses else {
      throw RPCFailure(.internal, "an interceptor took the requests or the responses away")
    }
    defer { requests.finish() }
    return try await body(requests, responses)
  }

  private func open<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request?,
    _ options: CallOptions,
    through index: Int
  ) async throws -> OpenStream<Request, Response> {
    guard index < interceptors.count else { return try await open(method, request, options) }
    return try await interceptors[index].interceptStream(method, options) {
      try await open(method, request, $0, through: index + 1)
    }
  }

  private func open<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request?,
    _ options: CallOptions
  ) async throws -> OpenStream<Request, Response> {
    retries.withLock { $0.callMade() }
    let attempts = StreamAttempts(time: pool.time(for: options))
    let call = try await openCall(method, request, options, attempts)
    // Letting go of the source cancels the call, so each stream and answer holds it.
    let source = ResponseSource<Response>(of: call) { [self] failure in
      // Requests that were written to it are not there any more.
      guard method.kind.takesOneRequest, mayRepeat(failure, method, options, attempts) else {
        return nil
      }
      return try await openCall(method, request, options, attempts)
    }
    var opened = OpenStream<Request, Response>()
    if !method.kind.takesOneRequest { opened.requests = RequestWriter(to: call) }
    if method.kind.givesOneResponse {
      opened.answer = {
        defer { withExtendedLifetime(source) {} }
        return try await call.onLoop { try await $0.onlyResponse() }
      }
    } else {
      opened.responses = ResponseStream(source)
    }
    return opened
  }
}

// MARK: - Opening streams

/// How often a call with a stream was tried, and how much time it has.
private final class StreamAttempts: Sendable {
  let time: CallTime
  private let count = Guarded(1)

  init(time: CallTime) { self.time = time }

  /// Whether another is within `max`, which then counts.
  func another(atMost max: Int) -> Bool {
    count.withLock { count in
      guard count < max, time.left != .zero else { return false }
      count += 1
      return true
    }
  }
}

extension Client {
  /// Opens a call, and opens it again where it certainly was not run and that is allowed.
  private func openCall<Request: Message>(
    _ method: MethodDescriptor,
    _ request: Request?,
    _ options: CallOptions,
    _ attempts: StreamAttempts
  ) async throws -> LoopBound<StreamCall> {
    while true {
      do {
        let (call, notRun) = try await openCall(method, request, options, attempts.time)
        guard let notRun, mayRepeat(notRun, method, options, attempts) else { return call }
      } catch let failure as AttemptFailure {
        guard mayRepeat(failure, method, options, attempts) else { throw failure.failure }
      }
    }
  }

  /// Opens a call once. Answers also how that failed, if it did before anything was sent.
  private func openCall<Request: Message>(
    _ method: MethodDescriptor,
    _ request: Request?,
    _ options: CallOptions,
    _ time: CallTime
  ) async throws -> (LoopBound<StreamCall>, AttemptFailure?) {
    let lease = try await pool.lease(timeout: time.left)
    let options = options.with(timeout: time.left)
    let creditBytes = limits.creditBytes
    return try await lease.session.onLoop { session in
      let call = StreamCall(
        method: method,
        deadline: options.timeout.map { session.loop.now + $0 },
        scratch: session.scratch,
        loop: session.loop,
        creditBytes: creditBytes
      )
      session.open(call, options: options, request: request)
      return (LoopBound(call, to: session.loop), call.notRun)
    }
  }

  private func mayRepeat(
    _ failure: AttemptFailure,
    _ method: MethodDescriptor,
    _ options: CallOptions,
    _ attempts: StreamAttempts
  ) -> Bool {
    failure.ran == .no && attempts.another(atMost: limits.attemptsMax)
      && mayRetry(failure, method, options)
  }
}

/// Runs `body` with a client, and closes the client when it is done.
public func withClient<Result>(
  connector: any Connector,
  limits: ClientLimits = .defaults,
  interceptors: [any ClientInterceptor] = [],
  _ body: (Client) async throws -> Result
) async throws -> Result {
  let client = Client(connector: connector, limits: limits, interceptors: interceptors)
  defer { client.close() }
  return try await body(client)
}
