/// Something that can be set on a command line, in the environment or in a configuration file.
public struct Flag: Sendable, Hashable {
  /// The name, without dashes: `listen`.
  public let name: String
  /// What stands for the value in help; nil for a flag that is only there or not.
  public let placeholder: String?
  /// What it does, in a sentence.
  public let help: String
  /// Whether it may be given several times.
  public let mayRepeat: Bool
  /// Whether it has a place in the environment and the configuration file too.
  public let isSetting: Bool

  /// A flag.
  public init(
    _ name: String,
    _ placeholder: String? = nil,
    mayRepeat: Bool = false,
    isSetting: Bool = true,
    help: String
  ) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.mayRepeat = mayRepeat
    self.isSetting = isSetting
  }

  /// `USHER_ALLOW_PLAINTEXT` for `allow-plaintext`.
  public var environmentName: String {
    "USHER_" + name.uppercased().replacing("-", with: "_")
  }

  /// `allow_plaintext` for `allow-plaintext`.
  public var configurationKey: String { name.replacing("-", with: "_") }

  /// `--listen ADDRESS`.
  public var usage: String { placeholder.map { "--\(name) \($0)" } ?? "--\(name)" }
}

/// A mistake in what a person typed, told so that it can be mended.
public struct UsageError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, in a line.
  public let description: String
  /// What would help, if anything would.
  public let hint: String?
  /// The line of the file that it stands in; nil where it stands in none.
  public let line: Int?

  /// A mistake.
  public init(_ description: String, hint: String? = nil, line: Int? = nil) {
    self.description = description
    self.hint = hint
    self.line = line
  }
}
