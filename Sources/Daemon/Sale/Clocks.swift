internal import Dispatch
internal import Domain
internal import Foundation

/// The machine's clocks, as values to hand to those who must not read one by themselves.
enum Clocks {
  /// Milliseconds since 1970, by the machine's clock.
  static let wall: @Sendable () -> Instant = {
    Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
  }

  /// Nanoseconds by a clock that never goes back.
  static let monotonic: @Sendable () -> Int64 = {
    Int64(clamping: DispatchTime.now().uptimeNanoseconds)
  }
}
