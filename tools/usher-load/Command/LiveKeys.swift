internal import Arguments
internal import Dispatch
internal import Threads
internal import UsherCommand

/// The keys that whoever looks on may press: q ends the run, r writes the report of what there is.
final class LiveKeys: Sendable {
  private struct State {
    var areHeard = false
    var isReportWanted = false
  }

  private let console: Console
  private let state = Guarded(State())

  init(of console: Console) { self.console = console }

  /// Whether anyone can press any.
  var areHeard: Bool { state.withLock { $0.areHeard } }

  /// Runs `body`, which q cancels as an interrupt does; where nothing comes of it, with an
  /// ``Interruption``.
  func during<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard console.inputIsTerminal, console.remarksToTerminal, Keyboard.begin() else {
      return try await body()
    }
    state.withLock { $0.areHeard = true }
    let resumed = Keyboard.beginWhenResumed()
    defer {
      resumed.cancel()
      Keyboard.end()
    }
    // Unstructured: a key is to cancel it, and nothing else that happens here.
    let running = Task { try await body() }
    // Unstructured: it listens for as long as there is a run, and then is cancelled.
    let listening = Task {
      while let keys = await console.input() {
        if keys.contains(UInt8(ascii: "q")) { running.cancel() }
        if keys.contains(UInt8(ascii: "r")) { state.withLock { $0.isReportWanted = true } }
      }
    }
    defer { listening.cancel() }
    return try await withTaskCancellationHandler {
      do {
        return try await running.value
      } catch {
        throw running.isCancelled ? Interruption() : error
      }
    } onCancel: {
      running.cancel()
    }
  }

  /// Whether a report was asked for since this was asked last.
  func takeReportWanted() -> Bool {
    state.withLock { state in
      defer { state.isReportWanted = false }
      return state.isReportWanted
    }
  }
}

/// A run was ended before there was anything to tell of it.
struct Interruption: Error {}
