import Arguments
import Foundation
import LoadCommand
import Testing
import Threads
import UsherCommand

/// Where `usher-load` is run: what it wrote, and a folder for its files.
final class Desk: Sendable {
  private struct Lines {
    var answers: [String] = []
    var remarks: [String] = []
  }

  let folder: String
  private let lines = Guarded(Lines())

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("usher-load-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
  }

  deinit {
    // What is left in the temporary directory harms nobody.
    try? FileManager.default.removeItem(atPath: folder)
  }

  var answers: [String] { lines.withLock { $0.answers } }
  var remarks: [String] { lines.withLock { $0.remarks } }
  var answer: String { answers.joined(separator: "\n") }
  var remark: String { remarks.joined(separator: "\n") }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes a file into the folder, and answers where it is.
  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
  }

  /// Runs one command line, of which nothing is remembered from before.
  func run(_ arguments: [String]) async -> ExitCode {
    lines.withLock { $0 = Lines() }
    return await LoadCommand(console: console, environment: [:]).run(arguments)
  }

  /// A console that is no terminal.
  var console: Console {
    Console(
      answersToTerminal: false,
      remarksToTerminal: false,
      inputIsTerminal: false,
      answer: { [self] line in lines.withLock { $0.answers.append(line) } },
      remark: { [self] line in lines.withLock { $0.remarks.append(line) } },
      input: { nil }
    )
  }
}
