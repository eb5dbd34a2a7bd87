/// Which queue a command waits in.
package enum Lane: Sendable, Hashable, CaseIterable {
  /// What those do who are in: pay, hold, release, charge.
  case inside
  /// Newcomers: as many as may come, they must not keep those from paying who are in.
  case door
}

/// The commands that wait for the next batch, and whether there is room for more.
struct CommandQueues {
  private let limits: LedgerLimits
  private var inside: [Submission] = []
  private var door: [Submission] = []

  init(limits: LedgerLimits) {
    self.limits = limits
  }

  var isEmpty: Bool { inside.isEmpty && door.isEmpty }
  var insideCount: Int { inside.count }
  var doorCount: Int { door.count }

  enum OnSubmit: Equatable { case waits, full }

  mutating func append(_ submission: Submission, to lane: Lane) -> OnSubmit {
    switch lane {
    case .inside:
      guard inside.count < limits.insideMax else { return .full }
      inside.append(submission)
    case .door:
      guard door.count < limits.doorMax else { return .full }
      door.append(submission)
    }
    return .waits
  }

  /// The next batch: at most half of it from the door while anyone inside waits.
  mutating func takeBatch() -> [Submission] {
    let half = limits.batchMax / 2
    let fromDoor = min(door.count, max(half, limits.batchMax - inside.count))
    let fromInside = min(inside.count, limits.batchMax - fromDoor)
    let batch = Array(inside.prefix(fromInside)) + door.prefix(fromDoor)
    inside.removeFirst(fromInside)
    door.removeFirst(fromDoor)
    return batch
  }
}
