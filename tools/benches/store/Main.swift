internal import Arguments
internal import Domain
internal import Glibc
internal import Ledger
internal import StoreSQLite

/// Holds a second on the SQLite store alone: what a batch of holds loads and saves, and no decisions.
///
///     store-bench FILE HOLDS-PER-BATCH SECONDS
@main
enum StoreBench {
  static let datesCount: UInt64 = 80_000
  static let seatsPerDate: UInt64 = 50
  static let usersCount: UInt64 = 200_000

  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 4, let batch = Int(words[2]), let seconds = Int(words[3]) else {
      Console.standard.remark("store-bench FILE HOLDS-PER-BATCH SECONDS")
      return
    }
    let store = try SQLiteStore(path: words[1]) { Instant(milliseconds: 1_700_000_000_000) }
    var sale = Sale(batch: batch)
    try await sale.prepare(store)
    let spentBefore = processorSeconds()
    let start = ContinuousClock.now
    let end = start + .seconds(seconds)
    var longest = Duration.zero
    var last = start
    while last < end {
      try await sale.run(on: store)
      let now = ContinuousClock.now
      longest = max(longest, now - last)
      last = now
    }
    let elapsed = (last - start) / .seconds(1)
    let spent = (processorSeconds() - spentBefore) / Double(sale.holds) * 1e6
    await store.close()
    let rate = Int(Double(sale.holds) / elapsed)
    Console.standard.answer(
      "\(rate) holds/s in batches of \(batch), \(Int(spent)) us of a processor each, "
        + "the longest batch \(longest)"
    )
  }

  /// What this process has used of processors.
  static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }
}
