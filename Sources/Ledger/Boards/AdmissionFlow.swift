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
  /// What was in each of the last spans of time, each at its number's remainder.
  private var spans = Array(repeating: Span(number: .min), count: Self.spansKept)
  /// Since when someone has waited without a pause and the gate let people in; nil while that is not so.
  private var busySince: Int64?

  /// Whoever comes in when nobody waits tells nothing of how fast a line moves, nor does time in which
  /// nobody waits.
  private struct Span: Sendable {
    let number: Int64
    /// How many were admitted out of a line that waited already.
    var count = 0
    /// For how long one did.
    var busyMilliseconds: Int64 = 0
  }

  static let spansKept = 12
  static let spanMilliseconds: Int64 = 5_000

  /// Someone was admitted.
  mutating func admit(_ number: UInt64, at time: Instant) {
    if let busySince, busySince < time.milliseconds {
      spans[place(of: time.milliseconds / Self.spanMilliseconds)].count += 1
    }
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

  /// Whether, from `time` on, someone waits whom the gate would let in.
  mutating func line(isBusy: Bool, at time: Instant) {
    guard isBusy != (busySince != nil) else { return }
    guard let since = busySince else {
      busySince = time.milliseconds
      return
    }
    busySince = nil
    for number in Self.spanNumbers(since, time.milliseconds) {
      let busy = Self.overlap(of: number, since, time.milliseconds)
      spans[place(of: number)].busyMilliseconds += busy
    }
  }

  /// What was seen of a pace is no longer how fast the line moves.
  mutating func forgetPace(at time: Instant) {
    spans = Array(repeating: Span(number: .min), count: Self.spansKept)
    if busySince != nil { busySince = time.milliseconds }
  }

  /// What is known of how fast the line moves: how many were admitted out of one that waited, in how
  /// much time, and how uneven they came: the variance of whole spans' counts over their mean, or 1
  /// where too few are known.
  func pace(at now: Instant) -> (count: Int, milliseconds: Int64, dispersion: Double) {
    let current = now.milliseconds / Self.spanMilliseconds
    var (count, time) = (0, Int64(0))
    var (whole, squares, sum) = (0.0, 0.0, 0.0)
    for number in (current - Int64(Self.spansKept) + 1)...current {
      let span = spans[Self.remainder(of: number)]
      let isKept = span.number == number
      let open = busySince.map { Self.overlap(of: number, $0, now.milliseconds) } ?? 0
      let busy = (isKept ? span.busyMilliseconds : 0) + open
      let here = isKept ? span.count : 0
      count += here
      time += busy
      // Of spans that saw no line for a part of their time, the counts cannot be compared.
      guard busy >= Self.spanMilliseconds else { continue }
      whole += 1
      sum += Double(here)
      squares += Double(here) * Double(here)
    }
    guard whole >= 3, sum > 0 else { return (count, time, 1) }
    let mean = sum / whole
    let variance = max(0, (squares - whole * mean * mean) / (whole - 1))
    return (count, time, max(0.05, variance / mean))
  }

  // MARK: - Spans

  /// Where a span is kept, which is emptied first if an older one is there.
  private mutating func place(of number: Int64) -> Int {
    let place = Self.remainder(of: number)
    if spans[place].number != number { spans[place] = Span(number: number) }
    return place
  }

  private static func remainder(of number: Int64) -> Int {
    let remainder = number % Int64(spansKept)
    return Int(remainder < 0 ? remainder + Int64(spansKept) : remainder)
  }

  /// The spans between two moments, as far back as they are kept.
  private static func spanNumbers(_ since: Int64, _ until: Int64) -> ClosedRange<Int64> {
    let last = max(since, until) / spanMilliseconds
    return max(since / spanMilliseconds, last - Int64(spansKept) + 1)...last
  }

  /// How much of a span lies between two moments.
  private static func overlap(of number: Int64, _ since: Int64, _ until: Int64) -> Int64 {
    let begin = number * spanMilliseconds
    return max(0, min(until, begin + spanMilliseconds) - max(since, begin))
  }
}
