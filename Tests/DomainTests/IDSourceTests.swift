import Testing

@testable import Domain

@Suite("New identities")
struct IDSourceTests {
  @Test("They rise, one after the other, however many a millisecond needs")
  func theyRise() {
    var source = IDSource(at: Instant(milliseconds: 1_000), batch: 1, seed: 7)
    var last: ID<User> = source.next()
    for _ in 0..<100_000 {
      let next: ID<User> = source.next()
      #expect(last < next)
      last = next
    }
  }

  @Test("They rise from batch to batch within one millisecond", arguments: [1, 65_535, 1 << 27])
  func batches(first: UInt64) {
    var last = ID<User>(high: 0, low: 0)
    for batch in first..<first + 100 {
      var source = IDSource(at: Instant(milliseconds: 1_000), batch: batch, seed: batch &* 77)
      for _ in 0..<3 {
        let next: ID<User> = source.next()
        #expect(last < next)
        last = next
      }
    }
  }

  @Test("They are UUIDs of version 7 that hold the time")
  func theyAreUUIDs() {
    var source = IDSource(at: Instant(milliseconds: 0x0123_4567_89AB), batch: 9, seed: 1)
    let text = source.next(User.self).description
    #expect(text.hasPrefix("01234567-89ab-7"))
    #expect("89ab".contains(Array(text)[19]))
    #expect(ID<User>(text)?.description == text)
  }
}
