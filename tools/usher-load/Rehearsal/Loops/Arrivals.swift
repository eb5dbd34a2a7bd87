internal import Measuring

/// Those who are to come to one loop, in order, and how punctual they were.
struct Arrivals {
  /// Someone, by number, and when they are to come, in nanoseconds since the start.
  typealias Arrival = (number: Int, moment: UInt64)

  private let plan: AnyIterator<Arrival>
  /// When measuring begins.
  private let counted: UInt64
  private var next: Arrival?
  private(set) var punctuality = Punctuality()

  init(_ plan: AnyIterator<Arrival>, counted: UInt64) {
    self.plan = plan
    self.counted = counted
    next = plan.next()
  }

  /// The next one's moment; nil when nobody else is to come.
  var nextMoment: UInt64? { next?.moment }

  /// Takes the next one, if it is due.
  mutating func take(dueAt now: UInt64) -> Arrival? {
    guard let due = next, due.moment <= now else { return nil }
    punctuality.plan(at: due.moment)
    next = plan.next()
    return due
  }

  /// Someone who was to come then is here now.
  mutating func began(planned: UInt64, at now: UInt64) {
    punctuality.begin(planned: planned, at: now, counted: counted)
  }

  /// Something that follows from another's coming is done now.
  mutating func followed(planned: UInt64, at now: UInt64) {
    punctuality.follow(planned: planned, at: now, counted: counted)
  }

  /// Whoever should have come before `moment` and did not is missing from what was achieved.
  mutating func miss(before moment: UInt64) {
    while let missed = next, missed.moment < moment {
      punctuality.plan(at: missed.moment)
      next = plan.next()
    }
  }
}
