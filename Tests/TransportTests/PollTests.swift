import Fixtures
import Glibc
import RPCCore
import SocketSupport
import Testing
import Wire

@testable import Transport

@Suite("Descriptors that cannot be watched") struct PollTests {
  @Test("They are told from those that can, and leave nothing behind on the loop")
  func refused() async throws {
    let loops = EventLoopGroup(count: 1)
    let loop = loops.loops[0]
    let refused = Shared(false)
    await loop.perform {
      // The kernel watches no regular files.
      let file = Socket(descriptor: open("/proc/self/exe", O_RDONLY | O_CLOEXEC))
      let isRefused = loop.makePoll(for: file.descriptor) == nil
      refused.change { $0 = isRefused }
    }
    #expect(refused.value)
    loops.stop()
  }
}
