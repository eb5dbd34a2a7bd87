internal import RPCCore
internal import Threads

extension Loop {
  /// Returns when so much time has passed on the loop; sooner, and false, when the task is cancelled.
  func sleep(for time: Duration) async -> Bool {
    let sleep = Sleep()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        sleep.begin(continuation)
        execute {
          let timer = self.schedule(at: self.clockNow + time) { sleep.end(true) }
          sleep.wasSet(LoopBound(timer, to: self))
        }
      }
    } onCancel: {
      sleep.end(false)
    }
  }
}

/// One sleeper, whom either the time or a cancellation wakes.
private final class Sleep: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Bool, Never>?
    var outcome: Bool?
    var timer: LoopBound<any ScheduledAction>?
  }

  private let state = Guarded(State())

  func begin(_ continuation: CheckedContinuation<Bool, Never>) {
    let outcome = state.withLock { state in
      if state.outcome == nil { state.continuation = continuation }
      return state.outcome
    }
    if let outcome { continuation.resume(returning: outcome) }
  }

  func wasSet(_ timer: LoopBound<any ScheduledAction>) {
    let isOver = state.withLock { state in
      state.timer = timer
      return state.outcome != nil
    }
    if isOver { timer.value.cancel() }
  }

  func end(_ outcome: Bool) {
    let (continuation, timer) = state.withLock { state in
      guard state.outcome == nil else {
        return (CheckedContinuation<Bool, Never>?.none, LoopBound<any ScheduledAction>?.none)
      }
      state.outcome = outcome
      return (state.continuation.take(), state.timer)
    }
    continuation?.resume(returning: outcome)
    timer?.run { $0.cancel() }
  }
}
