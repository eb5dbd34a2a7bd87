import Testing

@testable import Domain

@Suite("The best seats")
struct FreeRunsTests {
  private func best(_ count: UInt32, of total: UInt32, taken: Set<UInt32> = []) -> [UInt32]? {
    FreeRuns(total: total, isTaken: taken.contains).best(count)
  }

  @Test("They lie next to each other, the lowest numbers first")
  func adjacent() {
    #expect(best(3, of: 10) == [1, 2, 3])
    #expect(best(3, of: 10, taken: [2, 3]) == [4, 5, 6])
    #expect(best(10, of: 10) == Array(1...10))
  }

  @Test("They strand no single seat where that can be avoided")
  func noSingleSeat() {
    // 1 to 3 are free: taking two of them would leave one.
    #expect(best(2, of: 10, taken: [4]) == [5, 6])
    // Nowhere else to go: a sale is not refused for a stranded seat.
    #expect(best(2, of: 3) == [1, 2])
    // The middle of 1 to 5 would strand one on each side; the edge strands none.
    #expect(best(3, of: 5) == [1, 2, 3])
  }

  @Test("A party that fits nowhere is split into as few parts as there can be")
  func split() {
    // Runs 1-3, 5-7 and 9-10: one of three whole, and two of the other.
    #expect(best(5, of: 10, taken: [4, 8]) == [1, 2, 3, 9, 10])
  }

  @Test("Too few free seats are none")
  func tooFew() {
    #expect(best(4, of: 5, taken: [1, 3]) == nil)
    #expect(best(1, of: 1, taken: [1]) == nil)
  }

  @Test("For any house and party: distinct free seats, in order, and adjacent wherever any run is")
  func anyHouse() {
    var generator = SplitMix(state: 42)
    for _ in 0..<2_000 {
      let total = UInt32(generator.next() % 20 + 1)
      let taken = Set((1...total).filter { _ in generator.next() % 3 == 0 })
      let count = UInt32(generator.next() % 6 + 1)
      let free = (1...total).filter { !taken.contains($0) }
      guard let chosen = best(count, of: total, taken: taken) else {
        #expect(free.count < Int(count))
        continue
      }
      #expect(chosen.count == Int(count))
      #expect(Set(chosen).isSubset(of: free))
      #expect(chosen == chosen.sorted() && Set(chosen).count == chosen.count)
      let canBeAdjacent = (1...total).contains { start in
        (start..<start + count).allSatisfy { free.contains($0) }
      }
      let isAdjacent = chosen[chosen.count - 1] - chosen[0] == count - 1
      #expect(isAdjacent == canBeAdjacent)
    }
  }

  private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      return mixed ^ (mixed >> 27)
    }
  }
}
