import Scenarios
import Testing

@Suite struct PersonTests {
  private let seed: UInt64 = 20_260_301

  private func people(_ count: Int, of crowd: CrowdPlan) -> [Person] {
    (0..<count).map { Person($0, of: crowd, seed: seed) }
  }

  @Test func `A person is the same whoever else is asked for, and in whatever order`() {
    let crowd = CrowdPlan()
    let forward = people(500, of: crowd)
    let backward = (0..<500).reversed().map { Person($0, of: crowd, seed: seed) }
    #expect(forward == backward.reversed())
    #expect(forward != (0..<500).map { Person($0, of: crowd, seed: seed + 1) })
  }

  @Test func `Everyone waits before trying again for times of their own, drawn anew each time`() {
    let crowd = CrowdPlan()
    func pauses(_ number: Int, seed: UInt64) -> [Duration] {
      var person = Person(number, of: crowd, seed: seed)
      return (0..<5).map { _ in person.retryPause() }
    }
    let all = (0..<200).flatMap { pauses($0, seed: seed) }
    #expect(Set(all).count == 1_000)
    #expect(all.allSatisfy { (.milliseconds(500)...Duration.milliseconds(1_500)).contains($0) })
    #expect(all.contains { $0 < .milliseconds(550) } && all.contains { $0 > .milliseconds(1_450) })
    #expect(pauses(7, seed: seed) == pauses(7, seed: seed))
    #expect(pauses(7, seed: seed) != pauses(7, seed: seed + 1))
  }

  @Test func `What one share is changes nothing but what it is a share of`() {
    let usual = people(1_000, of: CrowdPlan())
    var other = CrowdPlan()
    other.watchShare = .all
    other.impatientShare = .none
    other.lostTabShare = .all
    other.seatsEach = 1...4
    for (before, after) in zip(usual, people(1_000, of: other)) {
      #expect(after.watches)
      #expect(after.patience == nil)
      #expect(after.lostTab != nil)
      #expect(after.isNoShow == before.isNoShow)
      #expect(after.browse == before.browse)
      #expect(after.reconnectsAfter == before.reconnectsAfter)
      #expect(after.doubleSubmit == before.doubleSubmit)
      #expect(after.lapses == before.lapses)
      #expect(after.asksBestAvailable == before.asksBestAvailable)
      #expect(after.date(of: 12) == before.date(of: 12))
    }
  }

  @Test func `Every share is about as large as the plan has it`() {
    var crowd = CrowdPlan()
    crowd.refundShare = .percent(25)
    crowd.priorityShare = .percent(15)
    let people = people(50_000, of: crowd)
    func expect(_ share: Share, _ isOne: (Person) -> Bool) {
      let found = Double(people.count(where: isOne)) / Double(people.count)
      // Five deviations.
      let noise = 5 * (share.fraction * (1 - share.fraction) / Double(people.count)).squareRoot()
      #expect(abs(found - share.fraction) <= noise)
    }
    expect(crowd.watchShare, \.watches)
    expect(crowd.noShowShare, \.isNoShow)
    expect(crowd.impatientShare) { $0.patience != nil }
    expect(crowd.lostTabShare) { $0.lostTab != nil }
    expect(crowd.reconnectShare) { $0.reconnectsAfter != nil }
    expect(crowd.doubleSubmitSameKeyShare) { $0.doubleSubmit == .sameKey }
    expect(crowd.doubleSubmitNewKeyShare) { $0.doubleSubmit == .newKey }
    expect(crowd.lapseShare, \.lapses)
    expect(crowd.bestAvailableShare, \.asksBestAvailable)
    expect(crowd.refundShare, \.refunds)
    expect(crowd.priorityShare, \.isPriority)
    expect(.percent(50)) { $0.seatCount == 2 }
  }

  @Test func `Nobody does what none do, and all do what all do`() {
    var crowd = CrowdPlan()
    crowd.noShowShare = .none
    crowd.lapseShare = .all
    crowd.doubleSubmitSameKeyShare = .none
    crowd.doubleSubmitNewKeyShare = .all
    for person in people(2_000, of: crowd) {
      #expect(!person.isNoShow)
      #expect(person.lapses)
      #expect(person.doubleSubmit == .newKey)
    }
  }

