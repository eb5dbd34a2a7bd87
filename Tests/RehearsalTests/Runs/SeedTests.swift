import Foundation
import Measuring
@testable import Rehearsal
import Scenarios
import Testing

@Suite("What follows from a rehearsal's seed")
struct SeedTests {
  @Test("A rehearsal with the same seed comes to the same, to the last count and nanosecond")
  func same() throws {
    let (one, other) = (try told(of: 5), try told(of: 5))
    #expect(one == other)
    #expect(try told(of: 6) != one)
  }

  /// All that a rehearsal came to, but for what it took of the machine.
  private func told(of seed: UInt64) throws -> String {
    let rehearsed = try Theatre().rehearse(.small, seed: seed)
    var results = rehearsed.results
    results.health = Health()
    // Keys that are no strings are written in any order.
    let milestones = CrowdCounts.Milestone.allCases.map { "\($0) \(results.counts[$0])" }
    results.counts = CrowdCounts()
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let verdicts = try #require(rehearsed.judgements).map { "\($0.name) \($0.facts)" }
    return String(decoding: try encoder.encode(results), as: UTF8.self)
      + (milestones + verdicts).joined(separator: "\n")
  }

  @Test("The people of a seed are the same ones on one loop or on several")
  func parts() {
    func arrivals(_ part: Part) -> [Int: UInt64] {
      let all = Scenario.onsale.schedule(seed: 3).part(part)
      return Dictionary(uniqueKeysWithValues: all.map { ($0.number, $0.moment) })
    }
    let whole = arrivals(.whole)
    #expect(whole.count == Scenario.onsale.people)
    var together: [Int: UInt64] = [:]
    for index in 0..<3 {
      let part = arrivals(Part.whole.part(index, of: 3))
      #expect(part.keys.allSatisfy { $0 % 3 == index })
      together.merge(part) { one, _ in one }
    }
    #expect(together == whole)
  }

  @Test("The loops of one process share its part of the people among them, and nobody else's")
  func partsOfParts() {
    for index in 0..<3 {
      let numbers = (0..<2).flatMap { loop in
        let part = Part(index: index, count: 3).part(loop, of: 2)
        return Scenario.onsale.schedule(seed: 3).part(part).map(\.number)
      }
      let wanted = (0..<Scenario.onsale.people).filter { $0 % 3 == index }
      #expect(numbers.sorted() == wanted)
    }
  }
}
