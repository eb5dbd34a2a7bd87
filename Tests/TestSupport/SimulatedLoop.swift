internal import Dispatch
internal import Glibc
public import RPCCore
internal import Synchronization
internal import Threads
internal import Wire

/// A loop that runs on the test's own thread, when the test says so, by a clock that the test moves.
///
/// Jobs run in the order in which they became ready, or, with a seed, in one that the seed draws; what
/// was asked for with ``execute(_:)`` keeps its order in either case, as a loop promises. Nothing here
/// can hang: a loop that is never done, or a body that is never through, ends the test.
public final class SimulatedLoop: Loop, @unchecked Sendable {
  // Sendable because everything mutable is touched only by the thread that runs the loop, behind
  // isCurrent, but for `inbox`, which has a lock, and for `runner` and `clock`, which are atomic.

  /// How many jobs one run may take: far more than any test has.
  private static let jobsMax = 2_000_000
  /// How long another thread may take to hand over a job that a test waits for.
  private static let patience = DispatchTimeInterval.seconds(10)

  private enum Job {
    case job(UnownedJob)
    case action(@Sendable () -> Void)

    var isAction: Bool {
      if case .action = self { true } else { false }
    }
  }

  private struct Timer {
    let moment: Moment
    let number: UInt64
    let action: () -> Void
  }

  private let runner = Atomic<UInt>(0)
  private let clock = Atomic<Int64>(1_000_000_000)
  private let inbox = Guarded<[Job]>([])
  private let arrived = DispatchSemaphore(value: 0)
  private var ready: [Job] = []
  private var timers: [Timer] = []
  private var lastTimer: UInt64 = 0
  private var random: SeededGenerator?

  /// A loop whose jobs run in the order that `seed` draws; in their own without one.
  public init(seed: UInt64? = nil) { random = seed.map(SeededGenerator.init) }
}

// MARK: - Loop

extension SimulatedLoop {
  /// The time, as far as it was moved.
  public var now: Moment { Moment(nanoseconds: clock.load(ordering: .acquiring)) }

  /// The time, as far as it was moved.
  public var clockNow: Moment { now }

  /// Whether the caller is what the loop is running.
  public var isCurrent: Bool { runner.load(ordering: .acquiring) == pthread_self() }

  /// Takes a job of the Swift runtime.
  public func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

  /// Runs `action` after what was asked for earlier.
  public func execute(_ action: @escaping @Sendable () -> Void) { add(.action(action)) }

  /// Runs `action` when the clock is moved to `moment` or past it.
  public func schedule(at moment: Moment, _ action: @escaping () -> Void) -> any ScheduledAction {
    preconditionIsCurrent()
    lastTimer += 1
    let timer = Timer(moment: moment, number: lastTimer, action: action)
    timers.insert(timer, at: timers.firstIndex { $0.moment > moment } ?? timers.endIndex)
    return Scheduled(loop: self, number: lastTimer)
  }

  /// Asked by the runtime before it lets isolated code run.
  public func checkIsolated() { preconditionIsCurrent() }

  private struct Scheduled: ScheduledAction {
    let loop: SimulatedLoop
    let number: UInt64

    func cancel() {
      loop.preconditionIsCurrent()
      loop.timers.removeAll { $0.number == number }
    }
  }

  private func add(_ job: Job) {
    if isCurrent { return ready.append(job) }
    inbox.withLock { $0.append(job) }
    arrived.signal()
  }
}

// MARK: - Running

extension SimulatedLoop {
  /// Returns when the clock has been moved by `duration`; throws when the task is cancelled before.
  /// Only on the loop.
  public func pause(for duration: Duration) async throws {
    let gate = Gate()
    let timer = LoopBound(schedule(at: now + duration) { gate.open() }, to: self)
    defer { timer.value.cancel() }
    try await gate.passOrCancel()
  }

