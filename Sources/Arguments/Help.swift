/// How a command explains itself: what it is, how it is used, examples, and each flag.
public struct Help: Sendable {
  /// What the command does, in a sentence.
  public let summary: String
  /// How it is typed: `usherd [flags]`.
  public let usage: String
  /// Lines to try as they stand.
  public let examples: [String]
  /// What can be typed behind the program's name, and what each does.
  public let commands: [(name: String, summary: String)]
  /// What can be set.
  public let flags: [Flag]
  /// What follows the flags, such as exit codes.
  public let notes: [String]

  /// An explanation.
  public init(
    summary: String,
    usage: String,
    examples: [String] = [],
    commands: [(name: String, summary: String)] = [],
    flags: [Flag],
    notes: [String] = []
  ) {
    self.summary = summary
    self.usage = usage
    self.examples = examples
    self.commands = commands
    self.flags = flags
    self.notes = notes
  }

  /// The explanation as it is printed.
  public var text: String {
    var lines = [summary, "", "usage: \(usage)"]
    if !examples.isEmpty { lines += ["", "examples"] + examples.map { "  \($0)" } }
    if !commands.isEmpty {
      lines += ["", "commands"] + Self.table(commands.map { ($0.name, $0.summary) })
    }
    lines += ["", "flags"] + Self.table(flags.map { ($0.usage, $0.help) })
    lines += elsewhere
    if !notes.isEmpty { lines += [""] + notes }
    return lines.joined(separator: "\n")
  }

  /// Where else what a flag sets can be set. A program that has a configuration file has a flag that
  /// names it.
  private var elsewhere: [String] {
    let settings = flags.filter(\.isSetting)
    guard let first = settings.first else { return [] }
    guard settings.count > 1 else {
      return ["", "--\(first.name) has a variable: \(first.environmentName)."]
    }
    guard flags.contains(where: { $0.name == "config" }) else {
      return ["", "the same as variables"]
        + Self.table(settings.map { ("--\($0.name)", $0.environmentName) })
    }
    let names = Self.table(settings.map { ($0.environmentName, $0.configurationKey) })
    return ["", "the same as variables, and as keys in the configuration file"]
      + Self.table(zip(settings, names).map { ("--\($0.name)", String($1.dropFirst(2))) })
  }

  private static func table(_ rows: [(String, String)]) -> [String] {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { left, right in
      "  \(left)\(String(repeating: " ", count: width - left.count))  \(right)"
    }
  }
}
