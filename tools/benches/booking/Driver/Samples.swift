internal import Dispatch
internal import Glibc

/// How long calls took, in nanoseconds.
struct Samples: Sendable {
  private(set) var all: [Int64] = []

  mutating func add(_ nanoseconds: Int64) {
    all.append(nanoseconds)
  }

  static func += (one: inout Samples, other: Samples) {
    one.all += other.all
  }

  /// Microseconds that this share of the calls did not take longer than.
  func percentile(_ share: Double) -> Double {
    guard !all.isEmpty else { return 0 }
    let sorted = all.sorted()
    return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1e3
  }

  /// The usual ones, as members of a JSON object.
  var json: String {
    "\"p50\": \(percentile(0.5)), \"p99\": \(percentile(0.99)), \"max\": \(percentile(1))"
  }
}

/// Nanoseconds by a clock that never goes back.
func now() -> Int64 {
  Int64(clamping: DispatchTime.now().uptimeNanoseconds)
}

/// Nanoseconds of a processor that this process has used.
func processorTime() -> Int64 {
  Int64(clock()) * 1_000
}

extension Duration {
  var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
