internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI
internal import Wire

/// `usher.v1.EventService`: the log, old then live, with no gap and no repeat.
package struct Events: EventService {
  private let counter: Counter

  package init(_ counter: Counter) {
    self.counter = counter
  }

  package func subscribe(
    _ request: SubscribeRequest,
    to responses: ResponseWriter<UsherAPI.Event>,
    context: CallContext
  ) async throws {
    try await counter.waitForOffset(context)
    let position = counter.boards.at
    guard request.epoch == 0 || request.epoch == position.epoch else {
      throw try await epochChanged(request.epoch, context)
    }
    var next = max(request.offset, 1)
    let end = counter.tail.offset
    while request.follow || next <= end {
      try Task.checkCancellation()
      let events = try await events(from: next, context)
      for event in events { try await responses.write(encoded: event) }
      next += UInt64(events.count)
      guard events.isEmpty else { continue }
      guard next > counter.tail.offset else {
        throw RPCFailure(.dataLoss, "the log has no event \(next), and goes on after it")
      }
      await counter.tail.wait(for: next)
    }
  }

  /// What is said to whoever followed another life of the log: from where on this one is another.
  private func epochChanged(_ epoch: UInt64, _ context: CallContext) async throws -> RPCFailure {
    let (current, common) = try await counter.look(context) { snapshot throws(StoreFailure) in
      (snapshot.head.epoch, try snapshot.lastCommonOffset(with: epoch, by: MessageCoder()))
    }
    return RPCFailure(
      .epochChanged,
      "the log's epoch is \(current), not \(epoch); the last common offset is \(common)"
    )
  }

  /// Some of the log from memory, or from the store where it is too old for that.
  private func events(from offset: UInt64, _ context: CallContext) async throws -> [[UInt8]] {
    guard offset <= counter.tail.offset else { return [] }
    if let events = counter.tail.events(from: offset, max: Self.pageMax) { return events }
    return try await counter.look(context) { snapshot throws(StoreFailure) in
      try snapshot.log(from: offset, max: Self.pageMax)
    }
  }

  private static let pageMax = 256
}
