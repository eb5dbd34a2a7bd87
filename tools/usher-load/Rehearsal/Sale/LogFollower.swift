internal import Audit
internal import RPCCore
internal import Threads
internal import UsherAPI
internal import Wire

/// Follows the log from before the first of the crowd to after the last, as any subscriber may.
final class LogFollower: Sendable {
  private let state: Guarded<SaleLog>
  private let sale: PreparedSale
  private let desk: Desk
  private let loop: any Loop
  private let first: UInt64

  init(_ sale: PreparedSale, startMs: Int64, _ desk: Desk, on loop: any Loop) {
    state = Guarded(SaleLog(of: sale, startMs: startMs))
    self.sale = sale
    self.desk = desk
    self.loop = loop
    first = sale.offsetBefore &+ 1
  }

  /// What the log tells so far.
  var log: SaleLog { state.withLock { $0 } }

  /// The last event's offset.
  var lastOffset: UInt64 { state.withLock { $0.lastOffset } }

  /// What can be seen now of a run of which there is `soFar`, but for the log and the observation.
  func glance(_ soFar: Rehearsed, _ observation: Observation) -> Glance {
    let sale = state.withLock { log in
      Glance.Sale(
        waiting: log.waiting,
        inside: log.inside,
        admitted: log.admitted,
        held: log.held,
        sold: log.sold,
        seats: log.seatsTotal,
        judgements: log.judgements,
        silences: observation.marks
      )
    }
    return Glance(seconds: soFar.seconds, results: soFar.results, sale: sale) { [self] in
      let log = self.log
      var soFar = soFar
      soFar.sold = Rehearsed.Sold(sale: self.sale, log: log, judgements: .success(log.judgements))
      soFar.observed(observation)
      return soFar
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

extension SaleLog {
  /// What the log alone tells of promises.
  fileprivate var judgements: [Judgement] { (auditor.verdicts ?? []).map { Judgement($0) } }
}
