internal import Threads

/// The end of the log in memory, for those who follow it live, and what wakes them.
package final class LogTail: Sendable {
  private struct State {
    /// Encoded events; the last one's offset is `offset`.
    var events: [[UInt8]] = []
    var offset: UInt64
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var lastWaiter: UInt64 = 0
  }

  private let state: Guarded<State>
  private let keptMax: Int

  /// A tail that follows `offset`, and keeps at most this many events.
  package init(after offset: UInt64, keptMax: Int = 8_192) {
    state = Guarded(State(offset: offset))
    self.keptMax = keptMax
  }

  /// The last event's offset.
  package var offset: UInt64 { state.withLock { $0.offset } }

  /// Takes what was committed; the last one's offset is `offset`.
  package func append(_ events: [[UInt8]], through offset: UInt64) {
    let woken = state.withLock { state in
      state.events.append(contentsOf: events)
      // Half at once, so that the array is not moved for every event.
      if state.events.count > 2 * keptMax {
        state.events.removeFirst(state.events.count - keptMax)
      }
      state.offset = offset
      defer { state.waiters.removeAll(keepingCapacity: true) }
      return Array(state.waiters.values)
    }
    for waiter in woken { waiter.resume() }
  }

  /// At most `max` events from `offset`, or nil where they are no longer, or not yet, here.
  package func events(from offset: UInt64, max: Int) -> [[UInt8]]? {
    state.withLock { state in
      guard offset <= state.offset, state.offset - offset < UInt64(state.events.count) else {
        return nil
      }
      let start = state.events.count - 1 - Int(state.offset - offset)
      return Array(state.events[start...].prefix(max))
    }
  }

  /// Waits until the log has come to `offset`, or the caller's task is cancelled.
  package func wait(for offset: UInt64) async {
    while !Task.isCancelled, self.offset < offset {
      let number = state.withLock { state in
        state.lastWaiter += 1
        return state.lastWaiter
      }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isThere = state.withLock { state in
            guard state.offset < offset, !Task.isCancelled else { return true }
            state.waiters[number] = continuation
            return false
          }
          if isThere { continuation.resume() }
        }
      } onCancel: {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
      }
    }
  }
}
