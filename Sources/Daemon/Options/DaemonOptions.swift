public import Arguments
public import Transport

/// What `usherd` was told: by its command line first, then its environment, then its configuration
/// file.
public struct DaemonOptions: Sendable {
  /// Where calls are taken.
  public var listen: [SocketAddress] = [.tcp(host: "127.0.0.1", port: 7411)]
  /// How many event loops there are; 0 is one for each core.
  public var loops = 0
  /// Whether it may listen beyond this machine without TLS.
  public var allowsPlaintext = false
  /// How long open calls may take to finish when it stops.
  public var drain = Duration.seconds(30)
  /// How many connections may be open; nil is as many as descriptors allow.
  public var connectionsMax: Int?
  /// Where keys and, unless told otherwise, the store are; nil is `.usher`, or for a demonstration
  /// `.usher/demo`.
  public var data: String?
  /// Where everything is kept; nil is a file in the data directory.
  public var store: StoreAddress?
  /// Whether it opens something to try it with.
  public var demo = false
  /// Whether it makes another key for the operator, whose own is lost. Only of the command line: in a
  /// file it would make one at every start.
  public var makesOperatorKey = false
  /// What looks like a mistake and need not be one.
  public internal(set) var warnings: [String] = []

  /// Options at their defaults.
  public init() {}

  /// What can be set.
  public static let flags: [Flag] = [
    Flag(
      "listen",
      "ADDRESS",
      mayRepeat: true,
      help: "where calls are taken: HOST:PORT or unix:PATH (127.0.0.1:7411); may be given again"
    ),
    Flag("data", "DIR", help: "where keys and the store are (.usher; with --demo .usher/demo)"),
    Flag(
      "store",
      "URL",
      help: "where everything is kept: sqlite:PATH, or postgres://… (usher.db in --data)"
    ),
    Flag("demo", help: "open a concert to try it with; can be given again"),
    Flag("loops", "N", help: "event loops (one for each core)"),
    Flag("connections-max", "N", help: "connections open at once (what open files allow)"),
    Flag("drain", "DURATION", help: "how long open calls may take to finish at the end (30s)"),
    Flag("allow-plaintext", help: "listen beyond this machine, without TLS"),
    Flag(
      "new-operator-key",
      isSetting: false,
      help: "make another operator.key in place of a lost one; keys that were there stay good"
    ),
    Flag("config", "FILE", isSetting: false, help: "settings, a KEY = VALUE a line"),
    Flag("check-config", isSetting: false, help: "check all settings, say what is wrong, and end"),
    Flag("version", isSetting: false, help: "print the version"),
    Flag("help", isSetting: false, help: "print this"),
  ]

  /// How `usherd` explains itself.
  public static let help = Help(
    summary: "usherd seats a crowd: it holds people in a fair line and sells them seats.",
    usage: "usherd [flags]",
    examples: [
      "usherd", "usherd --listen unix:/run/usher.sock", "usherd --config usher.conf --check-config",
    ],
    flags: flags,
    notes: [
      "With port 0 the port that was chosen goes to stdout, and usherd ends when its stdin closes.",
      "Exit codes: 0 stopped, 1 failed, 2 usage or configuration, 3 calls were cut off, 4 the data "
        + "is in use or newer than this program, 5 the store stopped for good.",
    ]
  )

  /// Puts together what the three sources say. Throws every mistake at once.
  public static func read(
    _ arguments: ParsedArguments,
    environment: [String: String],
    configuration: ConfigurationFile? = nil
  ) throws(UsageErrors) -> DaemonOptions {
    var options = DaemonOptions()
    var errors: [UsageError] = []
    if let word = arguments.words.first {
      errors.append(UsageError("usherd takes flags only, not \"\(word)\""))
    }
    for flag in flags where flag.isSetting {
      errors += options.set(flag, sources(flag, arguments, environment, configuration))
    }
    options.makesOperatorKey = arguments.has("new-operator-key")
    options.warnings = Variables.warnings(about: environment)
    // The file's mistakes follow those of the command line and the environment, as it is read.
    let inFile = (configuration?.errors ?? []) + errors.filter { $0.line != nil }
    errors.removeAll { $0.line != nil }
    errors += inFile.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    errors += options.contradictions
    guard errors.isEmpty else { throw UsageErrors(all: errors) }
    return options
  }

  /// One value that was given, and where.
  private struct Given {
    let value: String
    let place: String
    var line: Int?
  }

  private static func sources(
    _ flag: Flag,
    _ arguments: ParsedArguments,
    _ environment: [String: String],
    _ configuration: ConfigurationFile?
  ) -> [Given] {
    if let values = arguments.values[flag.name] {
      return values.map { Given(value: $0, place: "--\(flag.name)") }
    }
    if let value = environment[flag.environmentName] {
      return [Given(value: value, place: flag.environmentName)]
    }
    let entries = configuration?.entries.filter { $0.key == flag.configurationKey } ?? []
    return entries.map { Given(value: $0.value, place: $0.place, line: $0.line) }
  }

  /// Takes what was given for one flag. Answers the mistakes in it.
  private mutating func set(_ flag: Flag, _ given: [Given]) -> [UsageError] {
    var errors: [UsageError] = []
    if flag.name == "listen", !given.isEmpty { listen = [] }
    for one in given {
      do throws(UsageError) {
        try set(flag.name, one.value)
      } catch {
        errors.append(
          UsageError("\(one.place): \(error.description)", hint: error.hint, line: one.line)
        )
      }
    }
    return errors
  }

  private mutating func set(_ name: String, _ value: String) throws(UsageError) {
    switch name {
    case "listen":
      do throws(SocketFailure) {
        listen.append(try SocketAddress(parsing: value))
      } catch {
        throw UsageError(error.description, hint: error.hint)
      }
    case "data": data = value
    case "store": store = try StoreAddress(parsing: value)
    case "demo": demo = try Self.truth(value)
    case "loops": loops = try Self.number(value, in: 0...1024)
    case "connections-max": connectionsMax = try Self.number(value, in: 1...1_000_000)
    case "drain": drain = try Duration(parsing: value)
    case "allow-plaintext": allowsPlaintext = try Self.truth(value)
    default: preconditionFailure("no such setting: \(name)")
    }
  }

  private static func truth(_ text: String) throws(UsageError) -> Bool {
    guard let truth = ["true": true, "false": false][text] else {
      throw UsageError("\(text) is neither true nor false")
    }
    return truth
  }

  private static func number(
    _ text: String,
    in range: ClosedRange<Int>
  ) throws(UsageError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw UsageError("\(text) is not a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Where keys are.
  var dataDirectory: String { data ?? (demo ? ".usher/demo" : ".usher") }
  /// Where everything is kept.
  var storeAddress: StoreAddress { store ?? .sqlite(path: "\(dataDirectory)/usher.db") }

  private var contradictions: [UsageError] {
    guard !allowsPlaintext, let open = listen.first(where: { !$0.isLoopback }) else { return [] }
    return [
      UsageError(
        "\(open) can be reached from other machines, and calls are not encrypted",
        hint: "listen on 127.0.0.1, or accept that with --allow-plaintext."
      )
    ]
  }
}

/// Every mistake that was found.
public struct UsageErrors: Error, Hashable {
  /// The mistakes, at least one.
  public let all: [UsageError]
}
