internal import Glibc

/// Where a program writes and reads, and who is at the other end. A value, so that a test can be.
public struct Console: Sendable {
  /// Writes a line of what was asked for.
  public let answer: @Sendable (_ line: String) -> Void
  /// Writes a line about how it goes: waiting, mistakes, failures.
  public let remark: @Sendable (_ line: String) -> Void
  /// Reads the next piece of what the program is given; nil when no more comes.
  public let input: @Sendable () async -> [UInt8]?
  /// Whether a person types what the program is given.
  public let inputIsTerminal: Bool
  /// Whether a person reads the answers.
  public let answersToTerminal: Bool
  /// Whether a person reads the remarks.
  public let remarksToTerminal: Bool

  /// A console that writes to these, and reads from `input`.
  public init(
    answersToTerminal: Bool = false,
    remarksToTerminal: Bool = false,
    inputIsTerminal: Bool = false,
    answer: @escaping @Sendable (_ line: String) -> Void,
    remark: @escaping @Sendable (_ line: String) -> Void,
    input: @escaping @Sendable () async -> [UInt8]? = { nil }
  ) {
    self.input = input
    self.inputIsTerminal = inputIsTerminal
    self.answer = answer
    self.remark = remark
    self.answersToTerminal = answersToTerminal
    self.remarksToTerminal = remarksToTerminal
  }

  /// Standard output, standard error and standard input of this process.
  public static let standard = Console(
    answersToTerminal: isatty(STDOUT_FILENO) == 1,
    remarksToTerminal: isatty(STDERR_FILENO) == 1,
    inputIsTerminal: isatty(STDIN_FILENO) == 1,
    answer: { write($0, to: STDOUT_FILENO) },
    remark: { write($0, to: STDERR_FILENO) },
    input: { await StandardInput.next() }
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
