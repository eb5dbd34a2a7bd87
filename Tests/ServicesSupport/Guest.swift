package import RPCCore
package import UsherAPI
package import Wire

/// Someone who calls, always with the same things beside the request.
package struct Guest: Sendable {
  package let caller: any Caller
  package let users: UserClient
  package let concerts: ConcertClient
  package let reservations: ReservationClient
  package let payments: PaymentClient
  package let wallets: WalletClient
  package let events: EventClient
  package let gates: GateClient
  package let operators: OperatorClient

  private let base: any Caller
  private let metadata: Metadata

  package init(_ base: any Caller, _ metadata: Metadata) {
    self.base = base
    self.metadata = metadata
    let caller = SignedCaller(base: base, metadata: metadata)
    self.caller = caller
    users = UserClient(caller)
    concerts = ConcertClient(caller)
    reservations = ReservationClient(caller)
    payments = PaymentClient(caller)
    wallets = WalletClient(caller)
    events = EventClient(caller)
    gates = GateClient(caller)
    operators = OperatorClient(caller)
  }

  /// The same one, who says this beside the request too.
  package func saying(_ key: String, _ value: String) throws -> Guest {
    var metadata = metadata
    try metadata.add(key, value)
    return Guest(base, metadata)
  }

  /// The same one with an idempotency key.
  package func once(_ key: String) throws -> Guest {
    try saying(Metadata.Key.idempotencyKey, key)
  }
}

/// Adds the same metadata to every call.
private struct SignedCaller: Caller {
  let base: any Caller
  let metadata: Metadata

  private func signed(_ options: CallOptions) -> CallOptions {
    precondition(options.metadata.isEmpty, "a guest says what goes beside the request")
    var options = options
    options.metadata = metadata
    return options
  }

  func unary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions
  ) async throws(RPCFailure) -> Answer<Response> {
    try await base.unary(method, request, options: signed(options))
  }

  func serverStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions
  ) -> ResponseStream<Response> {
    base.serverStreaming(method, request, options: signed(options))
  }

  func clientStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    options: CallOptions,
    sending: (RequestWriter<Request>) async throws -> Void
  ) async throws -> Answer<Response> {
    try await base.clientStreaming(method, options: signed(options), sending: sending)
  }

  func bidirectional<Request: Message, Response: Message, Result>(
    _ method: MethodDescriptor,
    options: CallOptions,
    _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
  ) async throws -> Result {
    try await base.bidirectional(method, options: signed(options), body)
  }
}
