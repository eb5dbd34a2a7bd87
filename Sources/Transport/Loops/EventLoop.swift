internal import CLibuv
internal import CLinux
internal import Glibc
public import RPCCore
internal import Synchronization
internal import Threads
internal import Wire

/// A thread with a libuv loop, on which connections live and their handlers run.
///
/// It works in turns: libuv calls with an event, or with a few sockets that are ready together, what
/// they bring is handled, every job that became ready is run, and what was written meanwhile leaves in
/// one write for each connection. Jobs that other threads hand over wait in a list, and only the
/// first of them wakes the thread.
public final class EventLoop: Loop, @unchecked Sendable {
  // Sendable because everything mutable is touched on its own thread only, behind isCurrent, but for
  // `inbox`, which has a lock, and `thread`, which is atomic.

  /// How many jobs one turn runs before sockets are looked at again.
  private static let jobsPerTurn = 4096
  private static let readBufferBytes = 128 << 10
  /// How many bytes are read from sockets that are ready together before what they ask for is done.
  /// More would push the calls' memory out of the processor's nearest caches.
  private static let gatheredBytesMax = 16 << 10

  let uv: UnsafeMutablePointer<uv_loop_t>
  let readBuffer: UnsafeMutableRawBufferPointer
  let scratch = Scratch()

  private let wakeHandle: UnsafeMutablePointer<uv_async_t>
  private let thread = Atomic<UInt>(0)
  private let inbox = Guarded(Inbox())
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var unreadLook: (any ScheduledAction)?

  // What every turn touches is not checked by the runtime for overlapping access: one thread does
  // all of it, and none of these is handed on as inout to code that could come back here.
  @exclusivity(unchecked)
  private var buffers = BufferPool()
  @exclusivity(unchecked)
  private var ready: [Job] = []
  @exclusivity(unchecked)
  private var dirty: [Connection] = []
  @exclusivity(unchecked)
  private var gatheredBytes = 0
  @exclusivity(unchecked)
  private var turnStart = Moment(nanoseconds: 0)

  private enum Job {
    case job(UnownedJob)
    case action(@Sendable () -> Void)
  }

  private struct Inbox {
    var jobs: [Job] = []
    var isStopping = false
    /// The thread is gone: nothing that is handed over will run.
    var isEnded = false
  }

  /// A loop whose thread has that name.
  init(name: String) {
    uv = .allocate(capacity: 1)
    wakeHandle = .allocate(capacity: 1)
    readBuffer = .allocate(byteCount: Self.readBufferBytes, alignment: 16)
    precondition(uv_loop_init(uv) == 0, "libuv could not make a loop")
    uv.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    precondition(uv_async_init(uv, wakeHandle, eventLoopWoken) == 0, "libuv could not wake a loop")
    wakeHandle.pointee.data = uv.pointee.data
    start(name)
  }

  deinit {
    readBuffer.deallocate()
    wakeHandle.deallocate()
    uv.deallocate()
  }

  /// The loop keeps itself until its thread has ended.
  private func start(_ name: String) {
    var id = pthread_t()
    let retained = Unmanaged.passRetained(self)
    let result = pthread_create(&id, nil, eventLoopMain, retained.toOpaque())
    precondition(result == 0, "no thread for an event loop: \(describe(result))")
    _ = name.withCString { pthread_setname_np(id, $0) }
    pthread_detach(id)
  }

  fileprivate func main() {
    thread.store(pthread_self(), ordering: .releasing)
    repeat {
      var isAlive = true
      while isAlive {
        isAlive = uv_run(uv, UV_RUN_ONCE) != 0
        if gatheredBytes > 0 { finishTurn() }
      }
    } while !end()
    uv_run(uv, UV_RUN_DEFAULT)
    uv_loop_close(uv)
    // The system may give the number to another thread.
    thread.store(0, ordering: .releasing)
  }

