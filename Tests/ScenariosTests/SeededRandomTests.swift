import Scenarios
import Testing

@Suite struct SeededRandomTests {
  @Test func `A seed gives the same numbers again and another seed gives others`() {
    func first(_ random: SeededRandom) -> [UInt64] {
      var random = random
      return (0..<8).map { _ in random.next() }
    }
    #expect(first(SeededRandom(seed: 42)) == first(SeededRandom(seed: 42)))
    #expect(first(SeededRandom(seed: 42)) != first(SeededRandom(seed: 43)))
    #expect(first(SeededRandom(seed: 42, part: 1)) != first(SeededRandom(seed: 42, part: 2)))
  }

  @Test func `What happens in a share of cases happens about that often`() {
    var random = SeededRandom(seed: 5)
    let often = (0..<100_000).count { _ in random.happens(0.1) }
    #expect((9_500...10_500).contains(often))
  }
}
