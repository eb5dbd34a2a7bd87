internal import Dispatch

/// An executor that is no loop, on a thread of its own: for tests of what comes from elsewhere. The
/// runtime's own threads will not do, since tests that wait may hold all of them.
public final class OtherThread: TaskExecutor {
  private let queue = DispatchQueue(label: "test.other-thread")

  /// A thread of its own.
  public init() {}

  /// Takes a job of the Swift runtime.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
