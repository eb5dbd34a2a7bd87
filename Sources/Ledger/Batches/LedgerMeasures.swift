/// How a ledger goes.
package struct LedgerReport: Sendable, Hashable {
  package let insideWaiting: Int
  package let doorWaiting: Int
  package let batchSizeMedian: Int
  package let batchSizeMax: Int
  package let commitMicrosecondsMedian: Int
  package let commitMicroseconds99: Int
  /// How long a command that came now would wait for all that wait, and for a slow batch.
  package let p99Milliseconds: Int64
}

/// What a ledger remembers of its last batches.
struct LedgerMeasures {
  private struct Sample {
    let commands: Int
    let batchNanoseconds: Int64
    let commitNanoseconds: Int64
  }

  private static let kept = 512
  private var samples: [Sample] = []
  private var next = 0

  mutating func committed(_ commands: Int, batch: Int64, commit: Int64) {
    let sample = Sample(commands: commands, batchNanoseconds: batch, commitNanoseconds: commit)
    if samples.count < Self.kept {
      samples.append(sample)
    } else {
      samples[next] = sample
      next = (next + 1) % Self.kept
    }
  }

  /// How long this many commands take at the pace of the last batches.
  func milliseconds(for commands: Int) -> Int64 {
    let done = samples.reduce(0) { $0 + $1.commands }
    let time = samples.reduce(0) { $0 + $1.batchNanoseconds }
    guard done > 0 else { return 100 }
    return max(10, min(30_000, Int64(commands) * time / Int64(done) / 1_000_000))
  }

  func report(inside: Int, door: Int) -> LedgerReport {
    let sizes = samples.map(\.commands).sorted()
    let commits = samples.map(\.commitNanoseconds).sorted()
    func part(_ sorted: [Int64], _ share: Double) -> Int {
      guard !sorted.isEmpty else { return 0 }
      return Int(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / 1_000)
    }
    return LedgerReport(
      insideWaiting: inside,
      doorWaiting: door,
      batchSizeMedian: sizes.isEmpty ? 0 : sizes[sizes.count / 2],
      batchSizeMax: sizes.last ?? 0,
      commitMicrosecondsMedian: part(commits, 0.5),
      commitMicroseconds99: part(commits, 0.99),
      p99Milliseconds: Int64(part(samples.map(\.batchNanoseconds).sorted(), 0.99)) / 1_000
        + (inside + door > 0 ? milliseconds(for: inside + door) : 0)
    )
  }
}
