package import Domain
internal import Threads

/// Tells those who watch tickets when to look again: at once when their ticket moves or their gate
/// changes, else when their own time has come.
///
/// It holds no places: whoever is woken reads the board, so that a slow watcher gets the latest and
/// never a backlog.
package final class TicketWatch: Sendable {
  private struct Key: Hashable {
    let gate: String
    let number: UInt64
  }

  private struct State {
    var signals: [Key: [ObjectIdentifier: WatchSignal]] = [:]
    var alarms = DeadlineHeap<WatchSignal>()
  }

  private let state = Guarded(State())

  /// How many watch.
  package var count: Int { state.withLock { $0.signals.values.reduce(0) { $0 + $1.count } } }

  /// A signal for one who watches a ticket, until ``forget(_:number:in:)``.
  package func watch(_ number: UInt64, in gate: String) -> WatchSignal {
    let signal = WatchSignal()
    state.withLock { state in
      let key = Key(gate: gate, number: number)
      state.signals[key, default: [:]][ObjectIdentifier(signal)] = signal
    }
    return signal
  }

  /// They watch no more.
  package func forget(_ signal: WatchSignal, number: UInt64, in gate: String) {
    state.withLock { state in
      let key = Key(gate: gate, number: number)
      state.signals[key]?[ObjectIdentifier(signal)] = nil
      if state.signals[key]?.isEmpty == true { state.signals[key] = nil }
    }
  }

  /// Has a signal set at `instant`, if not before.
  package func set(_ signal: WatchSignal, at instant: Instant) {
    state.withLock { $0.alarms.insert(instant.milliseconds, for: signal) }
  }

  /// Sets the signals whose time has come.
  package func ring(at now: Instant) {
    let due = state.withLock { state -> [WatchSignal] in
      var due: [WatchSignal] = []
      while let signal = state.alarms.removeFirst(through: now.milliseconds) { due.append(signal) }
      return due
    }
    for signal in due { signal.set() }
  }

  /// A ticket has moved.
  func moved(_ number: UInt64, in gate: String) {
    let key = Key(gate: gate, number: number)
    let signals = state.withLock { Array(($0.signals[key] ?? [:]).values) }
    for signal in signals { signal.set() }
  }

  /// A gate has changed, for everyone in it.
  func changed(_ gate: String) {
    let signals = state.withLock { state in
      state.signals.filter { $0.key.gate == gate }.flatMap { $0.value.values }
    }
    for signal in signals { signal.set() }
  }
}

extension TicketWatch {
  /// Something has changed for everyone.
  func changedForAll() {
    let signals = state.withLock { state in state.signals.values.flatMap(\.values) }
    for signal in signals { signal.set() }
  }
}

/// Says that there is something to look at. What is set twice before anyone looks is set once.
package final class WatchSignal: Sendable {
  private struct State {
    var isSet = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Guarded(State())

  /// Has its waiter, or the next one, look.
  package func set() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let waiter = state.waiter else {
        state.isSet = true
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume()
  }

  /// Returns once it is set, or the caller's task is cancelled. For one at a time.
  package func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isSet = state.withLock { state in
          guard !state.isSet else {
            state.isSet = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if isSet { continuation.resume() }
      }
    } onCancel: {
      set()
    }
  }
}
