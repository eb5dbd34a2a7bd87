import Rehearsal
import Threads

/// What someone saw who looked on.
final class Seen: Sendable {
  private let all = Guarded<[Rehearsal.Glance]>([])

  var glances: [Rehearsal.Glance] { all.withLock { $0 } }

  func add(_ progress: Rehearsal.Progress) {
    if case .playing(let glance) = progress { all.withLock { $0.append(glance) } }
  }
}
