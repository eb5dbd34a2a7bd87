internal import Glibc

/// When each person comes: nanoseconds since the start, never going back, made one at a time.
///
/// The order is the people's numbers. Whoever shares them out among workers gives each the numbers that
/// are its own by their remainder, so that a person is the same one however many workers there are.
public struct ArrivalSchedule: Sequence, Sendable {
  private let legs: [ArrivalLeg]
  private let people: Int
  private let seed: UInt64

  /// At most so many people, as the stages have them come. A recording that is not given is empty.
  public init(
    stages: [ArrivalStage],
    people: Int,
    seed: UInt64,
    recordings: [String: RecordedArrivals] = [:]
  ) {
    legs = stages.flatMap { $0.legs(recordings) }
    self.people = Swift.min(Swift.max(people, 0), Scenario.peopleMax)
    self.seed = seed
  }

  /// Begins with the first who comes.
  public func makeIterator() -> Iterator { Iterator(legs: legs, people: people, seed: seed) }
}

extension ArrivalSchedule {
  /// Goes through the schedule.
  public struct Iterator: IteratorProtocol, Sendable {
    private let legs: [ArrivalLeg]
    private let people: Int
    /// How many come by the stages' rates: chance, if it is what ends, makes it no fewer.
    private let promised: Int
    private let seed: UInt64
    private var came = 0

    /// Which leg is gone through, when it began, and how many came in it.
    private var index = 0
    private var start: UInt64 = 0
    private var cameInLeg = 0
    private var last: UInt64 = 0
    /// How much more than the people who came in it an evenly spaced leg's rates have to add up to for
    /// the next. Carried from leg to leg, so that nobody is lost where one ends between two people.
    private var due = 0.0
    /// Where chance is within its leg, in nanoseconds.
    private var chanceAt = 0.0
    private var random: SeededRandom

    /// What part of a person sums of rates may be off by: what is meant to come out whole does.
    private static let nothing = 1e-6

    fileprivate init(legs: [ArrivalLeg], people: Int, seed: UInt64) {
      self.legs = legs
      self.people = people
      self.seed = seed
      let amount = legs.reduce(0.0) { $0 + $1.amount(ofAll: people) }
      promised = Swift.min(people, Int(Swift.min(amount + Self.nothing, 1e9)))
      random = SeededRandom(seed: seed)
      begin(0)
    }

    /// When the next person comes; nil when nobody does any more.
    public mutating func next() -> UInt64? {
      guard came < people else { return nil }
      while index < legs.count {
        if let offset = nextInLeg(legs[index]) {
          came += 1
          cameInLeg += 1
          // What is rounded never goes back.
          last = Swift.max(last, start.addingReportingOverflow(offset).partialValue)
          return last
        }
        endLeg(legs[index])
      }
      return nil
    }

    private mutating func nextInLeg(_ leg: ArrivalLeg) -> UInt64? {
      switch leg.kind {
      case .burst(let count):
        return cameInLeg < count ?? people ? 0 : nil
      case .even(let curve):
        let amount = due + Double(cameInLeg)
        guard amount < curve.total - Self.nothing else { return nil }
        return UInt64((curve.time(of: amount) * 1e9).rounded())
      case .chance(let rate):
        guard rate > 0 else { return nil }
        chanceAt -= log(1 - random.share()) / rate * 1e9
        let isOver = chanceAt >= Double(leg.nanoseconds)
        guard !isOver || index == legs.count - 1 && came < promised, chanceAt < 0x1p62 else {
          return nil
        }
        return UInt64(chanceAt)
      case .replay(let times):
        return cameInLeg < times.count ? times[cameInLeg] : nil
      }
    }

    private mutating func endLeg(_ leg: ArrivalLeg) {
      if case .even(let curve) = leg.kind {
        due += Double(cameInLeg) - curve.total
      }
      let (end, isOver) = start.addingReportingOverflow(leg.nanoseconds)
      // Far beyond any plan; whoever comes then comes at its end.
      start = isOver || end > 1 << 62 ? 1 << 62 : end
      begin(index + 1)
    }

    private mutating func begin(_ next: Int) {
      index = next
      cameInLeg = 0
      chanceAt = 0
      // People draw from the parts of their numbers, and arrivals from those at the other end.
      random = SeededRandom(seed: seed, part: .max - UInt64(next))
    }
  }
}
