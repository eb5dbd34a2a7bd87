internal import Dispatch
internal import Threads

/// Tells readers of a process that its writer has committed.
final class CommitSignal: Sendable {
  private struct State {
    var batch: UInt64
    var lastNumber: UInt64 = 0
    var waiting: [UInt64: Waiter] = [:]
  }

  private struct Waiter {
    let batch: UInt64
    let continuation: CheckedContinuation<Void, Never>
  }

  private let state: Guarded<State>

  init(batch: UInt64) {
    state = Guarded(State(batch: batch))
  }

  /// Wakes whoever waits for more than they have seen.
  func committed(_ batch: UInt64) {
    let woken = state.withLock { state -> [Waiter] in
      state.batch = max(state.batch, batch)
      guard !state.waiting.isEmpty else { return [] }
      let woken = state.waiting.filter { $0.value.batch < state.batch }
      for number in woken.keys { state.waiting[number] = nil }
      return Array(woken.values)
    }
    for waiter in woken { waiter.continuation.resume() }
  }

  /// Returns once more than `batch` batches were committed, or after this time.
  func wait(after batch: UInt64, atMost time: Duration) async {
    await withCheckedContinuation { continuation in
      let number = state.withLock { state -> UInt64? in
        guard state.batch <= batch else { return nil }
        state.lastNumber += 1
        state.waiting[state.lastNumber] = Waiter(batch: batch, continuation: continuation)
        return state.lastNumber
      }
      guard let number else { return continuation.resume() }
      let (seconds, attoseconds) = time.components
      let end = DispatchTime.now() + Double(seconds) + Double(attoseconds) / 1e18
      // A number, so that whoever was woken meanwhile is not there to be found.
      DispatchQueue.global().asyncAfter(deadline: end) { [self] in
        state.withLock { $0.waiting.removeValue(forKey: number) }?.continuation.resume()
      }
    }
  }
}
