internal import Arguments
internal import RPCCore
internal import Reflection
internal import Transport
internal import UsherClient

/// A command that was typed: what it was told, and where it writes.
struct Invocation: Sendable {
  /// The command.
  let command: Command
  /// The words behind the command's name.
  let words: [String]
  /// The flags.
  let flags: ParsedArguments
  /// Where it writes.
  let console: Console
  /// How its answers are set off.
  let style: Style
  /// The server it speaks to.
  let address: SocketAddress
  /// What it shows the server.
  let keys: Keys
  /// How long it waits for one answer.
  let timeout: Duration
  /// How long it waits before it says that it does.
  let patience: Duration

  /// Makes what the server knows a repeated call by.
  let makeIdempotencyKey: @Sendable () -> String
  /// Reads the schema that commands know methods and messages by.
  let makeCatalog: @Sendable () throws -> Catalog

  /// How a call that is answered once is made.
  var options: CallOptions { CallOptions(timeout: timeout) }

  /// Runs `body` with a client of the server.
  func connected<Result>(_ body: (UsherClient) async throws -> Result) async throws -> Result {
    var limits = ClientLimits.defaults
    limits.connectTimeout = min(timeout, limits.connectTimeout)
    return try await withUsher(at: [address], limits: limits) { try await body($0) }
  }

  /// Waits for what `body` answers; on a terminal a person is told when that takes long.
  func waiting<Result: Sendable>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    // Leaving this function cancels it.
    async let _: Void = remindOfWaiting()
    return try await body()
  }

  /// Says so when nothing else was said for a while, unless the task is cancelled before.
  func remindOfWaiting() async {
    guard console.remarksToTerminal else { return }
    // Cancelled by the answer; then there is nothing to say.
    guard (try? await ContinuousClock().sleep(for: patience)) != nil else { return }
    console.remark("waiting for \(address) …")
  }
}
