package import Ledger

/// What came of many sales.
package struct SeedRun: Sendable, CustomStringConvertible {
  package private(set) var seeds = 0
  package private(set) var batches = 0
  package private(set) var commands = 0
  /// How often each rule was looked at.
  package private(set) var facts = [Int](repeating: 0, count: GateRule.allCases.count)
  /// The seeds that found something, and what.
  package private(set) var found: [(seed: UInt64, breaches: [Breach])] = []

  /// Runs the sales of `seeds`, one after the other.
  package static func run(
    _ seeds: Range<UInt64>,
    steps: Int = GateSale.stepsDefault,
    _ tampering: Tampering = .none,
    untilFound: Bool = false
  ) async throws(StoreFailure) -> SeedRun {
    var run = SeedRun()
    for seed in seeds {
      var sale = try await GateSale(seed: seed, tampering: tampering)
      try await sale.run(steps: steps)
      run.take(sale)
      if untilFound, !run.found.isEmpty { break }
    }
    return run
  }

  private mutating func take(_ sale: GateSale) {
    seeds += 1
    batches += sale.batches
    commands += sale.commands
    for index in facts.indices { facts[index] += sale.audit.facts[index] }
    if !sale.breaches.isEmpty { found.append((sale.seed, sale.breaches)) }
  }

  package var description: String {
    let looks = GateRule.allCases.map { "\($0) \(facts[$0.rawValue])" }.joined(separator: ", ")
    return
      "\(seeds) seeds, \(batches) batches, \(commands) commands; \(looks); \(found.count) found"
  }
}

extension GateSale {
  /// How long a sale is where nobody says otherwise.
  package static let stepsDefault = 60
}
