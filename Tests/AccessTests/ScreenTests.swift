import Access
import Domain
import RPCCore
import TestSupport
import Testing
import UsherAPI
import Wire

/// What a caller shows, in every way that matters.
private enum Shown: CaseIterable, Sendable {
  case nothing, noBearer, emptyBearer, noise, strangeKey, revokedKey, forgedToken, expiredToken
  case user, userNamingThemselves, userNamingOther, userNamingNoise
  case app, appNamingUser, appNamingNoise
  case `operator`, operatorNamingUser

  func metadata(in installation: Installation) throws -> Metadata {
    let ada = Installation.ada.description
    let token = installation.token(of: Installation.ada)
    func of(_ secret: String?, for user: String? = nil) throws -> Metadata {
      try Installation.metadata(showing: secret, for: user)
    }
    switch self {
    case .nothing: return try of(nil, for: ada)
    case .noBearer:
      var metadata = Metadata()
      try metadata.add(Metadata.Key.authorization, token)
      return metadata
    case .emptyBearer: return try of("")
    case .noise: return try of("usher")
    case .strangeKey: return try of(installation.strangeKey.text, for: ada)
    case .revokedKey: return try of(installation.revokedKey.text)
    case .forgedToken: return try of(String(token.dropLast(2)) + "zz")
    case .expiredToken: return try of(installation.expiredToken)
    case .user: return try of(token)
    case .userNamingThemselves: return try of(token, for: ada.uppercased())
    case .userNamingOther: return try of(token, for: "\(Installation.bob)")
    case .userNamingNoise: return try of(token, for: "ada")
    case .app: return try of(installation.appKey.text)
    case .appNamingUser: return try of(installation.appKey.text, for: ada)
    case .appNamingNoise: return try of(installation.appKey.text, for: "ada")
    case .operator: return try of(installation.operatorKey.text)
    case .operatorNamingUser: return try of(installation.operatorKey.text, for: ada)
    }
  }

  /// What the table of the API says of this caller and that method; nil where they may call it.
  func refusal(_ method: Method) -> UsherAPI.Refusal? {
    if method.path.hasPrefix("/grpc.health.v1.Health/") { return nil }
    switch self {
    case .nothing: return .credentialsMissing
    case .noBearer, .emptyBearer, .noise, .strangeKey, .revokedKey, .forgedToken, .expiredToken:
      return .credentialsInvalid
    case .user, .userNamingThemselves: return method.isForUsers ? nil : .forbidden
    case .userNamingOther: return .forbidden
    case .userNamingNoise: return method.isForUsers ? .fieldInvalid : .forbidden
    case .app:
      guard !method.isForOperators else { return .forbidden }
      return method.actsForSomeone ? .userRequired : nil
    case .appNamingUser: return method.isForOperators ? .forbidden : nil
    case .appNamingNoise: return method.isForOperators ? .forbidden : .fieldInvalid
    case .operator: return method.isForOperators ? nil : .forbidden
    case .operatorNamingUser: return .forbidden
    }
  }
}

/// The table of the API in other words than the policy's.
extension Method {
  /// Whether it asks for a queue token of all whom it lets pass: they show none here.
  fileprivate var needsQueueToken: Bool {
    path.hasPrefix("/usher.v1.GateService/") && !path.hasSuffix("/Enter")
  }

  fileprivate var isForOperators: Bool { path.hasPrefix("/usher.v1.OperatorService/") }

  fileprivate var isForUsers: Bool {
    let isAppsAlone = [
      "/usher.v1.UserService/Register", "/usher.v1.UserService/IssueToken",
      "/usher.v1.UserService/Delete", "/usher.v1.WalletService/Charge",
      "/usher.v1.EventService/Subscribe",
    ]
    .contains(path)
    return !isForOperators && !isAppsAlone
  }

  fileprivate var actsForSomeone: Bool {
    let services = ["GateService", "ReservationService", "PaymentService", "WalletService"]
    return services.contains { path.hasPrefix("/usher.v1.\($0)/") }
  }
}

/// Every method of the API with a handler that tells for whom it was called.
private struct EveryService: RPCService {
  let reached: Record<String>

