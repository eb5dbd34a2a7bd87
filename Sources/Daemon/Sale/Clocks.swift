internal import Domain
internal import Glibc

/// The machine's clocks, as values to hand to those who must not read one by themselves.
enum Clocks {
  /// Milliseconds since 1970, by the machine's clock.
  static let wall: @Sendable () -> Instant = {
    let time = read(CLOCK_REALTIME)
    return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Nanoseconds by a clock that never goes back.
  static let monotonic: @Sendable () -> Int64 = {
    let time = read(CLOCK_MONOTONIC)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    let result = clock_gettime(clock, &time)
    precondition(result == 0, "the machine has no such clock")
    return time
  }
}
