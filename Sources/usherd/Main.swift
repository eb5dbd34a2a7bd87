internal import Arguments
internal import Daemon
internal import Foundation

@main
enum Main {
  static func main() async {
    let daemon = DaemonMain(
      console: .standard,
      environment: ProcessInfo.processInfo.environment
    )
    exit(await daemon.run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }
}
