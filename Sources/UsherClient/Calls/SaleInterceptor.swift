internal import RPCCore
internal import Synchronization
internal import Wire

/// What Usher's calls carry without their callers' doing: who calls, an idempotency key on whatever
/// changes something, and the last offset seen on whatever looks, so that a look never shows less
/// than this client has seen before.
final class SaleInterceptor: ClientInterceptor {
  private let credentials: Credentials?
  private let makeKey: @Sendable () -> String
  private let lastOffset = Atomic<UInt64>(0)

  init(
    credentials: Credentials?,
    makeKey: @escaping @Sendable () -> String = { IdempotencyKey.make() }
  ) {
    self.credentials = credentials
    self.makeKey = makeKey
  }

  func interceptUnary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ options: CallOptions,
    next: @Sendable (Request, CallOptions) async throws -> Answer<Response>
  ) async throws -> Answer<Response> {
    let answer = try await next(request, try prepare(options, for: method))
    if let offset = answer.trailers[Metadata.Key.offset].flatMap(UInt64.init) {
      lastOffset.max(offset, ordering: .relaxed)
    }
    return answer
  }

  func interceptStream<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ options: CallOptions,
    next: @Sendable (CallOptions) async throws -> OpenStream<Request, Response>
  ) async throws -> OpenStream<Request, Response> {
    try await next(try prepare(options, for: method))
  }

  private func prepare(_ options: CallOptions, for method: MethodDescriptor) throws -> CallOptions {
    guard method.service.hasPrefix("usher.") else { return options }
    var options = options
    try credentials?.add(to: &options.metadata)
    if method.effects == .none {
      let offset = lastOffset.load(ordering: .relaxed)
      if offset > 0 {
        try options.metadata.addIfMissing(Metadata.Key.atLeastOffset, String(offset))
      }
    } else {
      // The same for every try of this call: that is what makes trying again safe.
      try options.metadata.addIfMissing(Metadata.Key.idempotencyKey, makeKey())
    }
    return options
  }
}
