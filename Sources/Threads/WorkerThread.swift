internal import Glibc

/// One thread that runs jobs in the order in which they came: where a library that blocks is used.
///
/// An actor whose executor this is lives on the thread, and so do tasks that prefer it. The thread
/// ends after ``stop()``, once it has run what was waiting.
@safe public final class WorkerThread: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // Sendable because what changes is reached only under `lock`.

  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let news: UnsafeMutablePointer<pthread_cond_t>
  private var waiting: [UnownedJob] = []
  private var isStopped = false
  private var hasEnded = false
  private var isAsleep = false
  private var thread: pthread_t?

  /// Starts a thread.
  public init() {
    unsafe lock = .allocate(capacity: 1)
    unsafe news = .allocate(capacity: 1)
    let made = unsafe pthread_mutex_init(lock, nil) == 0 && pthread_cond_init(news, nil) == 0
    precondition(made, "the system has no lock")
    // The thread keeps its executor alive until it has ended.
    let started = BlockingThread.start { [self] in runJobs() }
    precondition(started, "the system has no thread")
  }

  deinit {
    unsafe pthread_cond_destroy(news)
    unsafe pthread_mutex_destroy(lock)
    unsafe news.deallocate()
    unsafe lock.deallocate()
  }

  /// Runs a job after those that came before it.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    unsafe pthread_mutex_lock(lock)
    precondition(!hasEnded, "a job came to a thread that has ended")
    waiting.append(job)
    let mustWake = isAsleep
    isAsleep = false
    unsafe pthread_mutex_unlock(lock)
    if mustWake { unsafe pthread_cond_signal(news) }
  }

  /// Ends the thread as soon as nothing is waiting. Whoever stops it sees to it that no one needs it.
  public func stop() {
    unsafe pthread_mutex_lock(lock)
    isStopped = true
    isAsleep = false
    unsafe pthread_mutex_unlock(lock)
    unsafe pthread_cond_signal(news)
  }

  /// Traps unless the caller is on the thread.
  public func checkIsolated() {
    unsafe pthread_mutex_lock(lock)
    let thread = thread
    unsafe pthread_mutex_unlock(lock)
    precondition(
      thread == pthread_self(),
      "this belongs to a thread, and was touched from elsewhere"
    )
  }

  private func runJobs() {
    unsafe pthread_mutex_lock(lock)
    thread = pthread_self()
    while true {
      while waiting.isEmpty, !isStopped {
        isAsleep = true
        unsafe pthread_cond_wait(news, lock)
      }
      guard !waiting.isEmpty else { break }
      var jobs: [UnownedJob] = []
      swap(&jobs, &waiting)
      unsafe pthread_mutex_unlock(lock)
      for job in jobs {
        unsafe job.runSynchronously(
          isolatedTo: asUnownedSerialExecutor(),
          taskExecutor: asUnownedTaskExecutor()
        )
      }
      unsafe pthread_mutex_lock(lock)
    }
    hasEnded = true
    unsafe pthread_mutex_unlock(lock)
  }
}
