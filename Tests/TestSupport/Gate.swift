internal import Threads
internal import Wire

/// Where a handler waits until the test lets it go on.
public final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var lastNumber: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Guarded(State())

  /// A closed gate.
  public init() {}

  /// How many wait.
  public var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Returns when the gate is open, whether the task is cancelled or not.
  public func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen {
          state.lastNumber += 1
          state.waiting[state.lastNumber] = continuation
        }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  /// Returns when the gate is open; throws when the task is cancelled before.
  public func passOrCancel() async throws {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waits = state.withLock { state in
          guard !state.isOpen, !Task.isCancelled else { return false }
          state.waiting[number] = continuation
          return true
        }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
    try Task.checkCancellation()
  }

  /// Lets everyone pass, from now on.
  public func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }
}

/// What happened, in its order, told from anywhere.
public final class Record<Entry: Sendable>: Sendable {
  private let held = Guarded<[Entry]>([])

  /// Nothing yet.
  public init() {}

  /// What happened so far.
  public var entries: [Entry] { held.withLock { $0 } }

  /// Tells of something.
  public func add(_ entry: Entry) { held.withLock { $0.append(entry) } }
}
