public import Arguments
internal import RPCCore
internal import Reflection
internal import Rehearsal
internal import Reports
internal import Scenarios
internal import Spelling
internal import UsherAPI
public import UsherCommand

/// The program `usher-load`, from what was typed to its exit code.
public struct LoadCommand: Sendable {
  private let console: Console
  private let environment: [String: String]

  /// A program that writes to `console`.
  public init(console: Console, environment: [String: String]) {
    self.console = console
    self.environment = environment
  }

  /// Does what was typed. `arguments` do not hold the program's own name. Where the task is cancelled, a
  /// run ends and what it came to is told.
  public func run(_ arguments: [String]) async -> ExitCode {
    do {
      return try await execute(arguments)
    } catch let faults as ScenarioFaults {
      for error in faults.errors {
        let complaint = Complaint(error.description, hint: error.hint, code: .usage)
        for line in complaint.lines(of: "usher-load") { console.remark(line) }
      }
      console.remark("usher-load: nothing was sent")
      return .usage
    } catch {
      let complaint = Self.complaint(about: error)
      for line in complaint.lines(of: "usher-load") { console.remark(line) }
      return complaint.code
    }
  }

  private static func complaint(about error: any Error) -> Complaint {
    switch error {
    case _ where Task.isCancelled || error is Interruption:
      Complaint("interrupted before there was anything to judge", code: .interrupted)
    case let failure as RehearsalFailure: Complaint(failure.description, code: .failed)
    case let error as RecordFileError: Complaint(error.description, code: .failed)
    case let failure as LookupFailure:
      Complaint(failure.description, hint: "usher describe lists what there is.", code: .usage)
    case let failure as CodecFailure:
      Complaint("--request: \(failure.description)", code: .usage)
    default: Complaint(about: error)
    }
  }

  private func execute(_ arguments: [String]) async throws -> ExitCode {
    if arguments.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      let words = arguments.filter { !$0.hasPrefix("-") }
      let order = words.first.flatMap { name in Order.all.first { $0.name == name } }
      console.answer((order?.help ?? Self.help).text)
      return .done
    }
    let flags = try ParsedArguments(arguments, flags: LoadFlags.all)
    if flags.has("version") {
      console.answer("usher-load \(Version.number)")
      return .done
    }
    guard let name = flags.words.first else {
      console.remark(Self.help.text)
      return .usage
    }
    guard let order = Order.all.first(where: { $0.name == name }) else {
      if name == "help" { return try help(flags.words.dropFirst().first) }
      let similar = nearest(to: name, among: Order.all.map(\.name))
      throw UsageError(
        "no command \"\(name)\"" + (similar.map { "; a similar one exists: \($0)" } ?? ""),
        hint: similar == nil ? "usher-load help lists them all." : nil
      )
    }
    let known = (order.flags + LoadFlags.shared).map(\.name)
    let strangers = flags.values.keys.filter { !known.contains($0) }.sorted()
    guard strangers.isEmpty else {
      throw ScenarioFaults(
        errors: strangers.map { UsageError("usher-load \(name) takes no --\($0)") }
      )
    }
    for warning in Variables.warnings(about: environment) { console.remark("warning: \(warning)") }
    let settings = try Settings(
      flags,
      words: Array(flags.words.dropFirst()),
      environment: environment,
      console: console,
      commandLine: (["usher-load"] + arguments.map(\.quoted)).joined(separator: " ")
    )
    return try await order.run(settings)
  }

  private func help(_ name: String?) throws -> ExitCode {
    let order = name.flatMap { name in Order.all.first { $0.name == name } }
    if let name, order == nil { throw UsageError("no command \"\(name)\"") }
    console.answer((order?.help ?? Self.help).text)
    return .done
  }

  static let help = Help(
    summary: "usher-load rehearses a sale with a crowd, and audits the server that sold it.",
    usage: "usher-load COMMAND [flags]",
    examples: [
      "usher-load onsale", "usher-load onsale --people 50000 --html report.html",
      "usher-load help onsale",
    ],
    commands: Order.all.map { ($0.name, $0.summary) },
    flags: LoadFlags.shared,
    notes: ExitCode.loadExplanation
  )
}

extension ExitCode {
  /// A promise is broken.
  public static let broken = Self(rawValue: 20)
  /// A goal is short.
  public static let short = Self(rawValue: 21)
  /// The generator did not do what was planned.
  public static let invalid = Self(rawValue: 22)
  /// It was interrupted, and its report written.
  public static let interrupted = Self(rawValue: 130)

  init(_ outcome: RunRecord.Outcome) {
    switch outcome {
    case .passed: self = .done
    case .short: self = .short
    case .invalid: self = .invalid
    case .broken: self = .broken
    case .interrupted, .underWay: self = .interrupted
    case .failed: self = .failed
    }
  }

  static let loadExplanation = [
    "exit codes",
    "  0 passed · 1 failed to run · 2 usage · 3 server not reached · 4 key missing or not allowed",
    "  20 a promise is broken · 21 a goal is short · 22 the generator did not keep up",
    "  64+N the server answered status N before the crowd came · 130 interrupted, report written",
  ]
}
