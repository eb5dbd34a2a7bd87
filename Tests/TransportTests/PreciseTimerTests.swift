import Glibc
import RPCCore
import SocketSupport
import Testing
import Transport

@Suite("Timers by the kernel's clock", .timeLimit(.minutes(1))) struct PreciseTimerTests {
  /// Runs `body` on a loop, and answers all that it told until it said that it was through.
  private func told<Value: Sendable>(
    _ body: @escaping @Sendable (EventLoop, AsyncStream<Value>.Continuation) -> Void
  ) async -> [Value] {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let (values, tell) = AsyncStream.makeStream(of: Value.self)
    let loop = group.loops[0]
    loop.execute { body(loop, tell) }
    var all: [Value] = []
    for await value in values { all.append(value) }
    return all
  }

  @Test("Each fires once, however they were set, and none early")
  func order() async {
    let seen = await told { (loop, tell: AsyncStream<(Int, Bool)>.Continuation) in
      let now = loop.clockNow
      let timers = Kept()
      for delay in [9_000, 1_000, 5_000, 300, 0] {
        let moment = now + .microseconds(delay)
        timers.add(loop) {
          tell.yield((delay, loop.clockNow >= moment))
          timers.fired += 1
          if timers.fired == 5 { timers.close(tell) }
        }?.set(at: moment)
      }
    }
    // Of those that are due when a busy thread wakes, any may be first.
    #expect(seen.map(\.0).sorted() == [0, 300, 1_000, 5_000, 9_000])
    #expect(seen.allSatisfy { $0.1 })
  }

  @Test(
    "One that has fired is set again, by what it calls too, and is not early when it knows how long waking takes"
  )
  func again() async {
    let seen = await told { (loop, tell: AsyncStream<Bool>.Continuation) in
      let timers = Kept()
      var moment = loop.clockNow
      timers.add(loop) {
        tell.yield(loop.clockNow >= moment)
        timers.fired += 1
        guard timers.fired < 800 else { return timers.close(tell) }
        moment = loop.clockNow + .microseconds(200)
        timers.all[0].set(at: moment)
      }?.set(at: moment)
    }
    #expect(seen == Array(repeating: true, count: 800))
  }

  @Test("The moment that was set last is the one that counts, and a set for nil none")
  func changed() async {
    let seen = await told { (loop, tell: AsyncStream<String>.Continuation) in
      let now = loop.clockNow
      let timers = Kept()
      let early = timers.add(loop) { tell.yield("earlier") }
      early?.set(at: now + .seconds(60))
      early?.set(at: now + .milliseconds(1))
      let late = timers.add(loop) { tell.yield("later") }
      late?.set(at: now + .microseconds(100))
      late?.set(at: now + .milliseconds(10))
      let stopped = timers.add(loop) { tell.yield("stopped") }
      stopped?.set(at: now + .milliseconds(2))
      stopped?.set(at: nil)
      let closed = timers.add(loop) { tell.yield("closed") }
      closed?.set(at: now + .milliseconds(2))
      closed?.close()
      closed?.set(at: now + .milliseconds(3))
      timers.add(loop) { timers.close(tell) }?.set(at: now + .milliseconds(20))
    }
    #expect(seen == ["earlier", "later"])
  }

  @Test("A moment that is past, or before there was time, fires as soon as it can")
  func past() async {
    let seen = await told { (loop, tell: AsyncStream<String>.Continuation) in
      let timers = Kept()
      let late = timers.add(loop) {
        tell.yield("last")
        timers.close(tell)
      }
      late?.set(at: loop.clockNow + .milliseconds(30))
      timers.add(loop) { tell.yield("past") }?.set(at: loop.clockNow + .seconds(-5))
      timers.add(loop) { tell.yield("none") }?.set(at: Moment(nanoseconds: -1))
    }
    #expect(Set(seen.prefix(2)) == ["past", "none"])
    #expect(seen.count == 3)
  }
}

extension PreciseTimerTests {
  @Test("Where the system gives no descriptor there is none, and the loop goes on")
  func none() async {
    // In a process of its own, for all of it runs out of descriptors.
    await #expect(processExitsWith: .success) {
      let group = EventLoopGroup(count: 1)
      let loop = group.loops[0]
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = 0
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let hasTimer = await withCheckedContinuation { continuation in
        loop.execute { continuation.resume(returning: PreciseTimer(on: loop) {} != nil) }
      }
      let goesOn = await withCheckedContinuation { continuation in
        loop.execute { continuation.resume(returning: true) }
      }
      // Not by way of what runs at an exit: a sanitizer would need descriptors there.
      _exit(!hasTimer && goesOn ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }
}

/// Timers that live until they are closed, on their loop.
private final class Kept {
  private(set) var all: [PreciseTimer] = []
  var fired = 0

  @discardableResult
  func add(_ loop: EventLoop, _ action: @escaping () -> Void) -> PreciseTimer? {
    guard let timer = PreciseTimer(on: loop, action) else {
      Issue.record("the system has no descriptor for a timer")
      return nil
    }
    all.append(timer)
    return timer
  }

  /// Closes all, and says that this was all.
  func close<Value>(_ tell: AsyncStream<Value>.Continuation) {
    for timer in all { timer.close() }
    all = []
    tell.finish()
  }
}
