/// How long before its moment a timer is to be set, so that its thread is awake when the moment comes.
///
/// Waking takes tens of microseconds, by the machine. This stays just below that: of ten times the
/// thread wakes once before the moment, and waits for the little that is left.
struct WakeLead {
  /// So long is waited at most with a thread that others could use.
  static let nanosecondsMax: Int64 = 50_000
  /// What it gives way after waking too early, and a ninth of it gains otherwise.
  private static let step: Int64 = 900

  private(set) var nanoseconds: Int64 = 0

  /// It woke so long after the moment; less than 0 is before.
  mutating func woke(lateBy late: Int64) {
    let changed = nanoseconds + (late < 0 ? -Self.step : Self.step / 9)
    nanoseconds = min(max(changed, 0), Self.nanosecondsMax)
  }
}
