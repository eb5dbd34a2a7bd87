/// Who may call which method. What is not listed nobody may call.
package struct AccessPolicy: Sendable {
  /// Who may call a method.
  package enum Rule: Sendable, Hashable, CaseIterable {
    /// Everyone, and nobody is asked who they are.
    case open
    /// A user, or an app that names one.
    case buyer
    /// A user or an app, whether it names a user or not.
    case userOrApp
    /// An app.
    case app
    /// An app that names a user.
    case appForUser
    /// An operator.
    case `operator`

    /// Whether callers of this kind may.
    package func allows(_ role: Principal.Role) -> Bool {
      switch self {
      case .open: true
      case .buyer, .userOrApp: role != .operator
      case .app, .appForUser: role == .app
      case .operator: role == .operator
      }
    }

    /// Whether the call acts for someone, whom an app has to name.
    package var needsUser: Bool { self == .buyer || self == .appForUser }

    /// Whom it lets in, for those whom it does not.
    var callers: String {
      switch self {
      case .open: "everyone"
      case .buyer, .userOrApp: "users and apps"
      case .app, .appForUser: "apps"
      case .operator: "operators"
      }
    }
  }

  private let rules: [String: Rule]
  private let needs: [String: PassNeed]

  /// The policy with those rules, by the methods' paths, and what tokens of a line they take.
  package init(_ rules: [String: Rule], passes needs: [String: PassNeed] = [:]) {
    self.rules = rules
    self.needs = needs
  }

  /// Who may call the method; nil if it is not listed.
  package func rule(for path: String) -> Rule? { rules[path] }

  /// Which token of a line the method takes.
  package func need(for path: String) -> PassNeed { needs[path] ?? .none }
}

extension AccessPolicy {
  /// The API's.
  package static let standard = AccessPolicy(
    [
      of("grpc.health.v1.Health", ["Check": .open, "Watch": .open]),
      of(
        "usher.v1.UserService",
        ["Register": .app, "Get": .userOrApp, "IssueToken": .app, "Delete": .app]
      ),
      of(
        "usher.v1.GateService",
        [
          "Enter": .buyer, "Check": .buyer, "Watch": .buyer, "Claim": .buyer, "Leave": .buyer,
          "Prove": .buyer,
        ]
      ),
      of(
        "usher.v1.ConcertService",
        ["ListConcerts": .userOrApp, "ListDates": .userOrApp, "ListSeats": .userOrApp]
      ),
      of(
        "usher.v1.ReservationService",
        ["Hold": .buyer, "Release": .buyer, "Get": .buyer, "List": .buyer, "Cancel": .buyer]
      ),
      of("usher.v1.PaymentService", ["Pay": .buyer, "Get": .buyer, "List": .buyer]),
      of(
        "usher.v1.WalletService",
        ["Charge": .appForUser, "GetBalance": .buyer, "ListEntries": .buyer]
      ),
      of("usher.v1.EventService", ["Subscribe": .app]),
      of(
        "usher.v1.OperatorService",
        [
          "CreateConcert": .operator, "UpdateConcert": .operator, "DeleteConcert": .operator,
          "AddDate": .operator, "UpdateDate": .operator, "CancelDate": .operator,
          "SetGate": .operator, "GetGate": .operator, "ListGates": .operator,
          "PauseGate": .operator, "ResumeGate": .operator, "DrainGate": .operator,
          "NewEpoch": .operator, "ExplainTicket": .operator, "CreateAppKey": .operator,
          "RevokeAppKey": .operator, "RotateSigningKey": .operator, "Stats": .operator,
          "Export": .operator,
        ]
      ),
    ].reduce(into: [:]) { all, service in all.merge(service) { one, _ in one } },
    passes: [
      of(
        "usher.v1.GateService",
        ["Check": .queue, "Watch": .queue, "Claim": .queue, "Leave": .queue, "Prove": .queue]
      ),
      of("usher.v1.ConcertService", ["ListDates": .entry, "ListSeats": .entry]),
      of("usher.v1.ReservationService", ["Hold": .entry, "Release": .entry]),
      of("usher.v1.PaymentService", ["Pay": .entry]),
    ].reduce(into: [:]) { all, service in all.merge(service) { one, _ in one } }
  )

  private static func of<Rule>(_ service: String, _ methods: [String: Rule]) -> [String: Rule] {
    Dictionary(uniqueKeysWithValues: methods.map { ("/\(service)/\($0.key)", $0.value) })
  }
}
