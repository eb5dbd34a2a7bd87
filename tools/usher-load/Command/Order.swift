internal import Arguments
internal import UsherCommand

/// One thing that `usher-load` can do.
struct Order: Sendable {
  let name: String
  let summary: String
  var parameters = ""
  let examples: [String]
  var flags: [Flag] = []
  var notes: [String] = []
  let run: @Sendable (Settings) async throws -> ExitCode

  static let all: [Order] = [.onsale, .poll, .soak, .call, .compare, .report, .scenario]

  var help: Help {
    let usage = ["usher-load", name, parameters, "[flags]"].filter { !$0.isEmpty }
    return Help(
      summary: summary,
      usage: usage.joined(separator: " "),
      examples: examples,
      flags: flags + LoadFlags.shared,
      notes: notes + ExitCode.loadExplanation
    )
  }
}
