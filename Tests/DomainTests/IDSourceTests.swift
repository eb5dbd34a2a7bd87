import Testing

@testable import Domain

@Suite("New identities")
struct IDSourceTests {
  @Test("They rise, one after the other, however many a millisecond needs")
  func theyRise() {
    var source = IDSource(at: Instant(milliseconds: 1_000), seed: 7)
    var last: ID<User> = source.next()
    for _ in 0..<10_000 {
      let next: ID<User> = source.next()
      #expect(last < next)
      last = next
    }
  }

  @Test("They are UUIDs of version 7 that hold the time")
  func theyAreUUIDs() {
    var source = IDSource(at: Instant(milliseconds: 0x0123_4567_89AB), seed: 1)
    let text = source.next(User.self).description
    #expect(text.hasPrefix("01234567-89ab-7"))
    #expect("89ab".contains(Array(text)[19]))
    #expect(ID<User>(text)?.description == text)
  }
}