  /// Nothing is left on the loop. Runs what was handed over meanwhile; if that was nothing, closes
  /// the last handle.
  private func end() -> Bool {
    let isDone = inbox.withLock { inbox in
      inbox.isEnded = inbox.jobs.isEmpty && ready.isEmpty
      return inbox.isEnded
    }
    guard isDone else {
      woken()
      return false
    }
    turn { scratch.close() }
    uv_close(wakeHandle.asHandle, nil)
    return true
  }

  /// Ends the thread when nothing is left on the loop. From any thread.
  func stop() {
    inbox.withLock { inbox in
      inbox.isStopping = true
      wake(inbox)
    }
  }
}

// MARK: - Executor

extension EventLoop {
  /// The time at which the present turn began.
  public var now: Moment { turnStart }

  /// The time right now.
  public var clockNow: Moment { Moment(nanoseconds: Int64(uv_hrtime())) }

  /// Whether the caller is on this loop's thread.
  public var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

  /// Runs a job of the Swift runtime.
  public func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

  /// Runs `action` on the loop, after what was asked for earlier.
  public func execute(_ action: @escaping @Sendable () -> Void) { add(.action(action)) }

  /// Runs `body` on the loop and returns when it has run; at once and without it if the loop has
  /// ended.
  func perform(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      let isTaken = add(
        .action {
          body()
          continuation.resume()
        }
      )
      if !isTaken { continuation.resume() }
    }
  }

  /// Asked by the runtime before it lets isolated code run.
  public func checkIsolated() { preconditionIsCurrent() }

  /// Answers whether the job will be run.
  @discardableResult
  private func add(_ job: Job) -> Bool {
    if isCurrent {
      ready.append(job)
      return true
    }
    return inbox.withLock { inbox in
      // A task that comes back to a loop that has ended stays where it is.
      guard !inbox.isEnded else { return false }
      inbox.jobs.append(job)
      if inbox.jobs.count == 1 { wake(inbox) }
      return true
    }
  }

  /// Wakes the thread, which must not have ended: the lock holds it back from ending meanwhile.
  private func wake(_ inbox: borrowing Inbox) {
    if !inbox.isEnded { uv_async_send(wakeHandle) }
  }

  private func run(_ job: Job) {
    switch job {
    case .action(let action): action()
    case .job(let job):
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// Takes over what other threads asked for.
  fileprivate func woken() {
    turn {
      let (jobs, isStopping) = inbox.withLock { inbox in
        defer { inbox.jobs = [] }
        return (inbox.jobs, inbox.isStopping)
      }
      ready.append(contentsOf: jobs)
      // From now on waiting to be woken is no reason to go on.
      if isStopping { uv_unref(wakeHandle.asHandle) }
    }
  }
}

// MARK: - Turns

extension EventLoop {
  /// Handles one event: `body`, then the jobs it made ready, then the output of all of it.
  func turn(_ body: () -> Void) {
    turnStart = Moment(nanoseconds: Int64(uv_hrtime()))
    body()
    finishTurn()
  }

  /// Handles one of the sockets that libuv found ready together. What it makes ready, and the output,
  /// wait for the others, so that one turn serves them all: then handlers' tasks are woken once, and
  /// peers that share a thread are too. `body` answers how many bytes it read.
  func gather(_ body: () -> Int) {
    if gatheredBytes == 0 { turnStart = Moment(nanoseconds: Int64(uv_hrtime())) }
    // Whatever happened is something to finish, though nothing was read.
    gatheredBytes += max(1, body())
    if gatheredBytes >= Self.gatheredBytesMax { finishTurn() }
  }

  /// Runs the jobs that are ready, and writes what came of it all.
  private func finishTurn() {
    gatheredBytes = 0
    var jobsLeft = Self.jobsPerTurn
    while !ready.isEmpty || !dirty.isEmpty {
      if !ready.isEmpty {
        guard jobsLeft > 0 else {
          uv_async_send(wakeHandle)
          break
        }
        jobsLeft -= runReady(atMost: jobsLeft)
      } else {
        flushDirty()
      }
    }
    if !dirty.isEmpty { flushDirty() }
  }

  private func runReady(atMost limit: Int) -> Int {
    var batch: [Job] = []
    swap(&batch, &ready)
    let ran = min(batch.count, limit)
    for index in 0..<ran { run(batch[index]) }
    if ran < batch.count {
      ready.insert(contentsOf: batch[ran...], at: 0)
    } else if ready.isEmpty {
      batch.removeAll(keepingCapacity: ran <= 1024)
      swap(&batch, &ready)
    }
    return ran
  }

  private func flushDirty() {
    var batch: [Connection] = []
    swap(&batch, &dirty)
    for connection in batch { connection.flush() }
    if dirty.isEmpty {
      batch.removeAll(keepingCapacity: true)
      swap(&batch, &dirty)
    }
  }

  /// A handle that watches `descriptor`, which nothing else on the loop does; nil where the kernel
  /// does not let it be watched, as when it has no memory for that.
  func makePoll(for descriptor: CInt) -> UnsafeMutablePointer<uv_poll_t>? {
    let poll = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
    if uv_poll_init(uv, poll, descriptor) == 0 { return poll }
    poll.deallocate()
    return nil
  }

  /// The connection has output for the end of this turn.
  func markDirty(_ connection: Connection) -> OutputBuffer {
    dirty.append(connection)
    return buffers.take()
  }

  func giveBack(_ buffer: OutputBuffer) { buffers.giveBack(buffer) }

  func add(_ connection: Connection) { connections[ObjectIdentifier(connection)] = connection }

  func remove(_ connection: Connection) {
    connections[ObjectIdentifier(connection)] = nil
    guard connections.isEmpty else { return }
    unreadLook?.cancel()
    unreadLook = nil
  }

  func forEachConnection(of owner: ObjectIdentifier, _ body: (Connection) -> Void) {
    for connection in connections.values.filter({ $0.owner == owner }) { body(connection) }
  }
}

// MARK: - Peers that do not take what is written to them

extension EventLoop {
  private static let unreadLookInterval = Duration.milliseconds(100)

  /// A peer does not take what is written to it: as long as that is so for any, the loop looks again
  /// and again how much waits for all of them.
  func hasUnread() {
    guard unreadLook == nil else { return }
    unreadLook = schedule(at: now + Self.unreadLookInterval) { [unowned self] in
      unreadLook = nil
      lookAtUnread()
    }
  }

  /// Drops those for whom most waits, until what is left is not too much.
  private func lookAtUnread() {
    let slow = connections.values.filter { $0.unreadBytes > 0 }
    guard !slow.isEmpty else { return }
    hasUnread()
    for ofOneServer in Dictionary(grouping: slow, by: \.owner).values {
      var sum = ofOneServer.reduce(0) { $0 + $1.unreadBytes }
      for connection in ofOneServer.sorted(by: { $0.unreadBytes > $1.unreadBytes }) {
        guard sum > connection.unreadBytesMax else { break }
        sum -= connection.unreadBytes
        connection.drop("too much waits for peers that take nothing, and most for this one")
      }
    }
  }
}

// MARK: - Timers

extension EventLoop {
  /// Runs `action` at `moment`, in a turn of its own.
  public func schedule(at moment: Moment, _ action: @escaping () -> Void) -> any ScheduledAction {
    preconditionIsCurrent()
    return LoopTimer(on: self, at: moment, action)
  }

  /// How many milliseconds libuv should wait until `moment`. It counts them from when it last looked
  /// at the clock, which may be many turns ago; rounded up, so that nothing happens early.
  func milliseconds(until moment: Moment) -> UInt64 {
    let left = moment.nanoseconds - Int64(uv_now(uv)) * 1_000_000
    return left <= 0 ? 0 : UInt64((left - 1) / 1_000_000 + 1)
  }
}

private func eventLoopMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  // Balances the passRetained in `start`.
  Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().main()
  return nil
}

private func eventLoopWoken(_ handle: UnsafeMutablePointer<uv_async_t>?) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().woken()
}

extension UnsafeMutablePointer<uv_async_t> {
  fileprivate var asHandle: UnsafeMutablePointer<uv_handle_t> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_handle_t.self)
  }
}
