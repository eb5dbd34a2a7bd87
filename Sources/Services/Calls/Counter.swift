internal import Access
internal import Crypto
internal import Domain
package import Ledger
package import RPCCore
internal import UsherAPI
internal import Wire

/// What every service stands behind: the way to change something, and the ways to look.
package struct Counter: Sendable {
  let ledger: Ledger
  let reader: any StoreReader
  let boards: Boards
  let tail: LogTail
  /// A call's deadline on the ledger's clock.
  let ledgerDeadline: @Sendable (Moment) -> Int64

  package init(
    ledger: Ledger,
    reader: any StoreReader,
    follower: LogFollower,
    ledgerDeadline: @escaping @Sendable (Moment) -> Int64
  ) {
    self.ledger = ledger
    self.reader = reader
    boards = follower.boards
    tail = follower.tail
    self.ledgerDeadline = ledgerDeadline
  }
}

// MARK: - Changing

extension Counter {
  /// Has a command done: once, where the caller gave it an idempotency key.
  func submit<C: RepeatableCommand>(
    _ command: C,
    for request: some Message,
    _ context: CallContext,
    lane: Lane = .inside
  ) async throws -> Done<C.Outcome> {
    guard let key = context.metadata[Metadata.Key.idempotencyKey] else {
      return try await submit(command, context, lane: lane)
    }
    guard !key.isEmpty, key.utf8.count <= Limit.idempotencyKeyCharacters else {
      throw invalid(
        Metadata.Key.idempotencyKey,
        "1 to \(Limit.idempotencyKeyCharacters) characters"
      )
    }
    let once = Once(
      command,
      key: Repeat.Key(
        text: key,
        caller: try context.principal().caller,
        method: context.method.path
      ),
      digest: request.encoded().withUnsafeBytes { SHA256.digest(of: $0) }
    )
    return try await submit(once, context, lane: lane)
  }

  private func submit<C: Command>(
    _ command: C,
    _ context: CallContext,
    lane: Lane
  ) async throws -> Done<C.Outcome> {
    do throws(NotDone) {
      return try await ledger.submit(
        command,
        lane: lane,
        deadline: context.deadline.map(ledgerDeadline)
      )
    } catch {
      throw RPCFailure(error)
    }
  }

  /// A reply that says from which offset on it can be seen.
  func reply<Response, Outcome>(
    _ response: Response,
    after done: Done<Outcome>
  ) -> Reply<Response> {
    Reply(response, trailers: Self.trailers(at: done.offset))
  }

  static func trailers(at offset: UInt64) -> Metadata {
    var trailers = Metadata()
    // A fixed key and a number are within every limit: adding them cannot fail.
    try? trailers.add(Metadata.Key.offset, String(offset))
    return trailers
  }
}

// MARK: - Looking

extension Counter {
  /// The offset that the caller wants to see at least; 0 where it does not say.
  private func wantedOffset(_ context: CallContext) throws -> UInt64 {
    guard let text = context.metadata[Metadata.Key.atLeastOffset] else { return 0 }
    guard let offset = UInt64(text) else {
      throw invalid(Metadata.Key.atLeastOffset, "\(text.prefix(32)) is not an offset")
    }
    return offset
  }

  /// The boards, for a method that cannot wait. A board that has not come as far as the caller has
  /// seen is a matter of milliseconds, so the caller is asked to come again.
  func boards(for context: CallContext) throws -> Boards {
    let wanted = try wantedOffset(context)
    let offset = boards.at.offset
    guard offset >= wanted else {
      throw RPCFailure(
        .storeDown,
        "this instance has come to offset \(offset), not yet to \(wanted)",
        retryAfterMilliseconds: 10
      )
    }
    return boards
  }

  /// Returns once this instance has come to what the caller has seen.
  func waitForOffset(_ context: CallContext) async throws {
    let wanted = try wantedOffset(context)
    if wanted > tail.offset { await tail.wait(for: wanted) }
    try Task.checkCancellation()
  }

  /// Asks the store, once it has what the caller has seen.
  func look<Answer: Sendable>(
    _ context: CallContext,
    _ body: @Sendable @escaping (any Snapshot) throws(StoreFailure) -> Answer
  ) async throws -> Answer {
    try await waitForOffset(context)
    do throws(StoreFailure) {
      return try await reader.read(body)
    } catch {
      throw RPCFailure(error)
    }
  }
}
