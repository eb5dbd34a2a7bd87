internal import Arguments
internal import UsherAPI

/// One thing that an operator can say of a gate: its flag, and how it is read and told.
struct GateSetting: Sendable {
  let flag: Flag
  /// The flag that takes it back, where it is only so or not.
  let opposite: Flag?
  /// What it is, for a person.
  let label: String
  /// Its value as the flag takes it.
  let value: @Sendable (GateDraft) -> String
  /// Takes what was typed behind the flag.
  let set: @Sendable (inout GateDraft, _ typed: String) throws -> Void

  private init(
    _ name: String,
    _ placeholder: String?,
    _ label: String,
    help: String,
    value: @escaping @Sendable (GateDraft) -> String,
    set: @escaping @Sendable (inout GateDraft, _ typed: String) throws -> Void
  ) {
    flag = Flag(name, placeholder, isSetting: false, help: help)
    opposite =
      placeholder == nil ? Flag("no-\(name)", isSetting: false, help: "take --\(name) back") : nil
    self.label = label
    self.value = value
    self.set = set
  }

  /// The flag that sets it to what it is in `draft`, as a shell takes it.
  func typed(_ draft: GateDraft) -> String {
    let value = value(draft)
    guard let opposite else { return "--\(flag.name) \(value.quoted)" }
    return "--\(value == Self.yes ? flag.name : opposite.name)"
  }

  /// What was typed for it; nil where nothing was.
  private func typed(in flags: ParsedArguments) throws -> String? {
    guard let opposite, flags.has(opposite.name) else {
      return flags[flag.name].map { opposite == nil ? $0 : Self.yes }
    }
    guard !flags.has(flag.name) else {
      throw UsageError("--\(flag.name) and --\(opposite.name) are not both possible")
    }
    return Self.no
  }

  /// Whether it was named.
  func isNamed(in flags: ParsedArguments) -> Bool {
    flags.has(flag.name) || opposite.map { flags.has($0.name) } ?? false
  }

  /// The flags of all that can be said.
  static var flags: [Flag] { all.flatMap { [$0.flag] + ($0.opposite.map { [$0] } ?? []) } }

  private static let yes = "yes"
  private static let no = "no"

  /// What can be said of a gate, in the order in which it is told.
  static let all = limits + times + rules

  /// Changes what the flags name, and nothing else.
  static func change(_ draft: inout GateDraft, by flags: ParsedArguments) throws {
    for setting in all {
      if let typed = try setting.typed(in: flags) { try setting.set(&draft, typed) }
    }
  }

  /// What differs, and how.
  static func differences(
    from before: GateDraft,
    to after: GateDraft
  ) -> [(setting: GateSetting, before: String, after: String)] {
    all.compactMap { setting in
      let (then, now) = (setting.value(before), setting.value(after))
      return then == now ? nil : (setting, then, now)
    }
  }
}

// MARK: - What there is

extension GateSetting {
  private static let limits = [
    GateSetting(
      "inside",
      "N",
      "inside, at most",
      help: "the most inside at once; none: no limit",
      value: { Self.limit($0.policy.insideMax) },
      set: { $0.policy.insideMax = try Self.limit($1, "inside") }
    ),
    GateSetting(
      "rate",
      "N/INTERVAL",
      "admitted, at most",
      help: "the most admissions in any such window: 50/1s; none: no limit",
      value: { Self.rate($0.policy) },
      set: { try Self.setRate(&$0.policy, $1) }
    ),
    GateSetting(
      "adaptive",
      "FLOOR-CEILING@TARGET",
      "rate follows the load",
      help: "move the rate so that the ledger's p99 stays near TARGET: 10-80@20ms; none: do not",
      value: { Self.adaptive($0.policy) },
      set: { $0.policy.adaptive = try Self.adaptive($1) }
    ),
  ]

  private static let times = [
    span("claim", "time to come in", help: "how long an admitted person has to come", \.claimTTLMs),
    span(
      "grace",
      "return grace",
      help: "how long a missed turn keeps its place",
      \.returnGraceMs
    ),
    span(
      "session",
      "session",
      help: "how long someone inside may begin holds",
      \.sessionTTLMs
    ),
    span(
      "session-max",
      "session, at most",
      help: "how long someone may be inside at all",
      \.sessionMaxMs
    ),
    GateSetting(
      "ask-again",
      "MIN-MAX",
      "asks again",
      help: "how soon those in front ask again, and how late those far back: 1s-30s",
      value: {
        "\(Moments.flag($0.policy.askAgainMinMs))-\(Moments.flag($0.policy.askAgainMaxMs))"
      },
      set: { draft, typed in
        let (least, most) = try Self.pair(typed, "ask-again", "MIN-MAX")
        draft.policy.askAgainMinMs = try Self.milliseconds(least, "ask-again")
        draft.policy.askAgainMaxMs = try Self.milliseconds(most, "ask-again")
      }
    ),
    GateSetting(
      "opens",
      "TIME",
      "opens",
      help: "when it opens: 2026-12-01T10:00:00Z, +90m, or now",
      value: { $0.opensMs <= GateDraft.now ? "now" : Moments.stamp($0.opensMs) },
      set: { draft, typed in
        guard typed == "now" else {
          draft.opensMs = try Moments.parse(typed, of: "opens")
          return
        }
        // Where nothing was announced, there is nothing to take back.
        if draft.opensMs != 0 { draft.opensMs = GateDraft.now }
      }
    ),
  ]

