import Threads

/// A clock that stands still: whoever sleeps is woken by the test, which learns how long they would
/// have slept.
struct StepClock: Clock {
  struct Instant: InstantProtocol {
    var offset = Duration.zero

    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
  }

  private let sleeps = AsyncStream.makeStream(of: Duration.self)
  private let wakes = AsyncStream.makeStream(of: Void.self)

  var now: Instant { Instant() }
  var minimumResolution: Duration { .nanoseconds(1) }

  func `sleep`(until deadline: Instant, tolerance: Duration?) async throws {
    sleeps.continuation.yield(deadline.offset)
    for await _ in wakes.stream { break }
    try Task.checkCancellation()
  }

  /// Returns when someone sleeps: for how long.
  func nextSleep() async -> Duration? {
    var iterator = sleeps.stream.makeAsyncIterator()
    return await iterator.next()
  }

  /// Wakes the one who sleeps.
  func wake() { wakes.continuation.yield() }
}
