public import Arguments
package import Reflection
internal import Spelling
internal import Transport
internal import UsherAPI
internal import UsherClient

/// The command line `usher`, from what was typed to its exit code.
public struct UsherCommand: Sendable {
  private let console: Console
  private let environment: [String: String]
  private let patience: Duration
  private let makeIdempotencyKey: @Sendable () -> String
  private let makeCatalog: @Sendable () throws -> Catalog

  /// A command line that writes to `console`, and says after `patience` what it is waiting for.
  public init(
    console: Console,
    environment: [String: String],
    patience: Duration = .seconds(1)
  ) {
    self.init(
      console: console,
      environment: environment,
      patience: patience,
      makeCatalog: { try Catalog(descriptorSet: UsherSchema.descriptorSet) }
    )
  }

  /// A command line that knows the methods and messages of another schema, and makes keys of its own.
  package init(
    console: Console,
    environment: [String: String],
    patience: Duration = .seconds(1),
    makeIdempotencyKey: (@Sendable () -> String)? = nil,
    makeCatalog: @escaping @Sendable () throws -> Catalog
  ) {
    self.console = console
    self.environment = environment
    self.patience = patience
    self.makeIdempotencyKey = makeIdempotencyKey ?? { IdempotencyKey.make() }
    self.makeCatalog = makeCatalog
  }

  /// Does what was typed. `arguments` do not hold the program's own name.
  public func run(_ arguments: [String]) async -> ExitCode {
    do {
      return try await execute(arguments)
    } catch {
      let complaint = Complaint(about: error)
      for line in complaint.lines(of: "usher") { console.remark(line) }
      return complaint.code
    }
  }

  private func execute(_ arguments: [String]) async throws -> ExitCode {
    // Help is given whatever else was typed, since whoever asks for it may not know how to type it.
    if Self.asksForHelp(arguments) {
      // What flags take is no command, where it can be told which that is.
      let typed = try? ParsedArguments(arguments, flags: Self.everyFlag)
      let words = typed?.words ?? arguments.filter { !$0.hasPrefix("-") }
      console.answer((Self.help(of: words) ?? Self.help).text)
      return .done
    }
    let flags = try ParsedArguments(arguments, flags: Self.everyFlag)
    if flags.has("version") {
      console.answer("usher \(Version.number)")
      return .done
    }
    guard !flags.words.isEmpty else {
      console.remark(Self.help.text)
      return .usage
    }
    guard let command = Command.find(flags.words) else { throw Self.noCommand(flags.words) }
    for warning in Variables.warnings(about: environment) { console.remark("warning: \(warning)") }
    return try await command.run(try invocation(of: command, flags))
  }

  private func invocation(
    of command: Command,
    _ flags: ParsedArguments
  ) throws -> Invocation {
    let words = Array(flags.words.dropFirst(command.words.count))
    guard words.count <= command.wordsMax else {
      throw UsageError(
        "usher \(command.name) does not know what to do with \"\(words[command.wordsMax])\"",
        hint: "usage: \(command.help.usage)"
      )
    }
    let known = (command.flags + SharedFlags.all).map(\.name)
    if let stranger = flags.values.keys.filter({ !known.contains($0) }).min() {
      throw UsageError("usher \(command.name) takes no --\(stranger)")
    }
    return Invocation(
      command: command,
      words: words,
      flags: flags,
      console: console,
      style: Style(
        toTerminal: console.answersToTerminal,
        noColor: flags.has("no-color"),
        environment: environment
      ),
      address: try address(flags),
      keys: Keys(in: try dataDirectory(flags)),
      timeout: try timeout(flags),
      patience: patience,
      makeIdempotencyKey: makeIdempotencyKey,
      makeCatalog: makeCatalog
    )
  }

  private func timeout(_ flags: ParsedArguments) throws -> Duration {
    guard let text = flags["timeout"] else { return .seconds(10) }
    let timeout: Duration
    do throws(UsageError) {
      timeout = try Duration(parsing: text)
    } catch {
      throw UsageError("--timeout: \(error.description)", hint: error.hint)
    }
    guard timeout > .zero else {
      throw UsageError("--timeout: \(text): nothing is answered in no time")
    }
    return timeout
  }

  private func dataDirectory(_ flags: ParsedArguments) throws -> String? {
    let sources = [("--data", flags["data"]), ("USHER_DATA", environment["USHER_DATA"])]
    for case (let name, let path?) in sources {
      guard !path.isEmpty else { throw UsageError("\(name): this names no directory") }
      return path
    }
    return nil
  }

  private func address(_ flags: ParsedArguments) throws -> SocketAddress {
    let sources = [
      ("--connect", flags["connect"]), ("USHER_CONNECT", environment["USHER_CONNECT"]),
    ]
    for case (let name, let text?) in sources {
      do throws(SocketFailure) {
        return try SocketAddress(parsing: text)
      } catch {
        throw UsageError("\(name): \(error.description)", hint: error.hint)
      }
    }
    return UsherClient.defaultAddress
  }
}

// MARK: - Help and mistakes

extension UsherCommand {
  private static let everyFlag =
    SharedFlags.all
    + Command.all.flatMap(\.flags).reduce(into: []) { flags, flag in
      if !flags.contains(flag) { flags.append(flag) }
    }

  private static func asksForHelp(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
  }

  /// How `usher` as a whole explains itself.
  static let help = Help(
    summary: "usher asks and tells a server that seats a crowd.",
    usage: "usher COMMAND [flags]",
    examples: ["usher health", "usher help health"],
    commands: Command.all.map { ($0.name, $0.summary) },
    flags: SharedFlags.all,
    notes: ExitCode.explanation
  )

  /// How a command explains itself, or a noun all of its verbs; nil where the words are neither.
  static func help(of words: [String]) -> Help? {
    if let command = Command.find(words) { return command.help }
    guard let noun = words.first else { return nil }
    let commands = Command.all.filter { $0.words.count > 1 && $0.words[0] == noun }
    guard let first = commands.first, words.count == 1 else { return nil }
    return Help(
      summary: "What usher does with a \(noun).",
      usage: "usher \(noun) COMMAND [flags]",
      examples: ["usher help \(first.name)"],
      commands: commands.map { ($0.name, $0.summary) },
      flags: SharedFlags.all
    )
  }

  static func noCommand(_ words: [String]) -> UsageError {
    let names = Command.all.map(\.name)
    // Whoever types a noun alone looks for its verbs.
    let verbs = names.filter { $0.hasPrefix("\(words[0]) ") }
    if words.count == 1, !verbs.isEmpty {
      return UsageError(
        "\"\(words[0])\" takes one word more",
        hint: verbs.map { "usher \($0)" }.joined(separator: ", ")
      )
    }
    // A command has one word or two, and the second may be meant for it or not.
    let typed = [words.prefix(2), words.prefix(1)].map { $0.joined(separator: " ") }
    for text in typed {
      guard let similar = nearest(to: text, among: names) else { continue }
      return UsageError("no command \"\(text)\"; a similar one exists: \(similar)")
    }
    return UsageError("no command \"\(words[0])\"", hint: "usher help lists them all.")
  }
}
