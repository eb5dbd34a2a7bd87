internal import Foundation
internal import Glibc
internal import Threads

/// Something that happens once, and that others wait for.
package final class Event: Sendable {
  private struct State {
    var hasHappened = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Guarded(State())

  package init() {}

  package func happen() {
    let waiters = state.withLock { state in
      state.hasHappened = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  package func wait() async {
    await withCheckedContinuation { waiter in
      let isNow = state.withLock { state in
        if !state.hasHappened { state.waiters.append(waiter) }
        return state.hasHappened
      }
      if isNow { waiter.resume() }
    }
  }
}

/// Runs what blocks on a thread of its own, so that no task has to wait for it.
package func onThread<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
  }
}

/// What a test waited for did not come.
package struct TookTooLong: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Returns when `condition` holds, which is looked at again and again: for what tells nobody when it
/// changes. Throws after a while that no run should need.
package func eventually(
  _ what: String,
  within patience: Duration = .seconds(20),
  _ condition: () throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + patience
  while try !condition() {
    guard ContinuousClock.now < deadline else { throw TookTooLong(what) }
    await Task.yield()
  }
}

/// A value that tasks and loops share.
package final class Shared<Value: Sendable>: Sendable {
  private let guarded: Guarded<Value>

  package init(_ value: Value) { guarded = Guarded(value) }

  package var value: Value { guarded.withLock { $0 } }

  @discardableResult
  package func change<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
    guarded.withLock { body(&$0) }
  }
}

/// The names of this process's threads.
///
/// Read without Foundation's help, which loses its buffer when a thread ends while it is read.
package func threadNames() throws -> [String] {
  let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
  return tasks.compactMap { task in
    // A thread may end between being listed and being read.
    let file = open("/proc/self/task/\(task)/comm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var name = [UInt8](repeating: 0, count: 64)
    let count = read(file, &name, name.count)
    guard count > 0 else { return nil }
    return String(decoding: name[..<count], as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
