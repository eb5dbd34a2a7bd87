/// Whom a gate lets in, and for how long.
package struct GatePolicy: Sendable, Hashable {
  /// The most that are inside at once, those included who were admitted and have not come yet; 0: no
  /// limit.
  package var insideMax: UInt32 = 0
  /// The most admissions in any window of the interval's length; 0: no limit.
  package var rateCount: UInt32 = 0
  package var rateMilliseconds: Int64 = 1_000
  /// How long an admitted person has to come.
  package var claimMilliseconds: Int64 = 60_000
  /// How long someone who did not come keeps the old place.
  package var graceMilliseconds: Int64 = 120_000
  /// How long someone inside may begin new holds.
  package var sessionMilliseconds: Int64 = 600_000
  /// How long someone may be inside at all.
  package var sessionMaxMilliseconds: Int64 = 900_000
  package var stopsWhenSoldOut = false
  /// Whether people inside who hold nothing may not outnumber the free seats.
  package var isLimitedToStock = false
  /// How many of a hundred admissions go to the priority lane while both lanes wait.
  package var prioritySharePercent: UInt32 = 0
  /// How soon those in front ask again, and how late those far back.
  package var askAgainMinMilliseconds: Int64 = 1_000
  package var askAgainMaxMilliseconds: Int64 = 30_000
  package var adaptive: Adaptive?

  /// The rate follows the ledger: between floor and ceiling, so that its p99 stays near the target.
  package struct Adaptive: Sendable, Hashable {
    package let floor: UInt32
    package let ceiling: UInt32
    package let targetMilliseconds: Int64

    package init(floor: UInt32, ceiling: UInt32, targetMilliseconds: Int64) {
      self.floor = floor
      self.ceiling = ceiling
      self.targetMilliseconds = targetMilliseconds
    }
  }

  package static let defaults = GatePolicy()

  package init() {}
}

// MARK: - What contradicts itself

extension GatePolicy {
  func check(_ rules: Rules) throws(Interruption) {
    try checkBounds(rules)
    try checkReturns()
    guard sessionMilliseconds <= sessionMaxMilliseconds else {
      throw Self.contradiction(
        "session_max_ms \(sessionMaxMilliseconds) is less than session_ttl_ms "
          + "\(sessionMilliseconds): nobody could stay for the session"
      )
    }
    if let adaptive { try check(adaptive) }
  }

  private func checkBounds(_ rules: Rules) throws(Interruption) {
    guard (1_000...rules.rateMillisecondsMax).contains(rateMilliseconds) else {
      throw Self.contradiction(
        "rate_interval_ms \(rateMilliseconds) is not between 1000 and \(rules.rateMillisecondsMax)"
      )
    }
    guard prioritySharePercent <= 100 else {
      throw Self.contradiction("priority_share_percent \(prioritySharePercent) is above 100")
    }
    let times = [
      ("claim_ttl_ms", claimMilliseconds), ("return_grace_ms", graceMilliseconds),
      ("session_ttl_ms", sessionMilliseconds), ("session_max_ms", sessionMaxMilliseconds),
    ]
    for (name, time) in times where !(1...rules.gateMillisecondsMax).contains(time) {
      throw Self.contradiction("\(name) \(time) is not between 1 and \(rules.gateMillisecondsMax)")
    }
  }

  /// Whoever asks as seldom as they are told must be able to hear of their turn, and come back.
  private func checkReturns() throws(Interruption) {
    guard askAgainMinMilliseconds >= 1, askAgainMinMilliseconds <= askAgainMaxMilliseconds else {
      throw Self.contradiction(
        "ask_again_min_ms \(askAgainMinMilliseconds) is more than ask_again_max_ms "
          + "\(askAgainMaxMilliseconds)"
      )
    }
    let window = claimMilliseconds + graceMilliseconds
    // One and a half times, in whole numbers.
    guard 2 * window >= 3 * askAgainMaxMilliseconds else {
      throw Self.contradiction(
        "claim_ttl_ms \(claimMilliseconds) + return_grace_ms \(graceMilliseconds) = \(window) is "
          + "less than 1.5 x ask_again_max_ms \(askAgainMaxMilliseconds) = "
          + "\(askAgainMaxMilliseconds * 3 / 2): someone who asks as told could lose the place"
      )
    }
  }

  private func check(_ adaptive: Adaptive) throws(Interruption) {
    guard adaptive.floor >= 1, adaptive.floor <= adaptive.ceiling else {
      throw Self.contradiction(
        "adaptive: floor_per_interval \(adaptive.floor) is not between 1 and ceiling_per_interval "
          + "\(adaptive.ceiling)"
      )
    }
    guard adaptive.targetMilliseconds >= 1 else {
      throw Self.contradiction("adaptive: target_p99_ms has to be at least 1")
    }
  }

  private static func contradiction(_ sum: String) -> Interruption {
    .no(.policyContradicts, sum)
  }
}

// MARK: - Columns

extension GatePolicy {
  static let columns: [(String, TableShape.Kind)] = [
    ("inside_max", .integer), ("rate_count", .integer), ("rate_ms", .integer),
    ("claim_ms", .integer), ("grace_ms", .integer), ("session_ms", .integer),
    ("session_max_ms", .integer), ("stops_when_sold_out", .integer),
    ("limited_to_stock", .integer), ("priority_percent", .integer), ("ask_min_ms", .integer),
    ("ask_max_ms", .integer), ("adaptive_floor", .integer), ("adaptive_ceiling", .integer),
    ("adaptive_target_ms", .integer),
  ]

  init(from columns: inout some ColumnReader, of table: String) throws(DamagedRow) {
    insideMax = try columns.count(of: table)
    rateCount = try columns.count(of: table)
    rateMilliseconds = try columns.integer()
    claimMilliseconds = try columns.integer()
    graceMilliseconds = try columns.integer()
    sessionMilliseconds = try columns.integer()
    sessionMaxMilliseconds = try columns.integer()
    stopsWhenSoldOut = try columns.flag(of: table)
    isLimitedToStock = try columns.flag(of: table)
    prioritySharePercent = try columns.count(of: table)
    askAgainMinMilliseconds = try columns.integer()
    askAgainMaxMilliseconds = try columns.integer()
    let floor = try columns.count(of: table)
    let ceiling = try columns.count(of: table)
    let target = try columns.integer()
    // A ceiling of 0 stands for a rate that stays as it is.
    if ceiling > 0 {
      adaptive = Adaptive(floor: floor, ceiling: ceiling, targetMilliseconds: target)
    }
  }

  func write(to columns: inout some ColumnWriter) {
    columns.integer(Int64(insideMax))
    columns.integer(Int64(rateCount))
    columns.integer(rateMilliseconds)
    columns.integer(claimMilliseconds)
    columns.integer(graceMilliseconds)
    columns.integer(sessionMilliseconds)
    columns.integer(sessionMaxMilliseconds)
    columns.integer(stopsWhenSoldOut ? 1 : 0)
    columns.integer(isLimitedToStock ? 1 : 0)
    columns.integer(Int64(prioritySharePercent))
    columns.integer(askAgainMinMilliseconds)
    columns.integer(askAgainMaxMilliseconds)
    columns.integer(Int64(adaptive?.floor ?? 0))
    columns.integer(Int64(adaptive?.ceiling ?? 0))
    columns.integer(adaptive?.targetMilliseconds ?? 0)
  }
}
