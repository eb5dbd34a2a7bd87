internal import Measuring
internal import Reports
internal import Scenarios

/// What goals are judged by.
struct Measured {
  private let record: RunRecord
  private let sold: UInt64?

  init(_ record: RunRecord, sold: UInt64?) {
    self.record = record
    self.sold = sold
  }

  /// The value of a measure, of one step or of all: times in nanoseconds, shares from 0 to 1.
  func value(of measure: Goal.Measure, _ subject: String?) -> Double? {
    switch measure {
    case .percentile(let percentile):
      return histogram(subject).map { Double($0.value(atShare: percentile / 100)) }
    case .max: return histogram(subject).map { Double($0.max) }
    case .errors:
      let steps = steps(subject)
      let count = steps.reduce(0) { $0 + $1.response.count + $1.failed.count }
      let errors = steps.flatMap(\.failures).reduce(0) { $0 + ($1.isError ? $1.count : 0) }
      return count == 0 ? nil : Double(errors) / Double(count)
    case .rate:
      let seconds = record.facts.seconds - record.facts.warmUpSeconds
      guard seconds > 0 else { return nil }
      return Double(steps(subject).reduce(0) { $0 + $1.response.count }) / seconds
    case .kept:
      guard let people = record.people, people.waitsTotal > 0 else { return nil }
      return Double(people.promisesKept) / Double(people.waitsTotal)
    case .sold: return sold.map { Double($0) }
    }
  }

  /// How many values a percentile was taken of, where too few lie beyond it for it to be told.
  func fewSamples(of measure: Goal.Measure, _ subject: String?) -> UInt64? {
    guard case .percentile(let percentile) = measure, let times = histogram(subject) else {
      return nil
    }
    return times.tells(share: percentile / 100) ? nil : times.count
  }

  private func steps(_ subject: String?) -> [StepRecord] {
    guard let subject else { return record.steps }
    return record.steps.filter { $0.name == subject }
  }

  private func histogram(_ subject: String?) -> Histogram? {
    let found: Histogram?
    switch subject {
    case "line": found = record.people?.timeInLine
    case "seat": found = record.people?.timeToSeat
    default:
      found = steps(subject).map(\.response).reduce(into: Histogram()) { $0.merge($1) }
    }
    return found.flatMap { $0.isEmpty ? nil : $0 }
  }
}
