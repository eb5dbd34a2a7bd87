import Arguments
import Reflection
import Threads
import UsherCommand

/// Runs commands and keeps what they write.
final class Transcript: Sendable {
  private struct Lines {
    var answers: [String] = []
    var remarks: [String] = []
  }

  private let lines = Guarded(Lines())
  private let (written, wrote) = AsyncStream.makeStream(
    of: Void.self,
    bufferingPolicy: .bufferingNewest(1)
  )

  var answers: [String] { lines.withLock { $0.answers } }
  var remarks: [String] { lines.withLock { $0.remarks } }

  func console(onTerminal: Bool = false, input: TypedInput = TypedInput()) -> Console {
    Console(
      answersToTerminal: onTerminal,
      remarksToTerminal: onTerminal,
      inputIsTerminal: onTerminal,
      answer: { [self] line in
        lines.withLock { $0.answers.append(line) }
        wrote.yield()
      },
      remark: { [self] line in
        lines.withLock { $0.remarks.append(line) }
        wrote.yield()
      },
      input: { await input.next() }
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

  /// Runs one command, by the schema of `catalog`.
  func run(
    _ arguments: [String],
    catalog: Result<Catalog, any Error>,
    onTerminal: Bool = false,
    input: TypedInput = TypedInput()
  ) async -> ExitCode {
    await UsherCommand(
      console: console(onTerminal: onTerminal, input: input),
      environment: [:],
      makeCatalog: { try catalog.get() }
    ).run(arguments)
  }
}

/// What a test types on standard input, piece by piece. Without more it ends at once.
final class TypedInput: Sendable {
  private let (pieces, typed) = AsyncStream.makeStream(
    of: [UInt8].self,
    bufferingPolicy: .unbounded
  )

  init(_ pieces: [String] = [], isOpen: Bool = false) {
    for piece in pieces { type(piece) }
    if !isOpen { end() }
  }

  func type(_ piece: String) { typed.yield(Array(piece.utf8)) }
  func end() { typed.finish() }

  func next() async -> [UInt8]? {
    var iterator = pieces.makeAsyncIterator()
    return await iterator.next()
  }
}
