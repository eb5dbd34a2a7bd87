import Measuring
import Testing

@Suite struct HistogramTests {
  /// Values of every size, as many small as large.
  private func values(_ count: Int, seed: UInt64) -> [UInt64] {
    var draw = Draw(state: seed)
    return (0..<count).map { _ in draw.next() >> UInt64.random(in: 0..<64, using: &draw) }
  }

  @Test(arguments: [0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1])
  func `A percentile is that of the sorted values to three digits`(share: Double) {
    for seed in UInt64(1)...4 {
      let values = values(3_000, seed: seed)
      var histogram = Histogram()
      for value in values { histogram.add(value) }
      let sorted = values.sorted()
      let rank = max(1, Int((share * Double(sorted.count)).rounded(.up)))
      let truth = Double(sorted[rank - 1])
      let told = Double(histogram.value(atShare: share))
      #expect(abs(told - truth) <= truth / 1_000, "seed \(seed)")
    }
  }

  @Test func `Every value is counted in the bucket whose range holds it`() {
    for value in values(4_000, seed: 7) + [0, 1, 2_047, 2_048, 2_049, .max] {
      var histogram = Histogram()
      histogram.add(value)
      let buckets = Array(histogram.buckets)
      #expect(buckets.count == 1)
      #expect(buckets[0].values.contains(value))
      let width = Double(buckets[0].values.upperBound - buckets[0].values.lowerBound)
      #expect(width <= Double(value) / 1_000)
    }
  }

  @Test func `Buckets follow one another without gap or overlap`() {
    for bits in [1, 4, 11] {
      let histogram = Histogram(digitBits: bits)
      var next: UInt64 = 0
      for number in 0..<(1 << bits) * 4 {
        let values = histogram.values(ofBucket: number)
        #expect(values.lowerBound == next)
        next = values.upperBound + 1
      }
    }
  }

  @Test func `Parts that are merged in any order are the whole`() {
    for seed in UInt64(1)...4 {
      let values = values(999, seed: seed)
      var whole = Histogram()
      var parts = [Histogram(), Histogram(), Histogram()]
      for (index, value) in values.enumerated() {
        whole.add(value)
        parts[index % 3].add(value)
      }
      for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        var merged = Histogram()
        for part in order { merged.merge(parts[part]) }
        #expect(Array(merged.buckets) == Array(whole.buckets), "seed \(seed)")
        #expect((merged.count, merged.min, merged.max) == (whole.count, whole.min, whole.max))
      }
    }
  }

  @Test func `The largest and smallest value are told exactly`() {
    var histogram = Histogram()
    for value: UInt64 in [1_234_567_891, 77, 9_999_999_999_999] { histogram.add(value) }
    #expect(histogram.max == 9_999_999_999_999)
    #expect(histogram.min == 77)
    #expect(histogram.value(atShare: 1) == 9_999_999_999_999)
    #expect(histogram.value(atShare: 0) == 77)
  }

  @Test func `What lies beyond a percentile is counted`() {
    var histogram = Histogram()
    for value in UInt64(1)...10_000 { histogram.add(value) }
    #expect(histogram.beyond(share: 0.999) == 10)
    #expect(histogram.beyond(share: 1) == 0)
    #expect(histogram.share(atMost: 5_000) > 0.499 && histogram.share(atMost: 5_000) < 0.501)
  }

  @Test func `Nothing is told of no values`() {
    let histogram = Histogram()
    #expect(histogram.isEmpty)
    #expect(histogram.value(atShare: 0.5) == 0)
    #expect(histogram.share(atMost: 5) == 0)
  }
}