  /// Runs `body` on the loop, and then everything that it made ready.
  @discardableResult
  public func perform<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard !isCurrent else { return try body() }
    runner.store(pthread_self(), ordering: .releasing)
    defer { runner.store(0, ordering: .releasing) }
    let result = try body()
    runReady()
    return result
  }

  /// Moves the clock, and runs on the way what comes due, in its order.
  public func advance(by duration: Duration) {
    let end = now + duration
    perform {
      runReady()
      while fireNext(until: end) {}
      clock.store(end.nanoseconds, ordering: .releasing)
    }
  }

  /// Moves the clock as if the loop had been stopped meanwhile: everything that came due runs late.
  public func sleepThrough(_ duration: Duration) {
    clock.store((now + duration).nanoseconds, ordering: .releasing)
    advance(by: .zero)
  }

  /// Starts `body` as a task on the loop, and runs it as far as it goes without the clock.
  public func start<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) -> Running<Result> {
    perform {
      let outcome = Running<Result>.Slot()
      // A task of the test's own, which the test waits for.
      let task = Task.immediate(executorPreference: self) {
        do {
          outcome.set(.success(try await body()))
        } catch {
          outcome.set(.failure(error))
        }
      }
      return Running(task: task, slot: outcome)
    }
  }

  /// Runs `body` as a task on the loop until it is through. Where it can only go on later, the clock
  /// is moved, but by no more than `limit`.
  public func run<Result: Sendable>(
    advancing limit: Duration = .zero,
    _ body: @escaping @Sendable () async throws -> Result
  ) throws -> Result {
    try finish(start(body), advancing: limit)
  }

  /// Runs until what was started is through, and answers what came of it.
  public func finish<Result: Sendable>(
    _ running: Running<Result>,
    advancing limit: Duration = .zero
  ) throws -> Result {
    let end = now + limit
    return try perform {
      runReady()
      while running.outcome == nil {
        if fireNext(until: end) { continue }
        guard arrived.wait(timeout: .now() + Self.patience) == .success else { throw Stuck() }
        runReady()
      }
      guard let outcome = running.outcome else { throw Stuck() }
      return try outcome.get()
    }
  }

  /// Fires the next timer if it is due by `end`.
  private func fireNext(until end: Moment) -> Bool {
    guard let next = timers.first, next.moment <= end else { return false }
    timers.removeFirst()
    clock.store(max(now, next.moment).nanoseconds, ordering: .releasing)
    next.action()
    runReady()
    return true
  }

  private func runReady() {
    var left = Self.jobsMax
    while let job = next() {
      left -= 1
      precondition(left > 0, "the loop has been busy for \(Self.jobsMax) jobs and is not done")
      switch job {
      case .action(let action): action()
      case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
      }
    }
  }

  private func next() -> Job? {
    ready += inbox.withLock { inbox in
      defer { inbox = [] }
      return inbox
    }
    guard !ready.isEmpty else { return nil }
    guard let drawn = random?.draw(from: ready.indices) else { return ready.removeFirst() }
    guard ready[drawn].isAction else { return ready.remove(at: drawn) }
    return ready.remove(at: ready.firstIndex(where: \.isAction) ?? drawn)
  }
}

/// A body that was started on a loop, and what came of it.
public struct Running<Result: Sendable>: Sendable {
  final class Slot: Sendable {
    private let value = Guarded<Swift.Result<Result, any Error>?>(nil)

    func set(_ outcome: Swift.Result<Result, any Error>) { value.withLock { $0 = outcome } }

    func get() -> Swift.Result<Result, any Error>? { value.withLock { $0 } }
  }

  private let task: Task<Void, Never>
  private let slot: Slot

  init(task: Task<Void, Never>, slot: Slot) {
    self.task = task
    self.slot = slot
  }

  /// What came of it; nil as long as it is not through.
  public var outcome: Swift.Result<Result, any Error>? { slot.get() }

  /// Whether it is through.
  public var isDone: Bool { outcome != nil }

  /// Cancels its task.
  public func cancel() { task.cancel() }
}

/// A body that waits for something that does not come.
public struct Stuck: Error {}
