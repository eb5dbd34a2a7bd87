internal import Dispatch
internal import Glibc

/// How long calls took, in nanoseconds.
package struct Samples: Sendable {
  package private(set) var all: [Int64] = []

  package init() {}

  package mutating func add(_ nanoseconds: Int64) {
    all.append(nanoseconds)
  }

  package static func += (one: inout Samples, other: Samples) {
    one.all += other.all
  }

  /// Microseconds that this share of the calls did not take longer than.
  package func percentile(_ share: Double) -> Double {
    guard !all.isEmpty else { return 0 }
    let sorted = all.sorted()
    return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1e3
  }

  /// The usual ones, as members of a JSON object.
  package var json: String {
    "\"p50\": \(percentile(0.5)), \"p99\": \(percentile(0.99)), \"max\": \(percentile(1))"
  }
}

/// Nanoseconds by a clock that never goes back.
package func now() -> Int64 {
  Int64(clamping: DispatchTime.now().uptimeNanoseconds)
}

/// Nanoseconds of a processor that this process has used.
package func processorTime() -> Int64 {
  Int64(clock()) * 1_000
}

extension Duration {
  package var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
