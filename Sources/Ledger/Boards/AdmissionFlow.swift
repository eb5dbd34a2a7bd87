internal import Domain

/// The admissions of the last while: what a rate is judged by, and a wait is told from.
struct AdmissionFlow: Sendable {
  /// Admissions that were committed together.
  private struct Run: Sendable {
    let first: UInt64
    var last: UInt64
    let at: Int64
  }

  /// In the order of their numbers; those before ``start`` are forgotten.
  private var runs: [Run] = []
  private var start = 0

  /// Someone was admitted.
  mutating func admit(_ number: UInt64, at time: Instant) {
    if start < runs.count, runs[runs.count - 1].at == time.milliseconds {
      runs[runs.count - 1].last = number
    } else {
      runs.append(Run(first: number, last: number, at: time.milliseconds))
    }
  }

  /// Forgets what was before `time`.
  mutating func forget(before time: Instant) {
    while start < runs.count, runs[start].at < time.milliseconds { start += 1 }
    guard start > 1_024, start > runs.count / 2 else { return }
    runs.removeFirst(start)
    start = 0
  }

  /// When an admission was, by its number; nil where that is forgotten.
  func time(of number: UInt64) -> Instant? {
    let live = runs[start...]
    let place = live.partitioningIndex { $0.last >= number }
    guard place < live.endIndex, live[place].first <= number else { return nil }
    return Instant(milliseconds: live[place].at)
  }

  /// How many were admitted in each of `count` spans of equal length that end at `now`, the oldest
  /// first.
  func counts(in spans: Int, of milliseconds: Int64, before now: Instant) -> [Int] {
    var counts = Array(repeating: 0, count: spans)
    let begin = now.milliseconds - Int64(spans) * milliseconds
    for run in runs[start...].reversed() {
      guard run.at >= begin else { break }
      let span = min(spans - 1, Int((run.at - begin) / milliseconds))
      counts[span] += Int(run.last - run.first) + 1
    }
    return counts
  }
}
