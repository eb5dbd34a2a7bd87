/// How a command explains itself: what it is, how it is used, examples, and each flag.
public struct Help: Sendable {
  /// What the command does, in a sentence.
  public let summary: String
  /// How it is typed: `usherd [flags]`.
  public let usage: String
  /// Lines to try as they stand.
  public let examples: [String]
  /// What can be set.
  public let flags: [Flag]
  /// What follows the flags, such as exit codes.
  public let notes: [String]

  /// An explanation.
  public init(
    summary: String, usage: String, examples: [String] = [], flags: [Flag], notes: [String] = []
  ) {
    self.summary = summary
    self.usage = usage
    self.examples = examples
    self.flags = flags
    self.notes = notes
  }

  /// The explanation as it is printed.
  public var text: String {
    var lines = [summary, "", "usage: \(usage)"]
    if !examples.isEmpty { lines += ["", "examples"] + examples.map { "  \($0)" } }
    let width = flags.map(\.usage.count).max() ?? 0
    lines += ["", "flags"]
    for flag in flags {
      let padding = String(repeating: " ", count: width - flag.usage.count)
      lines.append("  \(flag.usage)\(padding)  \(flag.help)")
    }
    if flags.contains(where: \.isSetting), let example = flags.first(where: \.isSetting) {
      lines += ["", "Each flag has a variable, such as \(example.environmentName)."]
    }
    if !notes.isEmpty { lines += [""] + notes }
    return lines.joined(separator: "\n")
  }
}
