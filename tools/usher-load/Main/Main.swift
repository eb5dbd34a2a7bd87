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
    // Whoever reads no more does not end a run whose record is yet to be written.
    signal(SIGPIPE, SIG_IGN)
    // The first interrupt ends the run and lets it be judged; the second leaves now. What whoever
    // started it wants ignored stays so.
    let interrupts = [SIGINT, SIGTERM, SIGHUP].filter(isHeard).map { number in
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { @Sendable in
        if run.isCancelled { exit(ExitCode.interrupted.rawValue) }
        run.cancel()
      }
      source.activate()
      return source
    }
    let code = await run.value
    for source in interrupts { source.cancel() }
    exit(code.rawValue)
  }

  /// Lets the signal be heard without its ending the program. Answers whether it was not ignored before.
  private static func isHeard(_ number: CInt) -> Bool {
    let before = signal(number, SIG_IGN)
    return unsafeBitCast(before, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Many people are many connections: as many as the system lets this process have.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
