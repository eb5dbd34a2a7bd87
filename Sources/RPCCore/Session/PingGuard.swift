/// Tells a peer that keeps its connection alive from one that wastes our time.
struct PingGuard {
  private let interval: Duration
  private let earlyMax: Int
  private var last: Moment?
  private var early = 0

  init(interval: Duration, earlyMax: Int) {
    self.interval = interval
    self.earlyMax = earlyMax
  }

  enum OnPing: Equatable { case answer, tooMany }

  /// A PING came. The first one is never early; one that kept the interval forgives those before.
  mutating func received(at now: Moment) -> OnPing {
    defer { last = now }
    guard let last, now - last < interval else {
      early = 0
      return .answer
    }
    early += 1
    return early < earlyMax ? .answer : .tooMany
  }
}
