public import Wire

/// Where a handler puts its responses. May be used from any task; what one task writes keeps its
/// order.
public struct ResponseWriter<Response: Message>: Sendable {
  private enum Sink: Sendable {
    case call(LoopBound<ServerCall>)
    case collector(ReplyCollector<Response>)
    case custom(
      write: @Sendable (Reply<Response>) async throws -> Void,
      setTrailers: @Sendable (Metadata) -> Void
    )
  }

  private let sink: Sink

  init(to call: ServerCall) { sink = .call(LoopBound(call, to: call.loop)) }

  init(collectingIn collector: ReplyCollector<Response>) { sink = .collector(collector) }

  /// A writer that hands responses to `write`.
  public init(
    write: @escaping @Sendable (Reply<Response>) async throws -> Void,
    setTrailers: @escaping @Sendable (Metadata) -> Void
  ) {
    sink = .custom(write: write, setTrailers: setTrailers)
  }

  /// Sends a response. Returns when there was room for it: a peer that does not read makes its own
  /// handler wait. Throws when the call has ended.
  public func write(_ message: Response) async throws {
    try await write(Reply(message))
  }

  /// Sends a response that was encoded before.
  public func write(encoded: [UInt8]) async throws {
    try await write(Reply(encoded: encoded))
  }

  func write(_ reply: Reply<Response>) async throws {
    switch sink {
    case .call(let call):
      if call.isCurrent, try call.value.sendIfRoom(reply) { return }
      try await call.onLoop { try await $0.send(reply) }
    case .collector(let collector): try collector.collect(reply)
    case .custom(let write, _): try await write(reply)
    }
  }

  /// Sets what travels with the status when the call ends in OK.
  public func setTrailers(_ trailers: Metadata) {
    switch sink {
    case .call(let call): call.run { $0.trailers = trailers }
    case .collector(let collector): collector.setTrailers(trailers)
    case .custom(_, let setTrailers): setTrailers(trailers)
    }
  }

  /// A writer that sends each response as `transform` makes it.
  public func map(
    _ transform: @escaping @Sendable (Reply<Response>) async throws -> Reply<Response>
  ) -> ResponseWriter {
    ResponseWriter(
      write: { try await write(try await transform($0)) },
      setTrailers: { setTrailers($0) }
    )
  }
}
