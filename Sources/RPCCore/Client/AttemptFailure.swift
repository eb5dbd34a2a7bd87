internal import Wire

/// How one try at a call failed, and what is known of whether the server ran it.
struct AttemptFailure: Error {
  enum Ran {
    /// It never left, or the server said that it was not run.
    case no
    /// The server answered.
    case answered
    /// It was sent, and no answer came.
    case unknown
  }

  var failure: RPCFailure
  var ran: Ran

  init(_ failure: RPCFailure, _ ran: Ran) {
    self.failure = failure
    self.ran = ran
  }

  /// The answer stayed out. Where running has no effects that is all; else nobody knows whether it
  /// ran.
  static func unanswered(
    _ method: MethodDescriptor,
    _ code: StatusCode,
    _ reason: String
  ) -> AttemptFailure {
    let failure: RPCFailure =
      method.effects == .none ? RPCFailure(code, reason) : .outcomeUnknown(reason)
    return AttemptFailure(failure, .unknown)
  }
}

/// Which calls are made again, and how many.
///
/// A retry has to be safe and has to be rare: when a server fails under its load, every retry is more
/// load. So each call earns a fraction of a retry, and when none is saved up failures are told as
/// they are.
struct RetryBudget {
  private let callsPerRetry: Int
  private let savedMax: Int
  /// In calls; ``callsPerRetry`` of them buy a retry.
  private var saved: Int

  init(callsPerRetry: Int, retriesSavedMax: Int = 10) {
    precondition(callsPerRetry > 0)
    self.callsPerRetry = callsPerRetry
    savedMax = retriesSavedMax * callsPerRetry
    saved = callsPerRetry
  }

  mutating func callMade() { saved = min(saved + 1, savedMax) }

  enum OnFailure: Equatable { case retry, giveUp }

  mutating func failed(
    _ attempt: AttemptFailure,
    method: MethodDescriptor,
    carriesKey: Bool
  ) -> OnFailure {
    guard Self.isSafe(attempt, method, carriesKey), saved >= callsPerRetry else { return .giveUp }
    saved -= callsPerRetry
    return .retry
  }

  private static func isSafe(
    _ attempt: AttemptFailure,
    _ method: MethodDescriptor,
    _ carriesKey: Bool
  ) -> Bool {
    let isRepeatable = method.effects != .some || carriesKey
    switch attempt.ran {
    case .no: return attempt.failure.code == .unavailable
    case .unknown:
      return isRepeatable
        && (attempt.failure.code == .unavailable || attempt.failure.isOutcomeUnknown)
    case .answered:
      return attempt.failure.code == .unavailable && isRepeatable
        || attempt.failure.isOutcomeUnknown && carriesKey
    }
  }
}

/// How long to wait before the next try: longer each time, and not the same for everyone.
struct Backoff {
  private let min: Duration
  private let max: Duration
  private(set) var failures = 0

  init(min: Duration, max: Duration) {
    self.min = min
    self.max = max
  }

  mutating func succeeded() { failures = 0 }

  /// Another try failed. `jitter` is drawn from 0 ..< 1; the wait is between half and all of the
  /// doubled one.
  mutating func failed(jitter: Double) -> Duration {
    let doubled = failures >= 20 ? max : Swift.min(max, min * (1 << failures))
    failures += 1
    return doubled / 2 + doubled / 2 * jitter
  }
}
