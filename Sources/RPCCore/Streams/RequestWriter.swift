public import Wire

/// Where a client puts the requests of a call that takes many. May be used from any task; what one
/// task writes keeps its order.
public struct RequestWriter<Request: Message>: Sendable {
  private let writeRequest: @Sendable (Request) async throws -> Void
  private let finishRequests: @Sendable () -> Void

  /// A writer that hands requests to `write`, and says with `finish` that no more come.
  public init(
    write: @escaping @Sendable (Request) async throws -> Void,
    finish: @escaping @Sendable () -> Void
  ) {
    writeRequest = write
    finishRequests = finish
  }

  init(to call: LoopBound<StreamCall>) {
    self.init(
      write: { request in try await call.onLoop { try await $0.send(request) } },
      finish: { call.run { $0.finishRequests() } }
    )
  }

  /// Sends a request. Returns when there was room for it: a server that does not read makes its
  /// caller wait. Throws when the call has ended.
  public func write(_ request: Request) async throws { try await writeRequest(request) }

  /// Says that no more requests come.
  public func finish() { finishRequests() }

  /// A writer that sends each request as `transform` makes it.
  public func map(
    _ transform: @escaping @Sendable (Request) async throws -> Request
  ) -> RequestWriter {
    RequestWriter(write: { try await write(try await transform($0)) }, finish: finish)
  }
}
