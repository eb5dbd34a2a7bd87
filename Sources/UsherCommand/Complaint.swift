internal import Arguments
internal import RPCCore
internal import Spelling
internal import Wire

/// Why a command did not do what it was asked to, as a person is told it: what it is in one line,
/// and what would help, where anything would.
package struct Complaint: Error, Hashable {
  package let message: String
  let hint: String?
  package let code: ExitCode

  package init(_ message: String, hint: String? = nil, code: ExitCode) {
    self.message = message
    self.hint = hint
    self.code = code
  }

  /// What a program prints. Some of it may be a server's words, which must not steer the terminal.
  package func lines(of program: String) -> [String] {
    (["\(program): \(message)"] + (hint.map { ["  hint:   \($0)"] } ?? [])).map(Self.printable)
  }

  private static let charactersMax = 1_000

  private static func printable(_ line: String) -> String {
    let shown = String(line.unicodeScalars.prefix(charactersMax))
    return shown.printable + (line.unicodeScalars.count > charactersMax ? "…" : "")
  }
}

extension Complaint {
  /// What to say of `error`.
  package init(about error: any Error) {
    switch error {
    case let complaint as Complaint: self = complaint
    case let error as UsageError:
      self.init(error.description, hint: error.hint, code: .usage)
    case let failure as RPCFailure: self.init(failure)
    default: self.init("a fault of usher itself: \(error)", code: .failed)
    }
  }

  private init(_ failure: RPCFailure) {
    guard failure.isFromPeer else {
      guard failure.code == .unavailable || failure.code == .deadlineExceeded else {
        self.init(failure.description, code: .failed)
        return
      }
      self.init(
        "server not reached: \(failure.message)",
        hint: "see that usherd runs there, or name another address with --connect.",
        code: .notReached
      )
      return
    }
    let kind = failure.refusal ?? "\(failure.code)"
    self.init(
      failure.message.isEmpty ? kind : "\(kind): \(failure.message)",
      hint: Self.hint(failure),
      code: .answered(failure.code)
    )
  }

  private static func hint(_ failure: RPCFailure) -> String? {
    if let wait = failure.trailers[Metadata.Key.retryAfterMs] { return "try again in \(wait) ms." }
    guard failure.code == .unimplemented else { return nil }
    return "the server may be older than this usher; ask it with usherd --version."
  }
}
