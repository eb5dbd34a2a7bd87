/// A piece of a schedule: a stage, or one step of one.
struct ArrivalLeg: Sendable, Hashable {
  let kind: Kind
  let nanoseconds: UInt64

  enum Kind: Sendable, Hashable {
    /// So many at once; nil: all who are left.
    case burst(Int?)
    case even(ArrivalCurve)
    /// By chance, at a rate a second.
    case chance(Double)
    case replay([UInt64])
  }

  /// How many come in it, of so many in all.
  func amount(ofAll people: Int) -> Double {
    switch kind {
    case .burst(let count): Double(max(count ?? people, 0))
    case .even(let curve): curve.total
    case .chance(let rate): rate * Double(nanoseconds) / 1e9
    case .replay(let times): Double(times.count)
    }
  }
}

extension ArrivalStage {
  /// What it is made of. Numbers out of bounds are brought to them.
  func legs(_ recordings: [String: RecordedArrivals]) -> [ArrivalLeg] {
    switch self {
    case .atOnce(let count): return [ArrivalLeg(kind: .burst(count), nanoseconds: 0)]
    case .constant(let rate, let time): return [Self.even(rate, rate, time)]
    case .poisson(let rate, let time):
      let kind = ArrivalLeg.Kind.chance(ArrivalCurve.bounded(rate))
      return [ArrivalLeg(kind: kind, nanoseconds: time.planNanoseconds)]
    case .ramp(let from, let to, let time): return [Self.even(from, to, time)]
    case .steps(let from, let to, let count, let time):
      let count = min(max(count, 1), Self.stepsMax)
      let all = time.planNanoseconds
      return (0..<count).map { step in
        // The ends are rounded, and not the lengths, so that the last is where the stage ends.
        let length = all * UInt64(step + 1) / UInt64(count) - all * UInt64(step) / UInt64(count)
        let rate = from + (to - from) * (count > 1 ? Double(step) / Double(count - 1) : 0)
        return Self.even(rate, rate, .nanoseconds(Int64(length)))
      }
    case .recorded(let path):
      let times = recordings[path]?.times ?? []
      return [ArrivalLeg(kind: .replay(times), nanoseconds: times.last ?? 0)]
    case .pause(let time):
      return [ArrivalLeg(kind: .burst(0), nanoseconds: time.planNanoseconds)]
    }
  }

  /// How many it brings by its rates, of so many in all; nil where only a recording tells.
  func amount(ofAll people: Int) -> Double? {
    if case .recorded = self { return nil }
    return legs([:]).reduce(0) { $0 + $1.amount(ofAll: people) }
  }

  /// How long it lasts; nil where only a recording tells.
  var duration: Duration? {
    switch self {
    case .atOnce: .zero
    case .constant(_, let time), .poisson(_, let time), .ramp(_, _, let time),
      .steps(_, _, _, let time), .pause(let time):
      time
    case .recorded: nil
    }
  }

  private static func even(_ from: Double, _ to: Double, _ time: Duration) -> ArrivalLeg {
    ArrivalLeg(
      kind: .even(ArrivalCurve(from: from, to: to, for: time)),
      nanoseconds: time.planNanoseconds
    )
  }
}
