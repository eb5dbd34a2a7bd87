import Foundation
import RPCCore
import SocketSupport
import Testing
import Transport

@Suite("Event loops", .timeLimit(.minutes(5))) struct EventLoopTests {
  private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    try await body(group.loops[0])
  }

  @Test("Timers ring in their order, none early, and none that was cancelled")
  func timers() async throws {
    try await withLoop { loop in
      let (rings, rang) = AsyncStream.makeStream(of: (Int, Bool).self)
      loop.execute {
        let start = loop.clockNow
        // A turn that takes long leaves libuv's own clock behind.
        while loop.clockNow < start + .milliseconds(20) {}
        // One beginning for all: a thread that is put to rest between two would change their order.
        let now = loop.clockNow
        for delay in [30, 10, 20, 0, 10] {
          let moment = now + .milliseconds(delay)
          _ = loop.schedule(at: moment) { rang.yield((delay, loop.clockNow >= moment)) }
        }
        let cancelled = loop.schedule(at: loop.now) { rang.yield((-1, false)) }
        cancelled.cancel()
        cancelled.cancel()
        _ = loop.schedule(at: now + .milliseconds(40)) { rang.finish() }
      }
      var seen: [Int] = []
      for await (delay, isDue) in rings {
        seen.append(delay)
        #expect(isDue)
      }
      #expect(seen == [0, 10, 10, 20, 30])
    }
  }

  @Test("What each thread asks for is done in its order, and all of it on the loop")
  func order() async throws {
    let jobs = 2_000
    try await withLoop { loop in
      let seen = Shared<[Int: [Int]]>([:])
      await withTaskGroup(of: Void.self) { group in
        for asker in 0..<8 {
          group.addTask {
            for job in 0..<jobs {
              loop.execute {
                loop.preconditionIsCurrent()
                seen.change { $0[asker, default: []].append(job) }
              }
            }
          }
        }
      }
      let done = Event()
      loop.execute { done.happen() }
      await done.wait()
      for asker in 0..<8 { #expect(seen.value[asker] == Array(0..<jobs)) }
    }
  }

  @Test("More jobs than a turn takes are all done, and timers get their turn between them")
  func manyJobs() async throws {
    try await withLoop { loop in
      let count = Shared(0)
      let done = Event()
      loop.execute {
        for _ in 0..<20_000 {
          loop.execute {
            count.change { count in
              count += 1
              if count == 20_000 { done.happen() }
            }
          }
        }
      }
      await done.wait()
      #expect(count.value == 20_000)
      // A job that always makes another leaves room for timers all the same.
      let isOver = Shared(false)
      let over = Event()
      @Sendable func again() {
        if isOver.value { over.happen() } else { loop.execute { again() } }
      }
      loop.execute {
        _ = loop.schedule(at: loop.now) { isOver.change { $0 = true } }
        again()
      }
      await over.wait()
    }
  }

  @Test("A loop knows its own thread from others") func current() async throws {
    try await withLoop { loop in
      #expect(!loop.isCurrent)
      let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
      loop.execute { answer.yield(loop.isCurrent) }
      for await isCurrent in answers {
        #expect(isCurrent)
        break
      }
      let isCurrentInTask = await withTaskExecutorPreference(loop) { await here(loop) }
      #expect(isCurrentInTask)
    }
  }

  @concurrent
  private func here(_ loop: EventLoop) async -> Bool { loop.isCurrent }

  @Test("Loops take turns") func turns() {
    let group = EventLoopGroup(count: 3)
    defer { group.stop() }
    let six = (0..<6).map { _ in ObjectIdentifier(group.next()) }
    #expect(Set(six).count == 3)
    #expect(six[..<3] == six[3...])
  }

  @Test("Loops that are stopped give their threads and descriptors back")
  func leaks() async {
    await #expect(processExitsWith: .success) {
      func files() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
      }
      func cycle() async throws {
        let group = EventLoopGroup(count: 4, name: "leak")
        let done = Event()
        for loop in group.loops { loop.execute { done.happen() } }
        await done.wait()
        group.stop()
        group.stop()
        // What comes late does no harm.
        for loop in group.loops { loop.execute {} }
      }
      func allHaveEnded() throws -> Bool {
        try !threadNames().contains { $0.hasPrefix("leak-") }
      }
      try await cycle()
      try await eventually("the first loops end") { try allHaveEnded() }
      let before = try files()
      for _ in 0..<50 { try await cycle() }
      try await eventually("every loop has ended") { try allHaveEnded() && files() <= before }
    }
  }

  @Test("A loop that has ended takes what is handed to it, and does nothing")
  func afterTheEnd() async throws {
    let name = "usher-ending"
    let group = EventLoopGroup(count: 1, name: name)
    let loop = group.loops[0]
    let ran = Shared(false)
    // What is asked for before the end is done, whatever comes between.
    loop.execute { ran.change { $0 = true } }
    group.stop()
    try await eventually("the loop's thread ends") { try !threadNames().contains("\(name)-0") }
    #expect(ran.value)
    for _ in 0..<1_000 { loop.execute { Issue.record("a loop that has ended ran something") } }
    #expect(!loop.isCurrent)
  }
}
