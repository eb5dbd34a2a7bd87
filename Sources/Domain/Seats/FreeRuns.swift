/// The free seats of a date as runs of numbers that lie next to each other.
struct FreeRuns {
  private var runs: [ClosedRange<UInt32>] = []

  init(total: UInt32, isTaken: (UInt32) -> Bool) {
    var start: UInt32?
    for number in 1...max(total, 1) {
      if number <= total, !isTaken(number) {
        if start == nil { start = number }
      } else if let first = start {
        runs.append(first...number - 1)
        start = nil
      }
    }
    if let start { runs.append(start...total) }
  }

  /// The best `count` seats: next to each other where it can be, stranding no single seat where that
  /// can be avoided, and of these the lowest numbers. Nil if there are not as many.
  ///
  /// Where no run is long enough, the longest are taken whole, so that a party is split into as few
  /// parts as there can be.
  func best(_ count: UInt32) -> [UInt32]? {
    if let block = block(of: count, among: runs) { return Array(block) }
    var rest = count
    var left = runs.sorted { ($0.count, $1.lowerBound) > ($1.count, $0.lowerBound) }
    var chosen: [UInt32] = []
    while rest > 0 {
      if let block = block(of: rest, among: left) { return (chosen + block).sorted() }
      guard let longest = left.first else { return nil }
      chosen += longest
      rest -= UInt32(longest.count)
      left.removeFirst()
    }
    return chosen.sorted()
  }

  private func block(
    of count: UInt32,
    among runs: [ClosedRange<UInt32>]
  ) -> ClosedRange<UInt32>? {
    var best: (block: ClosedRange<UInt32>, stranded: Int)?
    for run in runs where run.count >= count {
      for start in run.lowerBound...run.upperBound - count + 1 {
        let block = start...start + count - 1
        let stranded = Self.stranded(by: block, in: run)
        if let found = best,
          (found.stranded, found.block.lowerBound) <= (stranded, start)
        {
          continue
        }
        best = (block, stranded)
        // Later starts in this run have higher numbers and can at best be equal.
        if stranded == 0 { break }
      }
    }
    return best?.block
  }

  /// How many single seats are left beside a block of a run.
  private static func stranded(
    by block: ClosedRange<UInt32>,
    in run: ClosedRange<UInt32>
  ) -> Int {
    (block.lowerBound - run.lowerBound == 1 ? 1 : 0)
      + (run.upperBound - block.upperBound == 1 ? 1 : 0)
  }
}
