internal import Arguments
internal import Threads
internal import UsherCommand

/// The keys that whoever looks on may press: q ends the run, r writes the report of what there is.
final class LiveKeys: Sendable {
  private let console: Console
  private let isReportWanted = Guarded(false)

  init(of console: Console) { self.console = console }

  /// Whether anyone can press any.
  var areHeard: Bool { console.inputIsTerminal && console.remarksToTerminal }

  /// Runs `body`, which q cancels as an interrupt does.
  func during<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard areHeard, Keyboard.begin() else { return try await body() }
    defer { Keyboard.end() }
    // Unstructured: a key is to cancel it, and nothing else that happens here.
    let running = Task { try await body() }
    // Unstructured: it listens for as long as there is a run, and then is cancelled.
    let listening = Task {
      while let keys = await console.input() {
        if keys.contains(UInt8(ascii: "q")) { running.cancel() }
        if keys.contains(UInt8(ascii: "r")) { isReportWanted.withLock { $0 = true } }
      }
    }
    defer { listening.cancel() }
    return try await withTaskCancellationHandler {
      try await running.value
    } onCancel: {
      running.cancel()
    }
  }

  /// Whether a report was asked for since this was asked last.
  func takeReportWanted() -> Bool {
    isReportWanted.withLock { isWanted in
      defer { isWanted = false }
      return isWanted
    }
  }
}
