public import Wire

/// How `usher` ends, for whoever started it.
public struct ExitCode: Sendable, Hashable {
  /// The number that the process ends with.
  public let rawValue: Int32

  /// A program of the same family may end in ways of its own.
  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// What was asked for is done.
  public static let done = Self(rawValue: 0)
  /// It failed, in a way that has no number of its own.
  public static let failed = Self(rawValue: 1)
  /// It was typed in a way that means nothing.
  public static let usage = Self(rawValue: 2)
  /// No server answered.
  public static let notReached = Self(rawValue: 3)
  /// The key is missing, or does not allow it.
  public static let notAllowed = Self(rawValue: 4)
  /// A check or a dry run found something.
  public static let found = Self(rawValue: 5)

  /// The server answered with that status.
  public static func answered(_ status: StatusCode) -> ExitCode {
    switch status {
    case .ok: done
    case .unauthenticated, .permissionDenied: notAllowed
    default: Self(rawValue: 64 + Int32(min(status.rawValue, 63)))
    }
  }

  /// What `usher help` says of them.
  static let explanation = [
    "exit codes",
    "  0 done · 1 failed · 2 usage · 3 server not reached · 4 key missing or not allowed",
    "  5 a dry run or check found something · 64+N the server answered status N · 130 interrupted",
  ]
}
