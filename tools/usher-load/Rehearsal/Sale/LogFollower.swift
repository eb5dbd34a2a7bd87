internal import Audit
internal import RPCCore
internal import Threads
internal import UsherAPI
internal import Wire

/// Follows the log from before the first of the crowd to after the last, as any subscriber may.
final class LogFollower: Sendable {
  private let state: Guarded<SaleLog>
  private let desk: Desk
  private let loop: any Loop
  private let first: UInt64

  init(_ sale: PreparedSale, startMs: Int64, _ desk: Desk, on loop: any Loop) {
    state = Guarded(SaleLog(of: sale, startMs: startMs))
    self.desk = desk
    self.loop = loop
    first = sale.offsetBefore &+ 1
  }

  /// What the log tells so far.
  var log: SaleLog { state.withLock { $0 } }

  /// The last event's offset.
  var lastOffset: UInt64 { state.withLock { $0.lastOffset } }

  /// What can be seen now.
  func glance(_ results: Results, seconds: Double) -> Rehearsal.Glance {
    state.withLock { log in
      Rehearsal.Glance(
        seconds: seconds,
        results: results,
        waiting: log.waiting,
        inside: log.inside,
        admitted: log.admitted,
        held: log.held,
        sold: log.sold,
        seats: log.dates.reduce(0) { $0 + UInt64($1.seats) },
        judgements: (log.auditor.verdicts ?? []).map { Judgement($0) }
      )
    }
  }

  /// How long it waits before it subscribes again.
  private static let pause = Duration.milliseconds(500)

  /// Follows until it is cancelled. A subscription that breaks is made again where it broke, as a
  /// subscriber would: what it then misses or hears twice is told by the offsets.
  func follow() async {
    repeat {
      let next = max(first, lastOffset &+ 1)
      do {
        let request = SubscribeRequest(offset: next, follow: true)
        for try await event in desk.events.subscribe(
          request,
          options: desk.streaming(try desk.asApp(), for: nil)
        ) {
          state.withLock { $0.take(event) }
        }
      } catch {
        // Whoever cannot subscribe for good hears nothing, and that is what is judged.
      }
    } while await loop.sleep(for: Self.pause)
  }
}
