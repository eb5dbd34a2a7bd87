internal import Arguments

/// One thing that `usher` can do: a noun and its verb, or a verb that needs no noun.
///
/// Each stands in a file of its own under Commands/, and is listed in ``Command/all``.
struct Command: Sendable {
  /// What is typed: `gate pause`.
  let name: String
  /// What it does, in a sentence.
  let summary: String
  /// The words behind the name: `[SERVICE]`.
  var parameters = ""
  /// Lines to try as they stand.
  let examples: [String]
  /// What only this command, and those like it, can be told.
  var flags: [Flag] = []
  /// What else there is to know.
  var notes: [String] = []
  /// How many words may follow the name.
  var wordsMax = 0
  /// Does it.
  let run: @Sendable (Invocation) async throws -> ExitCode

  /// Everything that `usher` can do, in the order in which help lists it.
  static let all: [Command] =
    forBuyers + forOperators + [.audit, .call, .describe, .health, .help, .prove]

  private static let forBuyers: [Command] = [
    .enter, .dates, .seats, .hold, .charge, .pay, .history, .leave,
  ]

  private static let forOperators: [Command] = [
    .gateList, .gateShow, .gateSet, .gatePause, .gateResume, .gateDrain, .gateWatch, .gateExplain,
    .concertList, .concertCreate, .dateAdd,
  ]

  /// The command that `words` begin with, the longest name first.
  static func find(_ words: [String]) -> Command? {
    let fitting = all.filter { words.starts(with: $0.words) }
    return fitting.max { $0.words.count < $1.words.count }
  }

  /// The words of its name.
  var words: [String] { name.split(separator: " ").map(String.init) }

  /// How it explains itself.
  var help: Help {
    let usage = ["usher", name, parameters, "[flags]"].filter { !$0.isEmpty }
    return Help(
      summary: summary,
      usage: usage.joined(separator: " "),
      examples: examples,
      flags: flags + SharedFlags.all,
      notes: notes
    )
  }
}

/// What every command can be told.
enum SharedFlags {
  static let all: [Flag] = [
    Flag("connect", "ADDRESS", help: "the server: HOST:PORT or unix:PATH (127.0.0.1:7411)"),
    Flag("data", "DIR", help: "where operator.key and app.key are (.usher, or else .usher/demo)"),
    Flag(
      "timeout",
      "DURATION",
      isSetting: false,
      help: "how long to wait for one answer (10s)"
    ),
    Flag("json", isSetting: false, help: "answer in JSON, with the names of the .proto files"),
    Flag("no-color", isSetting: false, help: "set nothing off, on a terminal too"),
    Flag("help", isSetting: false, help: "explain the command"),
    Flag("version", isSetting: false, help: "print the version"),
  ]
}
