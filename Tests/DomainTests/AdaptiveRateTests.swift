import Domain
import Testing

@Suite("An adaptive rate") struct AdaptiveRateTests {
  private let policy = GatePolicy.Adaptive(floor: 10, ceiling: 110, targetMilliseconds: 20)

  private func next(_ current: UInt32, p99: Int64) -> UInt32 {
    let load = AdaptiveRate.Load(p99Milliseconds: p99, waiting: 3)
    return AdaptiveRate(after: current, policy, load)?.count ?? current
  }

  @Test("It falls by a fifth while the ledger is slower than its target, and never below the floor")
  func falls() {
    #expect(next(100, p99: 21) == 80)
    #expect(next(11, p99: 500) == 10)
    #expect(next(10, p99: 500) == 10)
  }

  @Test(
    "It rises by a twentieth of its range while the ledger keeps up, and never past the ceiling"
  )
  func rises() {
    #expect(next(50, p99: 20) == 55)
    #expect(next(109, p99: 1) == 110)
    #expect(next(110, p99: 1) == 110)
  }

  @Test("Over any load it stays within its bounds, and settles where the load does")
  func settles() {
    // A server that is slower the more it admits: 60 are just right.
    var rate: UInt32 = 110
    var seen: [UInt32] = []
    for _ in 0..<200 {
      rate = next(rate, p99: Int64(rate) / 3)
      seen.append(rate)
    }
    #expect(seen.allSatisfy { (10...110).contains($0) })
    #expect(seen.suffix(100).allSatisfy { (45...70).contains($0) })
  }

  @Test("It says what it was measured by")
  func reason() throws {
    let load = AdaptiveRate.Load(p99Milliseconds: 30, waiting: 7)
    let rate = try #require(AdaptiveRate(after: 100, policy, load))
    #expect(rate.reason == "p99 30 ms, 7 waiting: over the target of 20 ms")
  }
}
