package import Domain
internal import Threads

/// Brings boards and the log's tail up to date: with this instance's batches as they are committed,
/// and with what other instances commit, read from the store.
package final class LogFollower: LedgerFollower {
  package let boards: Boards
  package let tail: LogTail
  private let reader: any StoreReader
  private let coder: any EventCoder
  private let failed: @Sendable (StoreFailure) -> Void
  private let works: @Sendable () -> Void
  /// The last offset taken; held while events are taken, so that they are in order.
  private let taken: Guarded<UInt64>

  /// `failed` hears of the store's failures and `works` of every batch that it has committed.
  package init(
    boards: Boards,
    reader: any StoreReader,
    coder: any EventCoder,
    failed: @escaping @Sendable (StoreFailure) -> Void,
    works: @escaping @Sendable () -> Void
  ) {
    self.boards = boards
    self.reader = reader
    self.coder = coder
    self.failed = failed
    self.works = works
    tail = LogTail(after: boards.at.offset)
    taken = Guarded(boards.at.offset)
  }

  package func committed(_ events: [LoggedEvent], encoded: [[UInt8]], head: Head) {
    // Where the store's clock runs ahead of ours, lapses show by the store's.
    boards.time.read(head.time)
    works()
    take(events, encoded: encoded)
  }

  package func draw(for key: Draws.Key) -> DrawState { boards.draw(for: key) }

  package func storeFailed(_ failure: StoreFailure) {
    failed(failure)
  }

  /// Takes events that follow what was taken before; leaves them where some are missing in between,
  /// for those are read from the store first.
  private func take(_ events: [LoggedEvent], encoded: [[UInt8]]) {
    taken.withLock { taken in
      guard let first = events.first, let last = events.last else { return }
      guard first.offset <= taken + 1, last.offset > taken else { return }
      let known = Int(taken + 1 - first.offset)
      boards.apply(Array(events[known...]))
      tail.append(Array(encoded[known...]), through: last.offset)
      taken = last.offset
    }
  }

  /// Reads what others commit, until its task is cancelled. Where one instance has the store for
  /// itself there is nothing to find.
  package func follow() async {
    var seen: UInt64 = 0
    while !Task.isCancelled {
      await reader.waitForCommit(after: seen, atMost: .milliseconds(250))
      do throws(StoreFailure) {
        seen = try await catchUp()
      } catch {
        failed(error)
        // Waits its whole time before it tries again.
        seen = .max
      }
    }
  }

  /// Reads until it has come to the log's end, and answers after which batch that was.
  @discardableResult
  package func catchUp() async throws(StoreFailure) -> UInt64 {
    while true {
      let next = taken.withLock { $0 } + 1
      let (page, head) = try await reader.read { snapshot throws(StoreFailure) in
        let isNews = snapshot.head.offset >= next
        return (isNews ? try snapshot.log(from: next, max: 512) : [], snapshot.head)
      }
      // What others commit tells the time, too.
      boards.time.read(head.time)
      guard !page.isEmpty else { return head.batch }
      let events = page.compactMap(coder.decode)
      guard events.count == page.count else {
        throw .lost("the log has an event after offset \(next - 1) that cannot be read")
      }
      take(events, encoded: page)
    }
  }
}
