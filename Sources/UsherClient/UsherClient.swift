public import RPCCore
public import Transport
public import UsherAPI

/// Usher's services, each called over the same connections.
///
/// ```swift
/// try await withUsher(as: .user(token: token)) { usher in
///   let held = try await usher.reservations.hold(
///     HoldRequest(dateID: date, seatNumbers: [12, 13])
///   )
///   let paid = try await usher.payments.pay(
///     PayRequest(reservationIDs: held.reservations.map(\.id))
///   )
///   print(paid.balance)
/// }
/// ```
///
/// What changes something carries an idempotency key, the same for every try, and what looks never
/// shows less than this client has seen before.
///
/// It is a value: copies share their connections, and any number of tasks may call at once.
public struct UsherClient: Sendable {
  /// Where a server listens unless it is told otherwise.
  public static let defaultAddress = SocketAddress.tcp(host: "127.0.0.1", port: 7411)

  /// What carries the calls.
  public let caller: any Caller

  /// Whether the server and its services serve.
  public let health: HealthClient
  /// Those who buy.
  public let users: UserClient
  /// The line.
  public let gates: GateClient
  /// What can be booked.
  public let concerts: ConcertClient
  /// Seats held.
  public let reservations: ReservationClient
  /// Balances.
  public let wallets: WalletClient
  /// Seats bought.
  public let payments: PaymentClient
  /// Everything that happened.
  public let events: EventClient
  /// For whoever runs the sale.
  public let operators: OperatorClient

  /// Clients whose calls go through `caller`: a ``RPCCore/Client``, or a test's stand-in for one.
  public init(_ caller: any Caller) {
    self.caller = caller
    health = HealthClient(caller)
    users = UserClient(caller)
    gates = GateClient(caller)
    concerts = ConcertClient(caller)
    reservations = ReservationClient(caller)
    wallets = WalletClient(caller)
    payments = PaymentClient(caller)
    events = EventClient(caller)
    operators = OperatorClient(caller)
  }
}

/// Runs `body` with a client of the servers at `addresses`, each of which serves the same, and
/// closes its connections when `body` is done.
///
/// Nothing is connected before the first call. A call fails with ``RPCCore/RPCFailure``; where it
/// arose on this side, because no server was reached, ``RPCCore/RPCFailure/isFromPeer`` is false.
public func withUsher<Result>(
  at addresses: [SocketAddress] = [UsherClient.defaultAddress],
  as credentials: Credentials? = nil,
  limits: ClientLimits = .defaults,
  interceptors: [any ClientInterceptor] = [],
  _ body: (UsherClient) async throws -> Result
) async throws -> Result {
  let interceptors = interceptors + [SaleInterceptor(credentials: credentials)]
  return try await withClient(to: addresses, limits: limits, interceptors: interceptors) { client in
    try await body(UsherClient(client))
  }
}
