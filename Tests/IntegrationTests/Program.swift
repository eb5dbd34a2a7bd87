import CLinux
import Foundation
import Glibc
import SocketSupport
import Threads
import Transport

/// One of the package's programs, as it was built, in a process of its own.
///
/// Started with posix_spawn: Foundation's Process reads beyond what it may, as ASan finds.
final class Program: Sendable {
  /// What a program said and how it ended.
  struct Outcome: Sendable {
    /// The exit code; for one that a signal ended, its number below zero.
    let code: Int32
    let output: String
    let errors: String
  }

  let identifier: pid_t
  private let input: Shared<Descriptor?>
  private let output: LineReader
  private let errors: LineReader
  private let hasEnded = Shared(false)
  /// A data directory of its own, where nothing else was said.
  private let data = FileManager.default.temporaryDirectory
    .appendingPathComponent("usher-\(UUID().uuidString)").path

  /// The folder in which tests and programs lie side by side.
  private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// Whether the tests and the programs were built with a sanitizer, which makes them slow and keeps
  /// memory for its own ends. Its runtime is a part of the test's own program.
  static let isSanitized = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

  /// What a program that was built with a sanitizer is told: what is told to the tests, and that what
  /// it leaves to the system when it exits is no leak.
  private static let inherited = ProcessInfo.processInfo.environment.filter {
    $0.key.hasSuffix("SAN_OPTIONS")
  }.merging(isSanitized ? ["LSAN_OPTIONS": "detect_leaks=0"] : [:]) { "\($0):\($1)" }

  /// Starts `name` with `arguments`, and with nothing in its environment but what is given.
  convenience init(
    _ name: String,
    _ arguments: [String],
    environment: [String: String] = [:]
  ) throws {
    let path = Self.folder.appendingPathComponent(name).path
    try self.init(path: path, arguments, environment: environment)
  }

  /// The same for any program.
  init(path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let pipes = try (0..<3).map { _ in try Descriptor.pipe() }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, pipe) in pipes.enumerated() {
      let theirs = number == 0 ? pipe.read : pipe.write
      posix_spawn_file_actions_adddup2(&actions, theirs.number, Int32(number))
    }
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let environment = ["USHER_DATA": data].merging(environment) { $1 }
    let variables = Self.inherited.merging(environment) { $1 }.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var identifier = pid_t()
    let error = posix_spawn(&identifier, path, &actions, nil, words, variables)
    guard error == 0 else { throw POSIXError(.init(rawValue: error) ?? .EINVAL) }
    self.identifier = identifier
    input = Shared(pipes[0].write)
    output = LineReader(pipes[1].read)
    errors = LineReader(pipes[2].read)
  }

  deinit {
    if !hasEnded.value {
      kill(identifier, SIGKILL)
      waitpid(identifier, nil, 0)
    }
    // Not every program makes one.
    try? FileManager.default.removeItem(atPath: data)
  }

  func signal(_ number: Int32) { kill(identifier, number) }

  /// Says that nothing more comes on its standard input.
  func closeInput() { input.change { $0 = nil } }

  /// The next line on its standard output.
  func nextLine() async throws -> String? { try await onThread { self.output.next() } }

  /// The next line on its standard error.
  func nextRemark() async throws -> String? { try await onThread { self.errors.next() } }

  /// Waits until it has ended.
  func outcome() async throws -> Outcome {
    try await onThread { [self] in
      let output = self.output.rest()
      let errors = self.errors.rest()
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      hasEnded.change { $0 = true }
      let signal = status & 0x7F
      return Outcome(
        code: signal == 0 ? status >> 8 & 0xFF : -signal,
        output: output,
        errors: errors
      )
    }
  }

  /// Runs a program to its end.
  static func run(
    _ name: String,
    _ arguments: String...,
    environment: [String: String] = [:]
  ) async throws -> Outcome {
    let program = try Program(name, arguments, environment: environment)
    program.closeInput()
    return try await program.outcome()
  }
}

/// A descriptor that is closed when it is let go of.
final class Descriptor: Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  /// Both ends of a pipe, which no other child inherits.
  static func pipe() throws -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw POSIXError(.EMFILE) }
    return (Descriptor(ends[0]), Descriptor(ends[1]))
  }
}

/// Reads a pipe line by line. For one reader at a time.
final class LineReader: Sendable {
  private let descriptor: Descriptor
  private let unread = Guarded<[UInt8]>([])

  init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// The next line without its end; nil when there are no more.
  func next() -> String? {
    while true {
      let line: String? = unread.withLock { unread in
        guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { unread.removeSubrange(...end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      if let line { return line }
      guard readMore() else { return nil }
    }
  }

  /// Everything until the end.
  func rest() -> String {
    while readMore() {}
    return unread.withLock { String(decoding: $0, as: UTF8.self) }
  }

  private func readMore() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor.number, &buffer, buffer.count)
    guard count > 0 else { return false }
    unread.withLock { $0 += buffer.prefix(count) }
    return true
  }
}

/// A server that was started on a port of its choice.
struct Usherd {
  let program: Program
  let address: SocketAddress

  init(_ arguments: String...) async throws {
    program = try Program("usherd", ["--listen", "127.0.0.1:0"] + arguments)
    guard let line = try await program.nextLine(), let port = UInt16(line) else {
      throw TookTooLong("usherd did not start: \(try await program.outcome().errors)")
    }
    address = .tcp(host: "127.0.0.1", port: port)
  }

  var connect: String { "--connect=\(address)" }
}
