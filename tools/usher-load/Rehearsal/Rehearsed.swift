internal import Measuring
internal import Scenarios
internal import UsherAPI

/// A run, with all that is known of it: one that is over, or of which somebody wants to see now how far
/// it is.
package struct Rehearsed: Sendable {
  /// How it ended.
  package enum Ending: Sendable {
    case itself
    case interrupted
    /// It has not.
    case underWay
  }

  let scenario: Scenario
  let seed: UInt64
  /// On how many loops it happened.
  let loops: Int
  package internal(set) var results: Results
  let seconds: Double
  package let ending: Ending
  /// What the server said of itself; nil where nobody may ask.
  var server: StatsResponse?
  var samples = Windows<ServerSample>()
  /// What was sold and how; nil where there were only calls.
  var sold: Sold?

  /// A sale, and what is said of it.
  struct Sold {
    let sale: PreparedSale
    let log: SaleLog
    /// What is said of each promise, or why nothing can be.
    let judgements: Result<[Judgement], RehearsalFailure>
  }

  init(
    _ scenario: Scenario,
    seed: UInt64,
    loops: Int,
    results: Results,
    seconds: Double,
    ending: Ending
  ) {
    self.scenario = scenario
    self.seed = seed
    self.loops = loops
    self.results = results
    self.seconds = seconds
    self.ending = ending
  }

  /// Adds what was seen of the server from outside.
  mutating func observed(_ observation: Observation) {
    samples = observation.samples
    for mark in observation.marks { results.mark(mark) }
  }

  /// What is said of each promise; nil where nothing can be.
  package var judgements: [Judgement]? {
    guard case .success(let judgements)? = sold?.judgements else { return nil }
    return judgements
  }
}
