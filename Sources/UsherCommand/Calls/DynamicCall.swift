internal import Arguments
internal import Descriptors
package import RPCCore
package import Reflection
internal import Wire

/// One call of a method that is known by its description alone.
struct DynamicCall: Sendable {
  let method: MethodDescriptor
  let requests: RequestSource
  let responses: MessageCodec
  let options: CallOptions
  /// Where it is told how the call goes; nil where nobody asked.
  let traceConsole: Console?
  /// Prints one response.
  let printJSON: @Sendable (String) -> Void
  /// Whether responses are printed with the fields that are at their defaults.
  let showsAllFields: Bool
  /// Says after a while what is waited for.
  let remind: @Sendable () async -> Void

  /// Makes the call. Requests go out as they are read, and responses are shown as they come.
  func make(through caller: any Caller) async throws {
    let takesOne = method.kind.takesOneRequest
    let request = takesOne ? try EncodedMessage(await requests.onlyRequest()) : EncodedMessage()
    let trace = CallTrace(of: method, options: options, to: traceConsole)
    if takesOne { trace.sent(request) }
    do {
      switch method.kind {
      case .unary: try await unary(caller, request, trace)
      case .serverStreaming: try await serverStreaming(caller, request, trace)
      case .clientStreaming: try await clientStreaming(caller, trace)
      case .bidirectional: try await bidirectional(caller, trace)
      }
    } catch let failure as RPCFailure {
      trace.failed(failure)
      throw failure
    }
  }

  private func unary(
    _ caller: any Caller,
    _ request: EncodedMessage,
    _ trace: CallTrace
  ) async throws {
    let answer: Answer<EncodedMessage> = try await waiting {
      try await caller.unary(method, request, options: options)
    }
    try show(answer.message, trace)
    trace.ended(answer.trailers)
  }

  private func serverStreaming(
    _ caller: any Caller,
    _ request: EncodedMessage,
    _ trace: CallTrace
  ) async throws {
    let stream: ResponseStream<EncodedMessage> = caller.serverStreaming(
      method,
      request,
      options: options
    )
    var responses = stream.makeAsyncIterator()
    var next = try await waiting { try await responses.next() }
    while let response = next {
      try show(response, trace)
      next = try await responses.next()
    }
    trace.ended(stream.trailers)
  }

  private func clientStreaming(_ caller: any Caller, _ trace: CallTrace) async throws {
    let answer: Answer<EncodedMessage> = try await caller.clientStreaming(
      method,
      options: options
    ) { try await send(to: $0, trace) }
    try show(answer.message, trace)
    trace.ended(answer.trailers)
  }

  private func bidirectional(_ caller: any Caller, _ trace: CallTrace) async throws {
    try await caller.bidirectional(method, options: options) {
      (writer: RequestWriter<EncodedMessage>, stream: ResponseStream<EncodedMessage>) in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          do {
            try await send(to: writer, trace)
          } catch is RPCFailure {
            // The call has ended; the responses tell how.
          } catch is CancellationError {
            // So it has here.
          }
          writer.finish()
          return false
        }
        group.addTask {
          for try await response in stream { try show(response, trace) }
          return true
        }
        // When the server has ended the call, nobody wants the requests that are still to come.
        while let isEnd = try await group.next() {
          if isEnd { group.cancelAll() }
        }
      }
      trace.ended(stream.trailers)
    }
  }

  private func send(
    to writer: RequestWriter<EncodedMessage>,
    _ trace: CallTrace
  ) async throws {
    var reader = requests.makeReader()
    while let bytes = try await reader.next() {
      let request = try EncodedMessage(bytes)
      try await writer.write(request)
      trace.sent(request)
    }
  }

  private func waiting<Result: Sendable>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    // Leaving this function cancels it.
    async let _: Void = remind()
    return try await body()
  }

  private func show(_ response: EncodedMessage, _ trace: CallTrace) throws {
    do throws(CodecFailure) {
      let decoded = try responses.decode(response.bytes, allFields: showsAllFields)
      trace.received(response, unknownFields: decoded.unknownFields)
      printJSON(decoded.json)
    } catch {
      throw Complaint("a response cannot be read: \(error)", code: .failed)
    }
  }
}

extension MethodDescriptor {
  /// What the schema says of the method.
  package init(_ method: CatalogMethod) {
    let schema = method.schema
    let kind: Kind =
      switch (schema.streamsRequests, schema.streamsResponses) {
      case (false, false): .unary
      case (true, false): .clientStreaming
      case (false, true): .serverStreaming
      case (true, true): .bidirectional
      }
    let effects: Effects =
      switch schema.effects {
      case .none: .none
      case .idempotent: .idempotent
      case .some: .some
      }
    self.init(
      service: method.service,
      name: schema.name,
      kind: kind,
      effects: effects,
      isAtOnce: schema.isAtOnce && kind == .unary
    )
  }
}
