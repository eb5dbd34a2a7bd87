internal import Domain
internal import Ledger

// What a seed draws for a sale before it begins, and what operators think of.

extension Dice {
  /// Mostly as they come; sometimes so small that every bound is met.
  mutating func bounds() -> (Rules, LedgerLimits) {
    var rules = Rules()
    rules.rateMillisecondsMax = chance(50) ? 2_000 : 5_000
    rules.seatsPerTicketMax = chance(20) ? number(1...3) : 200
    rules.gatheringMilliseconds = chance(20) ? 500 : 100_000
    if chance(15) { rules.admissionsPerBatchMax = number(1...3) }
    var limits = LedgerLimits()
    if chance(15) { limits.lapsesPerBatchMax = number(1...3) }
    return (rules, limits)
  }

  mutating func policy(_ rules: Rules) -> GatePolicy {
    var policy = GatePolicy()
    if chance(70) { policy.insideMax = chance(40) ? 1 : number(2...6) }
    if chance(45) { policy.rateCount = chance(40) ? 1 : number(2...6) }
    policy.rateMilliseconds =
      chance(50) ? 1_000 : number(1_000...min(3_000, rules.rateMillisecondsMax))
    policy.claimMilliseconds = number(20...1_500)
    policy.graceMilliseconds = number(20...2_000)
    policy.sessionMilliseconds = number(50...4_000)
    policy.sessionMaxMilliseconds =
      policy.sessionMilliseconds + (chance(30) ? 0 : number(1...4_000))
    policy.stopsWhenSoldOut = chance(35)
    policy.isLimitedToStock = chance(35)
    if chance(60) { policy.prioritySharePercent = one(of: [1, 10, 25, 33, 50, 67, 90, 100]) }
    let window = policy.claimMilliseconds + policy.graceMilliseconds
    policy.askAgainMinMilliseconds = 1
    // Now and then more than a window bears, which is refused.
    policy.askAgainMaxMilliseconds = number(1...window * 2 / 3 + (chance(5) ? 2 : 0))
    return policy
  }

  mutating func concert(at gate: String, _ now: Instant) -> ConcertPlan {
    ConcertPlan(
      name: "Spring",
      gate: gate,
      holdMilliseconds: number(30...4_000),
      seatsPerUserMax: chance(20) ? number(1...3) : 0,
      cancelUntil: chance(60) ? now.after(milliseconds: number(1_000...60_000)) : nil
    )
  }

  mutating func times(_ now: Instant) -> DateTimes {
    let starts = now.after(milliseconds: chance(20) ? number(1...3_000) : 0)
    let ends = starts.after(milliseconds: chance(20) ? number(500...5_000) : 10_000_000)
    return DateTimes(
      opens: ends,
      closes: ends.after(milliseconds: number(1...1_000)),
      bookingStarts: starts,
      bookingEnds: ends
    )
  }
}
