@testable import Rehearsal
import Scenarios
import Testing

@Suite("What those who wait are promised")
struct WaitPromiseTests {
  /// A gate, and what holds its line back.
  struct Gate: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let insideMax: Int
    let rateCount: Int
  }

  private static let gates = [
    Gate(testDescription: "a rate alone", insideMax: 0, rateCount: 4),
    Gate(testDescription: "a cap and a rate", insideMax: 8, rateCount: 4),
    Gate(testDescription: "a cap alone", insideMax: 8, rateCount: 0),
  ]

  @Test(
    "Nine in ten wait as long as they were promised, whatever holds the line back",
    arguments: gates
  )
  func promises(gate: Gate) throws {
    var (kept, total) = (0, 0)
    for seed in UInt64(1)...3 {
      var scenario = Scenario.small
      scenario.people = 120
      scenario.arrivals = [.poisson(perSecond: 12, for: .seconds(10))]
      // Enough for all, for of a sale that is over nobody knew when they came.
      scenario.sale.seatsPerDate = 200
      scenario.sale.insideMax = gate.insideMax
      scenario.sale.rateCount = gate.rateCount
      let log = try Theatre().rehearse(scenario, seed: seed)
      let sold = try #require(log.sold)
      for entered in log.results.facts.entered where !entered.isInside && entered.highMs > 0 {
        guard let ticket = sold.log.tickets[entered.ticket], let admittedMs = ticket.admittedMs
        else { continue }
        total += 1
        let waited = admittedMs - ticket.enteredMs
        if Int64(entered.lowMs)...Int64(entered.highMs) ~= waited { kept += 1 }
      }
    }
    #expect(total >= 150, "few enough waited to say little: \(total)")
    #expect(Double(kept) >= 0.9 * Double(total), "\(kept) of \(total)")
  }
}
