public import Arguments
internal import Foundation
internal import Glibc
internal import Transport
internal import UsherAPI

/// `usherd` from its first line to its exit code.
public struct DaemonMain: Sendable {
  /// How the process ends, for whoever supervises it.
  public enum ExitCode: Int32, Sendable {
    /// Stopped as asked.
    case stopped = 0
    /// Could not start, or failed while running.
    case failed = 1
    /// Told something that cannot be. Starting it again will not help.
    case usage = 2
    /// Open calls were cut off.
    case callsCut = 3
    /// The data is in use, or newer than this program. Starting it again will not help.
    case dataTaken = 4
    /// The store stopped for good: what it says after a failed fsync cannot be trusted.
    case storeLost = 5
  }

  private let console: Console
  private let environment: [String: String]

  /// A daemon that says to `console` how it goes.
  public init(console: Console, environment: [String: String]) {
    self.console = console
    self.environment = environment
  }

  /// Runs until it is asked to stop. `arguments` do not hold the program's own name.
  public func run(_ arguments: [String]) async -> ExitCode {
    do throws(UsageErrors) {
      let parsed = try Self.parse(arguments)
      if parsed.has("help") { return answer(DaemonOptions.help.text) }
      if parsed.has("version") { return answer("usherd \(Version.number)") }
      let options = try DaemonOptions.read(
        parsed,
        environment: environment,
        configuration: try Self.readFile(parsed["config"])
      )
      for warning in options.warnings { console.remark("warning: \(warning)") }
      if parsed.has("check-config") { return answer("the configuration is good") }
      return await serve(options)
    } catch {
      return refuse(error.all)
    }
  }

  private static func parse(_ arguments: [String]) throws(UsageErrors) -> ParsedArguments {
    do throws(UsageError) {
      return try ParsedArguments(arguments, flags: DaemonOptions.flags)
    } catch {
      throw UsageErrors(all: [error])
    }
  }

  private static func readFile(_ path: String?) throws(UsageErrors) -> ConfigurationFile? {
    guard let path else { return nil }
    do {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      return ConfigurationFile(text, name: path, flags: DaemonOptions.flags)
    } catch {
      throw UsageErrors(all: [
        UsageError(
          "cannot read the configuration file \(path)",
          hint: "see that it is there, may be read, and is UTF-8."
        )
      ])
    }
  }

  private func answer(_ text: String) -> ExitCode {
    console.answer(text)
    return .stopped
  }

  private func refuse(_ errors: [UsageError]) -> ExitCode {
    for error in errors { complain(error.description, hint: error.hint) }
    let count = errors.count == 1 ? "1 mistake" : "\(errors.count) mistakes"
    console.remark("usherd: \(count); nothing was started; see usherd --help")
    return .usage
  }

  /// A fact that fits a line, more of it where there is more, and what would help.
  private func complain(_ fact: String, detail: String? = nil, hint: String? = nil) {
    console.remark("usherd: \(fact)")
    if let detail { console.remark("  detail: \(detail)") }
    if let hint { console.remark("  hint:   \(hint)") }
  }
}

// MARK: - Serving

extension DaemonMain {
  private func serve(_ options: DaemonOptions) async -> ExitCode {
    let choosesPort = options.listen.contains {
      if case .tcp(_, 0) = $0 { true } else { false }
    }
    let files = Descriptors.raiseLimit()
    guard files >= Descriptors.needed(loops: options.loops) else {
      complain(
        "cannot start: only \(files) files may be open",
        hint: "ulimit -n 65536, or LimitNOFILE in the unit."
      )
      return .failed
    }
    let (requests, ask) = StopRequest.all(watchInput: choosesPort)
    let clock = ContinuousClock()
    let start = clock.now
    let daemon: Daemon
    do {
      daemon = try await Daemon(options, log: console.remark) { ask(.storeLost($0)) }
    } catch {
      return cannotStart(error)
    }
    announce(daemon, after: clock.now - start, choosesPort: choosesPort)
    var iterator = requests.makeAsyncIterator()
    guard let request = await iterator.next() else { return .failed }
    console.remark(
      "stopping: \(Self.describe(request)); open calls have up to \(options.drain.shortText)"
    )
    let code = await stop(daemon, requests)
    if case .storeLost = request { return .storeLost }
    return code
  }

  private func cannotStart(_ error: any Error) -> ExitCode {
    if let failure = error as? StartFailure {
      complain(failure.fact, detail: failure.detail, hint: failure.hint)
      return failure.isTaken ? .dataTaken : .failed
    }
    guard let failure = error as? SocketFailure else {
      complain("cannot start: \(error)")
      return .failed
    }
    let hint: String? =
      switch failure.errorNumber {
      case EADDRINUSE: "stop what listens there, or choose another address with --listen."
      case EACCES: "choose a port above 1023, or a path that this user may write, with --listen."
      case ENOENT: "make the socket's directory first, or choose another path with --listen."
      case EADDRNOTAVAIL: "choose an address of this machine with --listen."
      default: nil
      }
    complain(failure.description, hint: hint)
    return .failed
  }

  /// Stops in order, unless a second request says that this takes too long.
  private func stop(_ daemon: Daemon, _ requests: AsyncStream<StopRequest>) async -> ExitCode {
    await withTaskGroup(of: ExitCode.self) { group in
      group.addTask {
        switch await daemon.stop() {
        case .drained:
          console.remark("stopped: every call had finished")
          return .stopped
        case .cut(let connections):
          let what = connections == 1 ? "1 connection was" : "\(connections) connections were"
          console.remark("stopped: time was up; \(what) cut off")
          return .callsCut
        }
      }
      group.addTask {
        for await _ in requests {
          console.remark("stopped: asked twice; what was still open was cut off")
          // Whoever asks twice wants to leave now; nothing here has to be put away.
          exit(ExitCode.callsCut.rawValue)
        }
        return .stopped
      }
      let code = await group.next() ?? .failed
      group.cancelAll()
      return code
    }
  }

  private static func describe(_ request: StopRequest) -> String {
    switch request {
    case .signal(let name): name
    case .inputEnded: "standard input was closed"
    case .storeLost(let detail): "the store has stopped for good: \(detail)"
    }
  }

  private func announce(_ daemon: Daemon, after time: Duration, choosesPort: Bool) {
    let announcement = Announcement(daemon: daemon, milliseconds: Int(time / .milliseconds(1)))
    let lines = console.remarksToTerminal ? announcement.block : [announcement.line]
    for line in lines { console.remark(line) }
    for notice in daemon.keyNotices { console.remark("warning: \(notice)") }
    guard choosesPort else { return }
    for case .tcp(_, let port) in daemon.addresses { console.answer("\(port)") }
  }
}
