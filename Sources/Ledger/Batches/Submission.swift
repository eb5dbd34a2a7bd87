package import Domain

/// Why a command has no outcome.
package enum NotDone: Error, Sendable, Hashable {
  /// The answer is no.
  case refused(Refusal)
  /// Its caller's time ran out before it was begun: nothing has happened.
  case deadlinePassed
  /// Its caller went away before it was begun: nothing has happened.
  case withdrawn
}

/// What came of a command.
package struct Done<Outcome: Sendable>: Sendable {
  package let outcome: Outcome
  /// The log's end when it was committed: whoever reads from there on sees it.
  package let offset: UInt64
  package let epoch: UInt64
  /// The time of its batch.
  package let at: Instant
}

/// A command that waits for its batch, and its caller.
///
/// It belongs to the queues until a batch takes it, then to the worker.
package class Submission: @unchecked Sendable {
  // Sendable because it is reached by one at a time: under the queues' lock while it waits, and by
  // the worker once it was taken.

  /// On the ledger's monotonic clock, in nanoseconds; nil where the caller waits for ever.
  let deadline: Int64?
  /// Whether its caller has gone while it waited.
  var isWithdrawn = false

  init(deadline: Int64?) {
    self.deadline = deadline
  }

  func want(in rows: inout WorkingSet) { preconditionFailure("a submission has a command") }

  /// Decides its command. Throws only for want of rows.
  func decide(in turn: inout Turn) throws(MissingRows) {
    preconditionFailure("a submission has a command")
  }

  /// Tells the caller what was decided.
  func answer(_ commit: Commit) { preconditionFailure("a submission has a command") }

  /// Tells the caller that it was not done.
  func fail(_ reason: NotDone) { preconditionFailure("a submission has a command") }
}

/// A decision needs rows that are not loaded.
struct MissingRows: Error {}

/// How a batch ended well.
struct Commit {
  let head: Head
}

/// A command with the type of its outcome. As with every submission, the queues' lock guards it
/// while it waits, and then the worker alone has it.
package final class SubmissionOf<C: Command>: Submission, @unchecked Sendable {
  private let command: C
  private(set) var decision: Result<C.Outcome, Refusal>?
  private var continuation: CheckedContinuation<Result<Done<C.Outcome>, NotDone>, Never>?

  package init(_ command: C, deadline: Int64?) {
    self.command = command
    super.init(deadline: deadline)
  }

  /// Who is to be told. Called once, before it is queued.
  func await(_ continuation: CheckedContinuation<Result<Done<C.Outcome>, NotDone>, Never>) {
    self.continuation = continuation
  }

  override func want(in rows: inout WorkingSet) {
    command.want(in: &rows)
  }

  override func decide(in turn: inout Turn) throws(MissingRows) {
    do throws(Interruption) {
      decision = .success(try turn.decide(command))
    } catch {
      switch error {
      case .refused(let refusal): decision = .failure(refusal)
      case .missing: throw MissingRows()
      }
    }
  }

  override func answer(_ commit: Commit) {
    switch decision {
    case .success(let outcome):
      let head = commit.head
      let done = Done(outcome: outcome, offset: head.offset, epoch: head.epoch, at: head.time)
      finish(.success(done))
    case .failure(let refusal): finish(.failure(.refused(refusal)))
    case nil:
      // It was given up, and what it has asked for so far is remembered where nobody comes between.
      let refusal = Refusal(
        .overloaded,
        "this takes more look-ups than one batch makes; nothing of it was done",
        retryAfterMilliseconds: 10
      )
      finish(.failure(.refused(refusal)))
    }
  }

  override func fail(_ reason: NotDone) {
    finish(.failure(reason))
  }

  private func finish(_ result: Result<Done<C.Outcome>, NotDone>) {
    continuation?.resume(returning: result)
    continuation = nil
  }
}
