internal import Arguments
internal import Foundation
internal import UsherCommand

@main
enum Main {
  static func main() async {
    let usher = UsherCommand(
      console: .standard,
      environment: ProcessInfo.processInfo.environment
    )
    exit(await usher.run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }
}