  @Test func `Times and counts are within their ranges, from end to end`() {
    let crowd = CrowdPlan()
    let people = people(20_000, of: crowd)
    #expect(people.allSatisfy { crowd.browse.contains($0.browse) })
    #expect(people.allSatisfy { crowd.choose.contains($0.choose) })
    #expect(people.allSatisfy { crowd.pay.contains($0.pay) })
    #expect(people.allSatisfy { $0.patience.map(crowd.patience.contains) ?? true })
    #expect(people.allSatisfy { $0.reconnectsAfter.map(crowd.reconnectAfter.contains) ?? true })
    #expect(people.contains { $0.browse < .milliseconds(101) })
    #expect(people.contains { $0.browse > .milliseconds(499) })
    #expect(Set(people.map(\.seatCount)) == [1, 2])
    #expect(Set(people.map { $0.date(of: 12) }) == Set(0..<12))
  }

  @Test func `Looking on, a person goes through all dates before coming back to the first`() {
    for person in people(50, of: CrowdPlan()) {
      #expect(Set((0..<12).map { person.date(of: 12, attempt: $0) }) == Set(0..<12))
      #expect(person.date(of: 12, attempt: 12) == person.date(of: 12))
    }
    let person = Person(.min, of: CrowdPlan(), seed: .max)
    #expect(person.date(of: 0) == 0)
    #expect(person.date(of: -3, attempt: .max) == 0)
    #expect((0..<5).contains(person.date(of: 5, attempt: .max)))
    #expect((0..<5).contains(person.date(of: 5, attempt: .min)))
  }

  @Test(arguments: [0, 0.5, 1, 1.5, 10])
  func `Seats that are picked are free, different and as many as asked for`(exponent: Double) {
    var crowd = CrowdPlan()
    crowd.goodSeatExponent = exponent
    var random = SeededRandom(seed: seed)
    for number in 0..<500 {
      var person = Person(number, of: crowd, seed: seed)
      let free = (1...60 as ClosedRange<UInt32>).filter { _ in random.happens(0.5) }
      let count = Int.random(in: 0...6, using: &random)
      let picked = person.pick(count, from: free)
      #expect(picked.count == min(count, free.count))
      #expect(Set(picked).count == picked.count)
      #expect(Set(picked).isSubset(of: free))
    }
    var person = Person(0, of: crowd, seed: seed)
    #expect(person.pick(3, from: []).isEmpty)
    #expect(person.pick(-1, from: [1, 2]).isEmpty)
    #expect(person.pick(.max, from: [1, 2]) == [1, 2])
  }

  @Test func `The harder the good seats are wanted, the more often the same are picked`() {
    let free = Array(1...50 as ClosedRange<UInt32>)
    func picks(_ exponent: Double) -> [Int] {
      var crowd = CrowdPlan()
      crowd.goodSeatExponent = exponent
      var counts = Array(repeating: 0, count: 51)
      for var person in people(20_000, of: crowd) {
        for seat in person.pick(1, from: free) { counts[Int(seat)] += 1 }
      }
      return counts
    }
    let even = picks(0)
    #expect(even[1...].allSatisfy { (300...500).contains($0) })
    let usual = picks(1)
    // As much as lies between ranks 1 and 2 of 1 to 51 on a logarithmic scale: 17.6 in a hundred.
    #expect((3_350...3_700).contains(usual[1]))
    #expect(usual[1] > usual[5] && usual[5] > usual[20])
    #expect(picks(2)[1] > usual[1])
  }

  @Test func `Asked again, a person picks again, and the same as before from the beginning`() {
    let free = Array(1...50 as ClosedRange<UInt32>)
    func picks() -> [[UInt32]] {
      var person = Person(7, of: CrowdPlan(), seed: seed)
      return (0..<20).map { _ in person.pick(2, from: free) }
    }
    #expect(picks() == picks())
    #expect(Set(picks()).count > 5)
  }
}
