/// How text is set off for a person. Nothing is told by it alone.
package struct Style: Sendable {
  /// Whether nothing is set off.
  package let isPlain: Bool

  /// The style for a reader: plain unless it is a terminal that is not told otherwise.
  package init(toTerminal: Bool, noColor: Bool, environment: [String: String]) {
    isPlain =
      !toTerminal || noColor || environment["NO_COLOR"].map { !$0.isEmpty } ?? false
      || environment["TERM"] == "dumb"
  }

  /// What a person should look at first.
  package func alert(_ text: String) -> String { isPlain ? text : "\u{1B}[1m\(text)\u{1B}[0m" }
}
