import TestSupport
import Testing

@testable import Transport

@Suite struct WakeLeadTests {
  /// How late each of so many wake-ups was, on a machine that takes so long to wake.
  private func lateness(_ count: Int, waking: ClosedRange<Int64>) -> [Int64] {
    var random = SeededGenerator(seed: 1)
    var lead = WakeLead()
    return (0..<count).map { _ in
      let late = Int64.random(in: waking, using: &random) - lead.nanoseconds
      lead.woke(lateBy: late)
      return late
    }
  }

  @Test(arguments: [(5_000, 8_000), (20_000, 45_000), (45_000, 49_000)] as [(Int64, Int64)])
  func `Nearly all wake when the moment has come, and by less than waking takes`(
    fastest: Int64,
    slowest: Int64
  ) {
    let settled = lateness(4_000, waking: fastest...slowest).dropFirst(2_000)
    let early = settled.count { $0 < 0 }
    #expect((100...300).contains(early), "one in ten")
    #expect(settled.allSatisfy { $0 < slowest - fastest + 2_000 })
    #expect(settled.allSatisfy { $0 > fastest - slowest - 2_000 })
  }

  @Test func `A machine that takes long has no more of its processor than is given for it`() {
    let late = lateness(2_000, waking: 3_000_000...3_000_000)
    #expect(late.last == 3_000_000 - WakeLead.nanosecondsMax)
  }

  @Test func `A machine that wakes at once is not kept awake`() {
    #expect(lateness(2_000, waking: 0...0).allSatisfy { $0 >= -100 })
  }
}
