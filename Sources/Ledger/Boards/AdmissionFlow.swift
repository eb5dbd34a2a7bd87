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
  /// How many there were in each of the last spans of time, each at its number's remainder.
  private var spans = Array(repeating: Span(number: .min, count: 0), count: Self.spansKept)

  private struct Span: Sendable {
    var number: Int64
    var count: Int
  }

  static let spansKept = 12
  static let spanMilliseconds: Int64 = 5_000

  /// Someone was admitted.
  mutating func admit(_ number: UInt64, at time: Instant) {
    let span = time.milliseconds / Self.spanMilliseconds
    let place = Int(span % Int64(Self.spansKept))
    if spans[place].number != span { spans[place] = Span(number: span, count: 0) }
    spans[place].count += 1
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

  /// How many were admitted since the oldest span began that is kept, when that was, and how uneven
  /// they came: the variance of whole spans' counts over their mean, or 1 where too few are known.
  func recent(since opened: Instant, at now: Instant) -> (
    count: Int, since: Instant, dispersion: Double
  ) {
    let current = now.milliseconds / Self.spanMilliseconds
    let first = max(
      current - Int64(Self.spansKept) + 1,
      opened.milliseconds / Self.spanMilliseconds
    )
    var (count, whole, squares, sum) = (0, 0.0, 0.0, 0.0)
    for number in first...max(first, current) {
      let span = spans[Int(number % Int64(Self.spansKept))]
      let here = span.number == number ? span.count : 0
      count += here
      // The first and the last span may have been open for a part of their time alone.
      guard number > first, number < current else { continue }
      whole += 1
      sum += Double(here)
      squares += Double(here) * Double(here)
    }
    let since = max(opened, Instant(milliseconds: first * Self.spanMilliseconds))
    guard whole >= 3, sum > 0 else { return (count, since, 1) }
    let mean = sum / whole
    let variance = max(0, (squares - whole * mean * mean) / (whole - 1))
    return (count, since, max(0.05, variance / mean))
  }
}
