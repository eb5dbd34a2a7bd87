package import Domain
internal import Threads

/// What a change of a gate would come to.
package struct GateForecast: Sendable {
  package struct State: Sendable {
    /// What would keep more from coming in.
    package let limit: Room.Limit
    /// The wait of someone who came now.
    package let wait: WaitForecast
    package let admittedAtOnce: UInt64
  }

  /// Nil for a gate that is not there yet.
  package let before: State?
  package let after: State
  /// How many of those who wait would have another number ahead of them.
  package let movedPlaces: UInt64
}

extension Boards {
  /// What would become of the line if the gate were as `planned`.
  package func forecast(_ planned: Gate) -> GateForecast {
    let now = time.now
    let free = stock(behind: planned.name, at: now).map { UInt64($0.free) }
    guard var board = board(of: planned.name)?.withLock({ $0 }) else {
      let board = GateBoard(gate: planned)
      return GateForecast(before: nil, after: board.state(free: free, at: now), movedPlaces: 0)
    }
    let before = board.state(free: free, at: now)
    let moved = board.placesMoved(by: planned.policy.prioritySharePercent)
    board.change(to: planned, at: now)
    return GateForecast(
      before: before,
      after: board.state(free: free, at: now),
      movedPlaces: moved
    )
  }
}

extension GateBoard {
  fileprivate func state(free: UInt64?, at now: Instant) -> GateForecast.State {
    let (room, wait) = newcomer(free: free, at: now)
    return GateForecast.State(
      limit: room.limit,
      wait: wait,
      admittedAtOnce: min(room.count, line.waitingTotal)
    )
  }
}
