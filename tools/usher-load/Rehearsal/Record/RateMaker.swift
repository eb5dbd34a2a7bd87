internal import Measuring
internal import RPCCore
internal import Reports
internal import Scenarios

/// Puts together what was answered at each rate of a plan, from the windows that lie wholly within its
/// time and are counted.
struct RateMaker {
  private let rehearsed: Rehearsed

  init(_ rehearsed: Rehearsed) { self.rehearsed = rehearsed }

  /// A record for each rate that had such a window. None for a crowd: its rates are those of people, who
  /// make many calls each.
  var rates: [RateRecord] {
    let scenario = rehearsed.scenario
    guard scenario.model == .call, let measure = rehearsed.results.steps["call"] else { return [] }
    var answers = measure.windows
    var arrivals = rehearsed.results.punctuality.windows
    let length = max(answers.nanoseconds, arrivals.nanoseconds)
    answers.lengthen(to: length)
    arrivals.lengthen(to: length)
    let counted = UInt64(clamping: scenario.warmUp.wholeNanoseconds)
    let end =
      rehearsed.ending != .itself
      ? UInt64(rehearsed.seconds * 1e9) : UInt64(clamping: scenario.timeLimit.wholeNanoseconds)
    return scenario.steadySpans.compactMap { span in
      let first = Int((max(span.lowerBound, counted) + length - 1) / length)
      // Behind the last arrival there is nothing of the plan.
      let last = min(Int(min(span.upperBound, end) / length), arrivals.cells.count)
      guard first < last else { return nil }
      let ended = answers.cells.dropFirst(first).prefix(last - first)
        .reduce(into: StepMeasure.Window()) { $0.merge($1) }
      return RateRecord(
        fromMs: Int64(UInt64(first) * length / 1_000_000),
        toMs: Int64(UInt64(last) * length / 1_000_000),
        planned: arrivals.cells[first..<last].reduce(0) { $0 + $1.planned },
        response: ended.response,
        errors: ended.failed
      )
    }
  }
}
