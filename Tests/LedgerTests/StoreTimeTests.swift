import Domain
import Ledger
import StoreSupport
import Testing

@Suite("The store's time between batches")
struct StoreTimeTests {
  @Test("A board goes by the time of the last batch, and never back")
  func follows() async throws {
    let boards = try await Boards.load(
      from: FakeReader(of: FakeDatabase()),
      storeNow: Instant(milliseconds: 1_000),
      monotonicNanoseconds: { 0 },
      encode: { _ in [] },
      aside: { $0() }
    )
    let follower = LogFollower(
      boards: boards,
      reader: FakeReader(of: FakeDatabase()),
      coder: PlainCoder(),
      failed: { _ in },
      works: {}
    )
    for (time, shown) in [(5_000, 5_000), (4_000, 5_000), (6_000, 6_000)] as [(Int64, Int64)] {
      let head = Head(
        epoch: 1,
        offset: 0,
        batch: 1,
        time: Instant(milliseconds: time),
        hash: Head.firstHash
      )
      follower.committed([], encoded: [], head: head)
      #expect(boards.time.now == Instant(milliseconds: shown))
    }
  }
  @Test("What another instance commits tells the time, though it logs nothing")
  func others() async throws {
    let other = Shop()
    let reader = FakeReader(of: other.database)
    let boards = try await Boards.load(
      from: reader,
      storeNow: Instant(milliseconds: .min),
      monotonicNanoseconds: { 0 },
      encode: { _ in [] },
      aside: { $0() }
    )
    let follower = LogFollower(
      boards: boards,
      reader: reader,
      coder: PlainCoder(),
      failed: { _ in },
      works: {}
    )
    other.pass(milliseconds: 5_000)
    _ = try await other.run(LapseDue(due: []))
    await other.close()
    try await follower.catchUp()
    #expect(boards.time.now == Instant(milliseconds: 5_000))
  }
}
