internal import Glibc

/// A value behind a lock: for what threads have to share, as briefly as they can.
///
/// The lock is the system's own. `Synchronization.Mutex` is smaller, but what it does when it has to
/// wait is hidden from the thread sanitizer, which then reports races that are none, among which
/// those that are would not be seen.
@safe public final class Guarded<Value>: @unchecked Sendable {
  // Sendable because `value` is reached only under `lock`.

  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  /// Guards `value`.
  public init(_ value: sending Value) {
    self.value = value
    unsafe lock = .allocate(capacity: 1)
    let made = unsafe pthread_mutex_init(lock, nil)
    precondition(made == 0, "the system has no lock")
  }

  deinit {
    unsafe pthread_mutex_destroy(lock)
    unsafe lock.deallocate()
  }

  /// Runs `body` with the value, alone. It must not call what might want the same lock.
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return try body(&value)
  }
}
