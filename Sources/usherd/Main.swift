internal import Daemon
internal import Foundation

@main
enum Main {
  static func main() async {
    let code = await DaemonMain.run(
      Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
    exit(code.rawValue)
  }
}
