public import RPCCore
public import Transport
public import UsherAPI

/// Usher's services, each called over the same connections.
///
/// ```swift
/// try await withUsher { usher in
///   let answer = try await usher.health.check(HealthCheckRequest())
///   print(answer.status)
/// }
/// ```
///
/// It is a value: copies share their connections, and any number of tasks may call at once.
public struct UsherClient: Sendable {
  /// Where a server listens unless it is told otherwise.
  public static let defaultAddress = SocketAddress.tcp(host: "127.0.0.1", port: 7411)

  /// What carries the calls.
  public let caller: any Caller

  /// Whether the server and its services serve.
  public let health: HealthClient

  /// Clients whose calls go through `caller`: a ``RPCCore/Client``, or a test's stand-in for one.
  public init(_ caller: any Caller) {
    self.caller = caller
    health = HealthClient(caller)
  }
}

/// Runs `body` with a client of the servers at `addresses`, each of which serves the same, and
/// closes its connections when `body` is done.
///
/// Nothing is connected before the first call. A call fails with ``RPCCore/RPCFailure``; where it
/// arose on this side, because no server was reached, ``RPCCore/RPCFailure/isFromPeer`` is false.
public func withUsher<Result>(
  at addresses: [SocketAddress] = [UsherClient.defaultAddress],
  limits: ClientLimits = .defaults,
  interceptors: [any ClientInterceptor] = [],
  _ body: (UsherClient) async throws -> Result
) async throws -> Result {
  try await withClient(to: addresses, limits: limits, interceptors: interceptors) { client in
    try await body(UsherClient(client))
  }
}
