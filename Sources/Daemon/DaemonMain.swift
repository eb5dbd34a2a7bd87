internal import Arguments
internal import Foundation
internal import Glibc
internal import Transport

/// `usherd` from its first line to its exit code.
public enum DaemonMain {
  /// How the process ends, for whoever supervises it.
  public enum ExitCode: Int32, Sendable {
    /// Stopped as asked.
    case stopped = 0
    /// Failed while running.
    case failed = 1
    /// Told something that cannot be. Starting it again will not help.
    case usage = 2
    /// Open calls were cut off.
    case callsCut = 3
  }

  /// Runs until it is asked to stop.
  public static func run(_ arguments: [String], environment: [String: String]) async -> ExitCode {
    let parsed: ParsedArguments
    do throws(UsageError) {
      parsed = try ParsedArguments(arguments, flags: DaemonOptions.flags)
    } catch {
      return refuse([error])
    }
    if parsed.has("help") { return answer(DaemonOptions.help.text) }
    if parsed.has("version") { return answer("usherd \(Version.number)") }
    var configuration: ConfigurationFile?
    if let path = parsed["config"] {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        return refuse([UsageError("cannot read \(path), or it is not UTF-8")])
      }
      configuration = ConfigurationFile(text, name: path, flags: DaemonOptions.flags)
    }
    switch DaemonOptions.read(parsed, environment: environment, configuration: configuration) {
    case .failure(let errors): return refuse(errors.all)
    case .success(let options):
      for warning in options.warnings { say("warning: \(warning)") }
      if parsed.has("check-config") { return answer("the configuration is good") }
      return await run(options)
    }
  }

  private static func run(_ options: DaemonOptions) async -> ExitCode {
    let choosesPort = options.listen.contains {
      if case .tcp(_, 0) = $0 { true } else { false }
    }
    let requests = StopRequest.all(watchInput: choosesPort)
    let clock = ContinuousClock()
    let start = clock.now
    let daemon: Daemon
    do {
      daemon = try await Daemon(options)
    } catch {
      say("usherd: \(error)")
      return .failed
    }
    announce(daemon, after: clock.now - start, choosesPort: choosesPort)
    var iterator = requests.makeAsyncIterator()
    guard let request = await iterator.next() else { return .failed }
    say("stopping: \(describe(request)); open calls have up to \(options.drain)")
    return await stop(daemon, requests)
  }

  /// Stops in order, unless a second request says that this takes too long.
  private static func stop(
    _ daemon: Daemon, _ requests: AsyncStream<StopRequest>
  ) async -> ExitCode {
    await withTaskGroup(of: ExitCode.self) { group in
      group.addTask {
        switch await daemon.stop() {
        case .drained:
          say("stopped: every call had finished")
          return .stopped
        case .cut(let connections):
          say("stopped: \(connections) connections were cut off")
          return .callsCut
        }
      }
      group.addTask {
        for await _ in requests { break }
        return .callsCut
      }
      let code = await group.next() ?? .failed
      // Whoever asks twice wants to leave now; nothing here has to be put away.
      exit(code.rawValue)
    }
  }

  private static func answer(_ text: String) -> ExitCode {
    print(text)
    return .stopped
  }

  private static func refuse(_ errors: [UsageError]) -> ExitCode {
    for error in errors {
      say("usherd: \(error)")
      if let hint = error.hint { say("  hint:   \(hint)") }
    }
    say("usherd: nothing was started; see usherd --help")
    return .usage
  }

  private static func describe(_ request: StopRequest) -> String {
    switch request {
    case .signal(let name): name
    case .inputEnded: "standard input was closed"
    }
  }
}

// MARK: - What it says

extension DaemonMain {
  /// One block for a person, one line for a machine.
  private static func announce(_ daemon: Daemon, after time: Duration, choosesPort: Bool) {
    let milliseconds = time / .milliseconds(1)
    let calls = daemon.addresses.map(\.description).joined(separator: " ")
    if isatty(STDERR_FILENO) == 1 {
      let started = milliseconds.formatted(.number.precision(.fractionLength(0)))
      say("usherd \(Version.number) ready in \(started) ms")
      say("  calls     \(calls)")
      say("  limits    \(daemon.connectionsMax) connections · \(daemon.loopCount) event loops")
      say("")
      say("  next      usher health       stop: Ctrl-C")
    } else {
      say(
        "event=ready version=\(Version.number) calls=\(calls) "
          + "connections_max=\(daemon.connectionsMax) loops=\(daemon.loopCount) "
          + "start_ms=\(Int(milliseconds))")
    }
    guard choosesPort else { return }
    for case .tcp(_, let port) in daemon.addresses { print(port) }
    fflush(nil)
  }

  private static func say(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
