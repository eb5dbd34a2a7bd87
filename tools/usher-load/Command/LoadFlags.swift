internal import Arguments

/// What `usher-load` can be told.
enum LoadFlags {
  /// Every command.
  static let shared = [
    Flag("connect", "ADDRESS", help: "the server: HOST:PORT or unix:PATH (127.0.0.1:7411)"),
    Flag("data", "DIR", help: "where operator.key and app.key are (.usher, or else .usher/demo)"),
    Flag("no-color", isSetting: false, help: "set nothing off, on a terminal too"),
    Flag("help", isSetting: false, help: "explain the command"),
    Flag("version", isSetting: false, help: "print the version"),
  ]

  /// What a run is to be.
  static let plan = [
    Flag("scenario", "FILE", isSetting: false, help: "the plan as JSON: see usher-load scenario"),
    Flag("people", "N", isSetting: false, help: "how many come"),
    Flag(
      "arrive",
      "STAGE",
      mayRepeat: true,
      isSetting: false,
      help: "how they come, stage after stage: '100/s for 60s', 'all at once'"
    ),
    Flag(
      "set",
      "KEY=VALUE",
      mayRepeat: true,
      isSetting: false,
      help: "one thing of the plan: sale.inside_max=40"
    ),
    Flag(
      "expect",
      "GOAL",
      mayRepeat: true,
      isSetting: false,
      help: "what has to come of it, beside the plan's: 'p99(hold)<50ms', 'errors<0.1%'"
    ),
    Flag("seed", "N", isSetting: false, help: "what all chance follows from (drawn, and printed)"),
    Flag("warm-up", "DURATION", isSetting: false, help: "how much of the beginning is not counted"),
    Flag("time-limit", "DURATION", isSetting: false, help: "when it ends, whatever is going on"),
  ]

  /// How a run is carried out and told.
  static let run = [
    Flag("connections", "N", isSetting: false, help: "how many connections the people share"),
    Flag("loops", "N", isSetting: false, help: "how many threads drive them (1)"),
    Flag("result", "FILE", isSetting: false, help: "write the run's record, as JSON"),
    Flag("csv", "PREFIX", isSetting: false, help: "write PREFIX-steps.csv and PREFIX-timeline.csv"),
    Flag("html", "FILE", isSetting: false, help: "write the report, one file to open or print"),
    Flag(
      "before",
      "FILE",
      isSetting: false,
      help: "the record of a run to compare the report with"
    ),
    Flag("json", isSetting: false, help: "answer with the record as JSON, and nothing else"),
    Flag("quiet", isSetting: false, help: "say nothing while it runs"),
  ]

  /// How several processes share a run.
  static let company = [
    Flag(
      "coordinator",
      "ADDRESS",
      isSetting: false,
      help: "wait there for --workers processes, which bring the crowd"
    ),
    Flag("workers", "N", isSetting: false, help: "how many there are (2)"),
    Flag(
      "worker",
      "ADDRESS",
      isSetting: false,
      help: "bring a part of the crowd for the coordinator at ADDRESS, by its plan"
    ),
  ]

  static let calls = [
    Flag("request", "JSON", isSetting: false, help: "the request, with {{placeholders}} (-d)"),
    Flag("callers", "N", isSetting: false, help: "so many call again as soon as they are answered"),
    Flag(
      "metadata",
      "KEY=VALUE",
      mayRepeat: true,
      isSetting: false,
      help: "what goes with each call"
    ),
  ]

  static let all = shared + plan + run + company + calls
}