  func register(in routes: inout Routes) {
    for method in Method.all.map(\.descriptor) {
      if method.isAtOnce {
        routes.atOnce(method) { (_: HealthCheckRequest, context) in reply(context) }
      } else if method.kind == .unary {
        routes.unary(method) { (_: HealthCheckRequest, context) in reply(context) }
      } else {
        routes.serverStreaming(method) {
          (_: HealthCheckRequest, _: ResponseWriter<HealthCheckResponse>, context) in
          _ = reply(context)
        }
      }
    }
  }

  private func reply(_ context: CallContext) -> Reply<HealthCheckResponse> {
    let principal = context.identity as? Principal
    reached.add("\(context.method.path) \(principal?.user?.description ?? "-")")
    return Reply(HealthCheckResponse())
  }
}

@Suite("The access screen") struct ScreenTests {
  /// Calls every method with what is shown, twice on one connection, and compares with the table.
  @Test("Every method lets those callers pass whom the table lets pass", arguments: Shown.allCases)
  private func table(shown: Shown) async throws {
    let installation = try await Installation()
    let reached = Record<String>()
    let core = ServerCore(
      router: try Router(services: [EveryService(reached: reached)]),
      screen: installation.screen
    )
    let peer = ServerPeer(to: core)
    var call: UInt32 = 0
    for method in Method.all + Method.all {
      call += 1
      let before = reached.entries.count
      peer.send(
        .open(
          call,
          method.descriptor,
          HealthCheckRequest(),
          metadata: try shown.metadata(in: installation)
        )
      )
      let close = try #require(try peer.frames().last)
      var expected = shown.refusal(method)
      if expected == nil, method.needsQueueToken { expected = .tokenMissing }
      #expect(close.metadata[Metadata.Key.refusal] == expected?.shortName, "\(method.path)")
      #expect(close.status == expected?.statusCode ?? .ok, "\(method.path)")
      #expect(close.reason.isEmpty == (expected == nil), "\(method.path)")
      #expect(reached.entries.count == before + (expected == nil ? 1 : 0), "\(method.path)")
      if expected == nil, method.actsForSomeone {
        #expect(reached.entries.last == "\(method.path) \(Installation.ada)")
      }
    }
  }

  @Test("A method that the policy does not list is refused, whoever calls")
  func unlisted() async throws {
    let installation = try await Installation()
    let screen = AccessScreen(
      ring: installation.ring,
      policy: AccessPolicy([:]),
      now: { Installation.start },
      epoch: { _ in 1 },
      mayLack: { _ in false }
    )
    for secret in [nil, installation.operatorKey.text, installation.appKey.text] {
      let context = try installation.context(HealthMethods.check, showing: secret)
      #expect(Screened(screen).refusal(context) == "FORBIDDEN")
    }
  }

  @Test("A handler learns who calls, for whom, and whose idempotency keys it is to look for")
  func principals() async throws {
    let installation = try await Installation()
    let screened = Screened(installation.screen)
    func principal(_ secret: String, _ user: UserID? = nil) throws -> Principal {
      try screened.principal(
        try installation.context(
          secret == installation.operatorKey.text ? OperatorMethods.stats : UserMethods.get,
          showing: secret,
          for: user?.description
        )
      )
    }
    let user = try principal(installation.token(of: Installation.ada))
    #expect(user.role == .user && user.user == Installation.ada && user.key == nil)
    let app = try principal(installation.appKey.text)
    #expect(app.role == .app && app.user == nil && app.caller == ID(high: 9, low: 1))
    let acting = try principal(installation.appKey.text, Installation.ada)
    #expect(acting.role == .app && acting.key == app.key && acting.caller == user.caller)
    let other = try principal(installation.appKey.text, Installation.bob)
    #expect(other.user == Installation.bob && acting.user == Installation.ada)
    let head = try principal(installation.operatorKey.text)
    #expect(head.role == .operator && head.caller == ID(high: 9, low: 2))
  }

  @Test("Who acts for nobody is told to name someone, and who was not asked is nobody")
  func actingUser() throws {
    func refusal(_ principal: Principal?) -> String? {
      let context = CallContext(method: UserMethods.get, identity: principal)
      do {
        _ = try context.actingUser()
        return nil
      } catch {
        return (error as? RPCFailure)?.refusal
      }
    }
    #expect(refusal(.user(Installation.ada)) == nil)
    #expect(refusal(.app(ID(high: 1, low: 1), for: Installation.ada)) == nil)
    #expect(refusal(.app(ID(high: 1, low: 1))) == "USER_REQUIRED")
    #expect(refusal(nil) == "CREDENTIALS_MISSING")
  }
}
