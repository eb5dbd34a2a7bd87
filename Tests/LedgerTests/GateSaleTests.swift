import GateSupport
import Glibc
import Testing

/// Sales by chance at gates.
///
/// A failure names its seed. `USHER_GATE_SEEDS=FIRST+COUNT` runs other seeds than the usual, one of
/// them too (`USHER_GATE_SEEDS=4711+1`); a hundred thousand are run in a quarter of an hour by
///
///     swift run -c release gate-seeds 1 100000
@Suite("Whatever is done at gates")
struct GateSaleTests {
  @Test("Every rule holds, and every rule is looked at")
  func rules() async throws {
    let result = try await SeedRun.run(try seeds())
    for (seed, breaches) in result.found { Issue.record("seed \(seed): \(breaches)") }
    guard result.seeds > 100 else { return }
    for rule in GateRule.allCases {
      #expect(result.facts[rule.rawValue] > result.seeds, "\(rule) was hardly looked at: \(result)")
    }
  }

  @Test("The same seed makes the same sale")
  func repeats() async throws {
    let runs = [try await SeedRun.run(7..<12), try await SeedRun.run(7..<12)]
    #expect(runs[0].description == runs[1].description)
  }

  @Test("A fault that is planted is found by the rule that it breaks", arguments: GateFault.all)
  func fault(fault: GateFault) async throws {
    let result = try await SeedRun.run(1..<400, fault.tampering, untilFound: true)
    let found = try #require(result.found.first, "nothing in \(result)")
    #expect(fault.found.contains(found.breaches[0].rule), "seed \(found.seed): \(found.breaches)")
  }

  private func seeds() throws -> Range<UInt64> {
    guard let value = getenv("USHER_GATE_SEEDS") else { return 1..<151 }
    let numbers = String(cString: value).split(separator: "+").compactMap { UInt64($0) }
    try #require(numbers.count == 2, "USHER_GATE_SEEDS=FIRST+COUNT")
    return numbers[0]..<numbers[0] + numbers[1]
  }
}
