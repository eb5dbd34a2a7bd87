/// What is measured of all calls of one kind.
package struct StepMeasure: Sendable, Codable {
  /// The step of the journey: `hold`.
  package let name: String
  /// The method that it calls.
  package let method: String
  /// Those answered in OK: sent at their planned moment, which for callers in a loop all are, and
  /// others, from that moment and from that of sending.
  private var prompt = Histogram()
  private var lateResponse = Histogram()
  private var lateService = Histogram()
  /// Those that failed, from the moment of sending.
  package private(set) var failed = Histogram()
  /// What failed, by name.
  package private(set) var failures: [String: Failures] = [:]
  /// What was when, the time before measuring began included.
  package private(set) var windows: Windows<Window>

  /// How often a call failed in one way.
  package struct Failures: Sendable, Codable, Hashable {
    package var count: UInt64 = 0
    /// Whether it is something that a server does not say when all is well.
    package let isError: Bool
  }

  /// What a window of time has seen.
  package struct Window: Mergeable, Codable {
    /// Of those answered in OK, from the planned moment. Coarser than the whole: there are many.
    package var response = Histogram(digitBits: Self.digitBits)
    package var failures: [String: UInt64] = [:]

    static let digitBits = 7

    package init() {}

    /// How many failed.
    package var failed: UInt64 { failures.values.reduce(0, +) }

    package mutating func merge(_ other: Window) {
      response.merge(other.response)
      failures.merge(other.failures, uniquingKeysWith: +)
    }
  }

  /// A moment in the life of a call, in nanoseconds since the start.
  package struct Moments: Sendable {
    package var planned: UInt64
    package var sent: UInt64
    package var ended: UInt64

    package init(planned: UInt64, sent: UInt64, ended: UInt64) {
      self.planned = planned
      self.sent = sent
      self.ended = ended
    }

    var response: UInt64 { ended - min(planned, ended) }
    var service: UInt64 { ended - min(sent, ended) }
  }

  /// Nothing measured yet.
  package init(name: String, method: String, windowNanoseconds: UInt64 = 1_000_000_000) {
    self.name = name
    self.method = method
    windows = Windows(nanoseconds: windowNanoseconds)
  }

  /// Those answered in OK, from the planned moment.
  package var response: Histogram { prompt.merged(with: lateResponse) }

  /// Those answered in OK, from the moment of sending.
  package var service: Histogram { prompt.merged(with: lateService) }

  /// How many calls ended.
  package var count: UInt64 { prompt.count + lateResponse.count + failed.count }

  /// How many ended in all, those before measuring began too.
  package var countSeen: UInt64 {
    windows.cells.reduce(0) { $0 + $1.response.count + $1.failed }
  }

  /// How many of those that count ended in what a server does not say when all is well.
  package var errors: UInt64 {
    failures.values.reduce(0) { $0 + ($1.isError ? $1.count : 0) }
  }

  /// A call was answered in OK. What was planned before `counted` is seen over time alone.
  package mutating func succeeded(_ moments: Moments, counted: UInt64) {
    windows.count(at: moments.ended) { $0.response.add(moments.response) }
    guard moments.planned >= counted else { return }
    guard moments.planned != moments.sent else { return prompt.add(moments.response) }
    lateResponse.add(moments.response)
    lateService.add(moments.service)
  }

  /// A call failed or was refused.
  package mutating func failed(
    _ moments: Moments,
    as name: String,
    isError: Bool,
    counted: UInt64
  ) {
    windows.count(at: moments.ended) { $0.failures[name, default: 0] += 1 }
    guard moments.planned >= counted else { return }
    failed.add(moments.service)
    failures[name, default: Failures(isError: isError)].count += 1
  }

  /// Adds what another measured of the same step.
  package mutating func merge(_ other: StepMeasure) {
    precondition(other.name == name, "measures of one step add up")
    prompt.merge(other.prompt)
    lateResponse.merge(other.lateResponse)
    lateService.merge(other.lateService)
    failed.merge(other.failed)
    for (name, failures) in other.failures {
      self.failures[name, default: Failures(isError: failures.isError)].count += failures.count
    }
    windows.merge(other.windows)
  }
}
