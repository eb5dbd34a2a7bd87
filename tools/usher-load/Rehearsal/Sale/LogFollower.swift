internal import Audit
internal import RPCCore
internal import Threads
internal import UsherAPI
internal import Wire

/// Follows the log from before the first of the crowd to after the last, as any subscriber may.
final class LogFollower: Sendable {
  private let state: Guarded<SaleLog>
  private let failure = Guarded<RPCFailure?>(nil)
  private let desk: Desk
  private let first: UInt64

  init(_ sale: PreparedSale, startMs: Int64, _ desk: Desk) {
    state = Guarded(SaleLog(of: sale, startMs: startMs))
    self.desk = desk
    first = sale.offsetBefore + 1
  }

  /// What the log tells so far.
  var log: SaleLog { state.withLock { $0 } }

  /// Why it could not be followed further; nil as long as it can.
  var whyBroken: RPCFailure? { failure.withLock { $0 } }

  /// The last event's offset.
  var lastOffset: UInt64 { state.withLock { $0.lastOffset } }

  /// What can be seen now.
  func glance(
    _ results: Results,
    seconds: Double,
    _ sale: PreparedSale
  ) -> Rehearsal.Glance {
    state.withLock { log in
      Rehearsal.Glance(
        seconds: seconds,
        results: results,
        waiting: log.waiting,
        inside: log.inside,
        admitted: log.admitted,
        held: log.held,
        sold: log.sold,
        seats: sale.dates.reduce(0) { $0 + UInt64($1.seats) },
        judgements: (log.auditor.verdicts ?? []).map { Judgement($0) }
      )
    }
  }

  /// Follows until it is cancelled. A subscription that breaks is made again where it broke, as a
  /// subscriber would: what it then misses or hears twice is told by the offsets.
  func follow() async {
    var tries = 0
    while !Task.isCancelled, tries < 10 {
      tries += 1
      let next = max(first, state.withLock { $0.lastOffset } + 1)
      do {
        let request = SubscribeRequest(offset: next, follow: true)
        for try await event in desk.events.subscribe(request, options: try desk.asApp()) {
          tries = 0
          state.withLock { $0.take(event) }
        }
      } catch let broken as RPCFailure {
        guard !Task.isCancelled else { return }
        failure.withLock { $0 = broken }
        guard Answers.isPassing(broken) else { return }
      } catch {
        // Cancelled.
        return
      }
    }
  }
}
