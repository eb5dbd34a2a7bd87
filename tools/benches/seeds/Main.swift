internal import Arguments
internal import GateSupport

/// Runs as many sales by chance at gates as it is told to, and tells what they found.
///
///     gate-seeds FIRST-SEED COUNT [STEPS]
///     gate-seeds faults
///
/// It ends with one line: how many sales, batches and commands there were, how often each rule was
/// looked at, and how many seeds found something.
@main
enum GateSeeds {
  static func main() async throws {
    if Array(CommandLine.arguments.dropFirst()) == ["faults"] { return try await findFaults() }
    let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
    guard numbers.count >= 2, numbers.count == CommandLine.arguments.count - 1 else {
      Console.standard.remark("gate-seeds FIRST-SEED COUNT [STEPS]")
      return
    }
    let steps = numbers.count > 2 ? Int(numbers[2]) : GateSale.stepsDefault
    let start = ContinuousClock.now
    let result = try await SeedRun.run(numbers[0]..<numbers[0] + numbers[1], steps: steps)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    for (seed, breaches) in result.found.prefix(20) {
      Console.standard.answer("seed \(seed): \(breaches[0])")
    }
    Console.standard.answer("\(result), in \(Int(seconds)) s")
  }

  /// Plants every fault, and tells by which seed and rule it is found.
  private static func findFaults() async throws {
    for fault in GateFault.all {
      let result = try await SeedRun.run(1..<1_000, fault.tampering, untilFound: true)
      guard let (seed, breaches) = result.found.first else {
        Console.standard.answer("MISSED  \(fault.name)")
        continue
      }
      let verdict = fault.found.contains(breaches[0].rule) ? "found" : "WRONG"
      Console.standard.answer("\(verdict)  \(fault.name): seed \(seed), \(breaches[0])")
    }
  }
}
