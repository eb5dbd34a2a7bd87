import Dispatch
import Testing
import Threads

@Suite("A worker thread")
struct WorkerThreadTests {
  private actor Notes {
    nonisolated let thread: WorkerThread
    private var notes: [Int] = []

    init(on thread: WorkerThread) { self.thread = thread }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
      thread.asUnownedSerialExecutor()
    }

    func add(_ note: Int) {
      thread.checkIsolated()
      notes.append(note)
    }

    func all() -> [Int] { notes }
  }

  @Test("An actor that lives on it runs there, one job at a time")
  func runsActor() async {
    let thread = WorkerThread()
    let notes = Notes(on: thread)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<1_000 { group.addTask { await notes.add(number) } }
    }
    #expect(await notes.all().sorted() == Array(0..<1_000))
    thread.stop()
  }

  @Test("What waits when it is stopped is still run")
  func runsWhatWaits() {
    let thread = WorkerThread()
    let mayGoOn = DispatchSemaphore(value: 0)
    let hasRun = DispatchSemaphore(value: 0)
    // Unstructured, so that both are handed to the thread before this goes on to stop it.
    Task(executorPreference: thread) { mayGoOn.wait() }
    // Unstructured for the same reason.
    Task(executorPreference: thread) { _ = hasRun.signal() }
    thread.stop()
    mayGoOn.signal()
    #expect(hasRun.wait(timeout: .now() + .seconds(10)) == .success)
  }
}
