internal import Threads

/// Lanes, made when they are first needed, and given out one to a reader, in the order of asking.
final class LanePool: Sendable {
  private struct State {
    var idle: [ReadingLane] = []
    var made = 0
    var waiting: [CheckedContinuation<ReadingLane, Never>] = []
  }

  private let state = Guarded(State())
  private let lanesMax: Int
  private let make: @Sendable () -> ReadingLane

  init(lanesMax: Int, _ make: @escaping @Sendable () -> ReadingLane) {
    precondition(lanesMax > 0, "a pool has at least one lane")
    self.lanesMax = lanesMax
    self.make = make
  }

  /// A lane that nobody else has until it is given back.
  func take() async -> ReadingLane {
    await withCheckedContinuation { continuation in
      let lane: ReadingLane? = state.withLock { state in
        if let lane = state.idle.popLast() { return lane }
        guard state.made < lanesMax else {
          state.waiting.append(continuation)
          return nil
        }
        state.made += 1
        return make()
      }
      if let lane { continuation.resume(returning: lane) }
    }
  }

  func giveBack(_ lane: ReadingLane) {
    let waiter: CheckedContinuation<ReadingLane, Never>? = state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.idle.append(lane)
        return nil
      }
      return state.waiting.removeFirst()
    }
    waiter?.resume(returning: lane)
  }

  /// Closes the connections of the lanes that nobody has.
  func close() async {
    let idle = state.withLock { state in
      state.made -= state.idle.count
      defer { state.idle.removeAll() }
      return state.idle
    }
    for lane in idle { await lane.close() }
  }
}
