internal import Domain
package import Ledger
internal import Threads

/// Reads from a PostgreSQL database, with connections of its own.
package final class PostgresReader: StoreReader {
  private let reading: LanePool
  /// Apart, so that snapshots that are held keep nobody from reading.
  private let holding: LanePool
  private let listener: CommitListener

  /// A reader that reads at most `readsMax` things at once, and holds as many snapshots.
  package init(_ settings: PostgresSettings, readsMax: Int) {
    let newest = Migrator(migrations: Migration.all).newest
    reading = LanePool(lanesMax: readsMax) { ReadingLane(settings, newestSchema: newest) }
    holding = LanePool(lanesMax: readsMax) { ReadingLane(settings, newestSchema: newest) }
    listener = CommitListener(settings)
  }

  package func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    let lane = await reading.take()
    defer { reading.giveBack(lane) }
    return try await lane.read(body)
  }

  package func hold() async throws(StoreFailure) -> any HeldSnapshot {
    let lane = await holding.take()
    do throws(StoreFailure) {
      try await lane.begin()
    } catch {
      holding.giveBack(lane)
      throw error
    }
    return PostgresHeldSnapshot(lane: lane, pool: holding)
  }

  package func waitForCommit(after batch: UInt64, atMost time: Duration) async {
    await listener.wait(after: batch, atMost: time)
  }

  package func close() async {
    await reading.close()
    await holding.close()
    await listener.close()
  }
}

/// A transaction that stays open on a lane.
private final class PostgresHeldSnapshot: HeldSnapshot {
  private let lane: ReadingLane
  private let pool: LanePool
  private let hasEnded = Guarded(false)

  init(lane: ReadingLane, pool: LanePool) {
    self.lane = lane
    self.pool = pool
  }

  func read<Answer: Sendable>(
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws(StoreFailure) -> Answer {
    precondition(!hasEnded.withLock { $0 }, "a snapshot was read after its end")
    return try await lane.readAgain(body)
  }

  func end() async {
    let isFirst = hasEnded.withLock { hasEnded in
      defer { hasEnded = true }
      return !hasEnded
    }
    guard isFirst else { return }
    await lane.end()
    pool.giveBack(lane)
  }
}
