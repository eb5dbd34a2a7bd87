import Glibc
import RPCCore
@testable import Rehearsal
import Testing
import Transport

@Suite("Where a rehearsal happens", .timeLimit(.minutes(1)))
struct GroundsTests {
  @Test("A loop is woken by a precise timer, and by its own where the system has no more")
  func wakers() async {
    // In a process of its own, for all of it runs out of descriptors.
    await #expect(processExitsWith: .success) {
      let group = EventLoopGroup(count: 1)
      let loop = group.loops[0]
      let grounds = Grounds(to: [.unix(path: "/nowhere")], on: group)
      /// Whether the waker is the loop's own, and that it woke at all.
      @Sendable func isOwn() async -> Bool {
        await withCheckedContinuation { continuation in
          loop.execute {
            let kept = Kept()
            let stage = grounds.stage(on: loop, start: loop.clockNow)
            kept.waker = stage.waker {
              continuation.resume(returning: kept.waker is LoopWaker)
              kept.waker?.close()
              kept.waker = nil
            }
            kept.waker?.set(at: stage.moment(0))
          }
        }
      }
      guard await !isOwn() else { exit(2) }
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = 0
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      exit(await isOwn() ? EXIT_SUCCESS : 3)
    }
  }

  private final class Kept {
    var waker: (any Waker)?
  }
}
