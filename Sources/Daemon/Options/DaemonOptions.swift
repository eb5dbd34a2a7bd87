public import Arguments
internal import Spelling
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
    Flag("loops", "N", help: "event loops (one for each core)"),
    Flag("connections-max", "N", help: "connections open at once (what open files allow)"),
    Flag("drain", "DURATION", help: "how long open calls may take to finish at the end (30s)"),
    Flag("allow-plaintext", help: "listen beyond this machine, without TLS"),
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
      "Exit codes: 0 stopped, 1 failed, 2 usage or configuration, 3 calls were cut off.",
    ]
  )

  /// Puts together what the three sources say. Throws every mistake at once.
  public static func read(
    _ arguments: ParsedArguments,
    environment: [String: String],
    configuration: ConfigurationFile? = nil
  ) throws(UsageErrors) -> DaemonOptions {
    var options = DaemonOptions()
    var errors = configuration?.errors ?? []
    if let word = arguments.words.first {
      errors.append(UsageError("usherd takes flags only, not \"\(word)\""))
    }
    for flag in flags where flag.isSetting {
      let (values, place) = sources(flag, arguments, environment, configuration)
      guard !values.isEmpty else { continue }
      do throws(UsageError) {
        try options.set(flag.name, values)
      } catch {
        errors.append(UsageError("\(place): \(error.description)", hint: error.hint))
      }
    }
    options.warnings = unknownVariables(environment)
    errors += options.contradictions
    guard errors.isEmpty else { throw UsageErrors(all: errors) }
    return options
  }

  private static func sources(
    _ flag: Flag,
    _ arguments: ParsedArguments,
    _ environment: [String: String],
    _ configuration: ConfigurationFile?
  ) -> (values: [String], place: String) {
    if let values = arguments.values[flag.name] { return (values, "--\(flag.name)") }
    if let value = environment[flag.environmentName] { return ([value], flag.environmentName) }
    let entries = configuration?.entries.filter { $0.key == flag.configurationKey } ?? []
    return (entries.map(\.value), entries.last?.place ?? "")
  }

  /// A stranger with our prefix may be meant for another of our programs, so it is not an error.
  private static func unknownVariables(_ environment: [String: String]) -> [String] {
    let known = flags.filter(\.isSetting).map(\.environmentName) + ["USHER_CONNECT"]
    return environment.keys.filter { $0.hasPrefix("USHER_") && !known.contains($0) }.sorted().map {
      let similar = nearest(to: $0, among: known).map { "; a similar one exists: \($0)" } ?? ""
      return "unknown variable \($0)\(similar)"
    }
  }

  private mutating func set(_ name: String, _ values: [String]) throws(UsageError) {
    let value = values.last ?? ""
    switch name {
    case "listen":
      listen = []
      for value in values {
        do throws(SocketFailure) {
          listen.append(try SocketAddress(parsing: value))
        } catch {
          throw UsageError(error.description)
        }
      }
    case "loops": loops = try Self.number(value, in: 0...1024)
    case "connections-max": connectionsMax = try Self.number(value, in: 1...1_000_000)
    case "drain": drain = try Duration(parsing: value)
    case "allow-plaintext":
      guard let flag = ["true": true, "false": false][value] else {
        throw UsageError("\(value) is neither true nor false")
      }
      allowsPlaintext = flag
    default: preconditionFailure("no such setting: \(name)")
    }
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
