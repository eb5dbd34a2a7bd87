internal import Glibc

/// Where a program writes, and who reads there. A value, so that a test can be the reader.
public struct Console: Sendable {
  /// Writes a line of what was asked for.
  public let answer: @Sendable (_ line: String) -> Void
  /// Writes a line about how it goes: waiting, mistakes, failures.
  public let remark: @Sendable (_ line: String) -> Void
  /// Whether a person reads the answers.
  public let answersToTerminal: Bool
  /// Whether a person reads the remarks.
  public let remarksToTerminal: Bool

  /// A console that writes to these.
  public init(
    answersToTerminal: Bool = false,
    remarksToTerminal: Bool = false,
    answer: @escaping @Sendable (_ line: String) -> Void,
    remark: @escaping @Sendable (_ line: String) -> Void
  ) {
    self.answer = answer
    self.remark = remark
    self.answersToTerminal = answersToTerminal
    self.remarksToTerminal = remarksToTerminal
  }

  /// Standard output and standard error of this process.
  public static let standard = Console(
    answersToTerminal: isatty(STDOUT_FILENO) == 1,
    remarksToTerminal: isatty(STDERR_FILENO) == 1,
    answer: { write($0, to: STDOUT_FILENO) },
    remark: { write($0, to: STDERR_FILENO) }
  )

  /// Writes all of a line. Where that fails nobody is there to be told.
  private static func write(_ line: String, to descriptor: CInt) {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
