import Rehearsal
import Threads

/// What someone saw who looked on.
final class Seen: Sendable {
  private let all = Guarded<[Glance]>([])

  var glances: [Glance] { all.withLock { $0 } }

  var sales: [Glance.Sale] { glances.compactMap(\.sale) }

  func add(_ progress: Rehearsal.Progress) {
    if case .playing(let glance) = progress { all.withLock { $0.append(glance) } }
  }
}
