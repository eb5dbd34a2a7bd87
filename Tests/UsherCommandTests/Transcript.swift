import Arguments
import Synchronization
import UsherCommand

/// Runs commands and keeps what they write.
final class Transcript: Sendable {
  private struct Lines {
    var answers: [String] = []
    var remarks: [String] = []
  }

  private let lines = Mutex(Lines())
  private let (written, wrote) = AsyncStream.makeStream(
    of: Void.self,
    bufferingPolicy: .bufferingNewest(1)
  )

  var answers: [String] { lines.withLock { $0.answers } }
  var remarks: [String] { lines.withLock { $0.remarks } }

  func console(onTerminal: Bool = false) -> Console {
    Console(
      answersToTerminal: onTerminal,
      remarksToTerminal: onTerminal,
      answer: { [self] line in
        lines.withLock { $0.answers.append(line) }
        wrote.yield()
      },
      remark: { [self] line in
        lines.withLock { $0.remarks.append(line) }
        wrote.yield()
      }
    )
  }

  /// Returns as soon as `condition` holds of what was written.
  func wait(until condition: (Transcript) -> Bool) async {
    if condition(self) { return }
    for await _ in written where condition(self) { return }
  }

  /// Runs one command line.
  func run(
    _ line: String,
    environment: [String: String] = [:],
    onTerminal: Bool = false,
    patience: Duration = .seconds(1)
  ) async -> ExitCode {
    await UsherCommand(
      console: console(onTerminal: onTerminal),
      environment: environment,
      patience: patience
    ).run(line.split(separator: " ").map(String.init))
  }
}