  private static let rules = [
    choice("lottery", help: "shuffle those who come before it opens", \.lottery),
    choice(
      "stop-when-sold-out",
      help: "admit nobody while no seat is free",
      \.policy.stopWhenSoldOut
    ),
    choice(
      "limit-to-stock",
      help: "admit no more than there are seats for",
      \.policy.limitToStock
    ),
    GateSetting(
      "priority-share",
      "P",
      "to the priority lane",
      help: "how many of a hundred admissions go to the priority lane",
      value: { "\($0.policy.prioritySharePercent)%" },
      set: { draft, typed in
        let number = typed.hasSuffix("%") ? String(typed.dropLast()) : typed
        draft.policy.prioritySharePercent = try Self.number(number, "priority-share")
      }
    ),
    GateSetting(
      "message",
      "TEXT",
      "message",
      help: "what those who wait are told",
      value: \.message,
      set: { $0.message = $1 }
    ),
  ]

  private static func span(
    _ name: String,
    _ label: String,
    help: String,
    _ path: any WritableKeyPath<GatePolicy, UInt32> & Sendable
  ) -> GateSetting {
    GateSetting(
      name,
      "DURATION",
      label,
      help: help,
      value: { Moments.flag($0.policy[keyPath: path]) },
      set: { $0.policy[keyPath: path] = try milliseconds($1, name) }
    )
  }

  private static func choice(
    _ name: String,
    help: String,
    _ path: any WritableKeyPath<GateDraft, Bool> & Sendable
  ) -> GateSetting {
    GateSetting(
      name,
      nil,
      name.replacing("-", with: " "),
      help: help,
      value: { $0[keyPath: path] ? yes : no },
      set: { $0[keyPath: path] = $1 == yes }
    )
  }
}

// MARK: - Values

extension GateSetting {
  private static func limit(_ count: UInt32) -> String { count == 0 ? "none" : "\(count)" }

  private static func limit(_ typed: String, _ name: String) throws -> UInt32 {
    typed == "none" ? 0 : try number(typed, name)
  }

  private static func rate(_ policy: GatePolicy) -> String {
    policy.rateCount == 0
      ? "none" : "\(policy.rateCount)/\(Moments.flag(policy.rateIntervalMs))"
  }

  private static func setRate(_ policy: inout GatePolicy, _ typed: String) throws {
    guard typed != "none" else { return policy.rateCount = 0 }
    let parts = typed.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw form(typed, "rate", "N/INTERVAL, such as 50/1s") }
    let count = try number(parts[0], "rate")
    guard count > 0 else {
      throw UsageError("--rate: \(typed): nobody would come in", hint: "usher gate pause NAME")
    }
    policy.rateCount = count
    policy.rateIntervalMs = try milliseconds(parts[1], "rate")
  }

  /// How a rate follows the load, as its flag takes it.
  static func adaptive(_ policy: GatePolicy) -> String {
    guard let adaptive = policy.adaptive else { return "none" }
    return "\(adaptive.floorPerInterval)-\(adaptive.ceilingPerInterval)"
      + "@\(Moments.flag(adaptive.targetP99Ms))"
  }

  private static func adaptive(_ typed: String) throws -> Adaptive? {
    guard typed != "none" else { return nil }
    let parts = typed.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw form(typed, "adaptive", "FLOOR-CEILING@TARGET, such as 10-80@20ms")
    }
    let (floor, ceiling) = try pair(parts[0], "adaptive", "FLOOR-CEILING@TARGET")
    return Adaptive(
      floorPerInterval: try number(floor, "adaptive"),
      ceilingPerInterval: try number(ceiling, "adaptive"),
      targetP99Ms: try milliseconds(parts[1], "adaptive")
    )
  }

  private static func pair(
    _ typed: String,
    _ name: String,
    _ shape: String
  ) throws -> (String, String) {
    let parts = typed.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw form(typed, name, shape) }
    return (parts[0], parts[1])
  }

  private static func number(_ typed: String, _ name: String) throws -> UInt32 {
    guard let number = UInt32(typed) else { throw form(typed, name, "a whole number") }
    return number
  }

  private static func milliseconds(_ typed: String, _ name: String) throws -> UInt32 {
    guard let span = UInt32(exactly: try Moments.span(typed, of: name)) else {
      throw UsageError("--\(name): \(typed): that is longer than can be said")
    }
    return span
  }

  private static func form(_ typed: String, _ name: String, _ shape: String) -> UsageError {
    UsageError("--\(name): \(typed): \(shape) goes here")
  }
}
