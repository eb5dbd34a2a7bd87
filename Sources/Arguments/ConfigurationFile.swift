internal import Spelling

/// A configuration file: a `key = value` a line, `#` begins a comment.
public struct ConfigurationFile: Sendable {
  /// One line that sets something.
  public struct Entry: Sendable, Hashable {
    /// The key.
    public let key: String
    /// The value.
    public let value: String
    /// Where it stands: `usher.conf:12:1`.
    public let place: String
    /// The line alone.
    public let line: Int
  }

  /// What the file sets, in its order.
  public private(set) var entries: [Entry] = []
  /// Every mistake in it, each with its place.
  public private(set) var errors: [UsageError] = []

  /// Reads `text`, the content of the file called `name`, which may hold the settings of `flags`.
  public init(_ text: String, name: String, flags: [Flag]) {
    let settings = flags.filter(\.isSetting)
    let keys = settings.map(\.configurationKey)
    let repeatable = settings.filter(\.mayRepeat).map(\.configurationKey)
    for (index, line) in text.split(
      omittingEmptySubsequences: false,
      whereSeparator: \.isNewline
    ).enumerated() {
      let content = line.prefix { $0 != "#" }
      let indent = content.prefix { $0.isWhitespace }.count
      guard indent < content.count else { continue }
      let number = index + 1
      let place = "\(name):\(number):\(indent + 1)"
      let parts = content.split(separator: "=", maxSplits: 1).map(Self.trimmed)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        errors.append(UsageError("\(place): a line is KEY = VALUE", line: number))
        continue
      }
      guard keys.contains(parts[0]) else {
        let similar = nearest(to: parts[0], among: keys).map { "; a similar key exists: \($0)" }
        errors.append(
          UsageError("\(place): unknown key \"\(parts[0])\"\(similar ?? "")", line: number)
        )
        continue
      }
      if !repeatable.contains(parts[0]), let first = entries.first(where: { $0.key == parts[0] }) {
        errors.append(
          UsageError("\(place): \(parts[0]) was set before, on line \(first.line)", line: number)
        )
        continue
      }
      entries.append(Entry(key: parts[0], value: parts[1], place: place, line: number))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
