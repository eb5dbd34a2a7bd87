package import Domain
internal import Ledger
internal import Threads

/// One database, which any number of ``FakeStore``s share as instances share a server.
///
/// Nothing in it looks at a clock or takes a thread: waiting is suspension, and its time is what the
/// test sets.
package final class FakeDatabase: Sendable {
  private struct Shared {
    var state = FakeState()
    var clock = Instant(milliseconds: 0)
    /// Who waits for the head, in the order in which they came.
    var waitingForHead: [CheckedContinuation<Void, Never>] = []
    var isHeadLocked = false
    var waitingForCommit: [CommitWaiter] = []
  }

  private struct CommitWaiter {
    let batch: UInt64
    let deadline: Instant
    let continuation: CheckedContinuation<Void, Never>

    func isDone(_ shared: borrowing Shared) -> Bool {
      shared.state.head.batch > batch || shared.clock >= deadline
    }
  }

  private let shared = Guarded(Shared())

  package init() {}

  /// The database's own clock. Setting it wakes those whose wait is over.
  package var clock: Instant {
    get { shared.withLock { $0.clock } }
    set { update { $0.clock = newValue } }
  }

  /// What was committed.
  package var state: FakeState { shared.withLock { $0.state } }

  /// How many batches wait for the head.
  package var waitingForHeadCount: Int { shared.withLock { $0.waitingForHead.count } }

  /// How many wait for a commit.
  package var waitingForCommitCount: Int { shared.withLock { $0.waitingForCommit.count } }

  /// Changes what was committed behind everyone's back, as a faulty disk might.
  package func change(_ body: (inout FakeState) -> Void) {
    shared.withLock { body(&$0.state) }
  }

  // MARK: - The head's lock

  func lockHead() async {
    await withCheckedContinuation { continuation in
      let isMine = shared.withLock { shared in
        guard shared.isHeadLocked else {
          shared.isHeadLocked = true
          return true
        }
        shared.waitingForHead.append(continuation)
        return false
      }
      if isMine { continuation.resume() }
    }
  }

  func unlockHead() {
    let next = shared.withLock { shared -> CheckedContinuation<Void, Never>? in
      guard shared.waitingForHead.isEmpty else { return shared.waitingForHead.removeFirst() }
      shared.isHeadLocked = false
      return nil
    }
    next?.resume()
  }

  // MARK: - Commits

  func commit(_ state: FakeState) {
    update { $0.state = state }
  }

  func waitForCommit(after batch: UInt64, atMost time: Duration) async {
    await withCheckedContinuation { continuation in
      update { shared in
        let milliseconds =
          time.components.seconds * 1_000
          + time.components.attoseconds / 1_000_000_000_000_000
        shared.waitingForCommit.append(
          CommitWaiter(
            batch: batch,
            deadline: shared.clock.after(milliseconds: milliseconds),
            continuation: continuation
          )
        )
      }
    }
  }

  private func update(_ body: (inout sending Shared) -> Void) {
    let done = shared.withLock { shared in
      body(&shared)
      let all = shared.waitingForCommit
      shared.waitingForCommit = all.filter { !$0.isDone(shared) }
      return all.filter { $0.isDone(shared) }
    }
    for waiter in done { waiter.continuation.resume() }
  }
}
