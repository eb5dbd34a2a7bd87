internal import CLinux
internal import Glibc
internal import Synchronization
internal import Threads
internal import Transport

/// Asks to stop: signals, the end of standard input where that was agreed on, and a store that can no
/// longer be trusted.
public enum StopRequest: Sendable {
  /// A signal that means: finish what is under way.
  case signal(String)
  /// Standard input was closed.
  case inputEnded
  /// The store has stopped for good.
  case storeLost(String)
}

/// Where the handler writes the signal's number; a thread reads it at the other end.
private let signalPipe = Atomic<CInt>(-1)

/// All that may be done inside a handler: one write.
private func signalStruck(_ signal: CInt) {
  var byte = UInt8(truncatingIfNeeded: signal)
  let before = errno
  _ = write(signalPipe.load(ordering: .relaxed), &byte, 1)
  errno = before
}

extension StopRequest {
  /// Every request, as it comes, and a way to add one. To be called once in a process.
  static func all(
    watchInput: Bool
  ) -> (requests: AsyncStream<StopRequest>, ask: @Sendable (StopRequest) -> Void) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: StopRequest.self,
      bufferingPolicy: .bufferingOldest(8)
    )
    // A peer that went away is told by the call that wrote to it.
    Glibc.signal(SIGPIPE, SIG_IGN)
    var ends: (read: CInt, write: CInt) = (-1, -1)
    let made = withUnsafeMutableBytes(of: &ends) {
      pipe2($0.bindMemory(to: CInt.self).baseAddress, O_CLOEXEC)
    }
    precondition(made == 0, "no pipe for signals")
    signalPipe.store(ends.write, ordering: .relaxed)
    for signal in [SIGTERM, SIGINT] { Glibc.signal(signal, signalStruck) }
    startThread { [ends] in waitForSignals(at: ends.read, continuation) }
    if watchInput { startThread { waitForEndOfInput(continuation) } }
    return (stream, { continuation.yield($0) })
  }

  private static func waitForSignals(
    at descriptor: CInt,
    _ continuation: AsyncStream<StopRequest>.Continuation
  ) {
    var byte: UInt8 = 0
    while true {
      guard read(descriptor, &byte, 1) == 1 else { continue }
      continuation.yield(.signal(CInt(byte) == SIGINT ? "SIGINT" : "SIGTERM"))
    }
  }

  private static func waitForEndOfInput(_ continuation: AsyncStream<StopRequest>.Continuation) {
    var byte: UInt8 = 0
    while true {
      let count = read(STDIN_FILENO, &byte, 1)
      if count == 0 || count < 0 && errno != EINTR { break }
    }
    continuation.yield(.inputEnded)
  }

  private static func startThread(_ body: @escaping @Sendable () -> Void) {
    precondition(BlockingThread.start(body), "no thread for signals")
  }
}
