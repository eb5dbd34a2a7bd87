/// How many a gate may let in, and what keeps it from letting in more.
package struct Room: Sendable, Hashable {
  /// What limits it.
  package enum Limit: Sendable, Hashable {
    /// Nothing but how many wait.
    case nothing
    case notOpen
    case paused
    /// As many are inside as may be.
    case inside
    /// As many came in within the interval as may.
    case rate
    case soldOut
    /// As many are inside without a seat as there are seats.
    case stock
  }

  package let count: UInt64
  package let limit: Limit
  /// When time alone makes more room; nil where it does not.
  package let more: Instant?

  /// What room is judged by.
  package struct Facts: Sendable {
    package let now: Instant
    package let inside: UInt64
    package let holding: UInt64
    package let admissions: UInt64
    /// Free seats of what the gate guards; nil where it guards nothing.
    package let free: UInt64?

    package init(
      now: Instant,
      inside: UInt64,
      holding: UInt64,
      admissions: UInt64,
      free: UInt64?
    ) {
      self.now = now
      self.inside = inside
      self.holding = holding
      self.admissions = admissions
      self.free = free
    }
  }
}

extension Gate {
  /// How many of at most `wanted` may come in. `admitted` tells when an admission was, by its number;
  /// nil where that is too long ago to matter.
  package func room<Failure: Error>(
    for wanted: UInt64,
    _ facts: Room.Facts,
    admitted: (UInt64) throws(Failure) -> Instant?
  ) throws(Failure) -> Room {
    guard isServing else {
      return Room(
        count: 0,
        limit: mode == .paused ? .paused : .notOpen,
        more: mode == .paused ? nil : opens
      )
    }
    var count = wanted
    var limit = Room.Limit.nothing
    if policy.insideMax > 0 {
      let room = UInt64(policy.insideMax).minus(facts.inside)
      if room < count { (count, limit) = (room, .inside) }
    }
    if let free = facts.free {
      if policy.stopsWhenSoldOut, free == 0, count > 0 { (count, limit) = (0, .soldOut) }
      if policy.isLimitedToStock {
        let room = free.minus(facts.inside.minus(facts.holding))
        if room < count { (count, limit) = (room, .stock) }
      }
    }
    guard policy.rateCount > 0 else { return Room(count: count, limit: limit, more: nil) }
    return try byRate(Room(count: count, limit: limit, more: nil), facts, admitted)
  }

  /// The admission numbered k waits until the one numbered k - N is an interval old.
  private func byRate<Failure: Error>(
    _ room: Room,
    _ facts: Room.Facts,
    _ admitted: (UInt64) throws(Failure) -> Instant?
  ) throws(Failure) -> Room {
    let count = UInt64(policy.rateCount)
    var allowed: UInt64 = 0
    while allowed < room.count {
      let next = facts.admissions + allowed + 1
      if next > count {
        let earlier = next - count
        // One of this very moment.
        let at = earlier > facts.admissions ? facts.now : try admitted(earlier)
        if let again = at?.after(milliseconds: policy.rateMilliseconds), facts.now < again {
          return Room(count: allowed, limit: .rate, more: again)
        }
      }
      allowed += 1
    }
    return room
  }
}

extension UInt64 {
  /// The difference, or 0 where `other` is more.
  package func minus(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
