/// How text is set off for a person. Nothing is told by it alone.
struct Style: Sendable {
  /// Whether nothing is set off.
  let isPlain: Bool

  /// The style for a reader: plain unless it is a terminal that is not told otherwise.
  init(toTerminal: Bool, noColor: Bool, environment: [String: String]) {
    isPlain =
      !toTerminal || noColor || environment["NO_COLOR"].map { !$0.isEmpty } ?? false
      || environment["TERM"] == "dumb"
  }

  /// What a person should look at first.
  func alert(_ text: String) -> String { isPlain ? text : "\u{1B}[1m\(text)\u{1B}[0m" }
}
