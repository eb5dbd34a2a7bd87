package import RPCCore
package import Transport

/// Where a rehearsal happens: what connects to the server, on which loops, and what wakes those.
package struct Grounds: Sendable {
  let connector: any Connector
  let loops: [any Loop]
  /// What runs all that has no task above it; nil where any thread may.
  let executor: (any TaskExecutor)?
  private let makeWaker: @Sendable (_ loop: any Loop, _ wake: @escaping () -> Void) -> any Waker

  /// Over sockets, by the real clock.
  package init(to addresses: [SocketAddress], on loops: EventLoopGroup) {
    connector = SocketConnector(to: addresses, loops: loops)
    self.loops = loops.loops
    executor = nil
    makeWaker = { loop, wake in
      guard let loop = loop as? EventLoop, let timer = PreciseTimer(on: loop, wake) else {
        return LoopWaker(on: loop, wake)
      }
      return timer
    }
  }

  /// By a loop whose clock somebody moves: everything happens there, so that it can be repeated.
  package init(through connector: any Connector, on loop: any Loop) {
    self.connector = connector
    loops = [loop]
    executor = loop
    makeWaker = { LoopWaker(on: $0, $1) }
  }

  func stage(on loop: any Loop, start: Moment) -> Stage {
    Stage(on: loop, start: start) { [makeWaker] in makeWaker(loop, $0) }
  }
}

extension Loop {
  /// Runs `body` on the loop and answers what it does.
  func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      execute { continuation.resume(returning: body()) }
    }
  }
}
