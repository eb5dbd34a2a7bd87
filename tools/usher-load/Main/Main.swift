internal import Arguments
internal import Dispatch
internal import Foundation
internal import LoadCommand
internal import UsherCommand

@main
enum Main {
  static func main() async {
    raiseDescriptorLimit()
    let command = LoadCommand(
      console: .standard,
      environment: ProcessInfo.processInfo.environment
    )
    let arguments = Array(CommandLine.arguments.dropFirst())
    // Unstructured: an interrupt, which comes from nowhere, has to be able to cancel it.
    let run = Task { await command.run(arguments) }
    // The first interrupt ends the run and lets it be judged; the second leaves now.
    signal(SIGINT, SIG_IGN)
    let interrupts = DispatchSource.makeSignalSource(signal: SIGINT)
    interrupts.setEventHandler { @Sendable in
      if run.isCancelled { exit(ExitCode.interrupted.rawValue) }
      run.cancel()
    }
    interrupts.activate()
    exit(await run.value.rawValue)
  }

  /// Many people are many connections: as many as the system lets this process have.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
