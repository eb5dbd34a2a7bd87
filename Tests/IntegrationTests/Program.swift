import Foundation
import Glibc
import SocketSupport
import Synchronization
import Transport

/// One of the package's programs, as it was built, in a process of its own.
final class Program: Sendable {
  /// What a program said and how it ended.
  struct Outcome: Sendable {
    let code: Int32
    let output: String
    let errors: String
  }

  private let process: Process
  private let input = Pipe()
  private let output: LineReader
  private let errors: LineReader

  /// The folder in which tests and programs lie side by side.
  private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// Starts `name` with `arguments`, and with nothing in its environment but what is given.
  init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = Self.folder.appendingPathComponent(name)
    process.arguments = arguments
    process.environment = environment
    let output = Pipe()
    let errors = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    self.process = process
    self.output = LineReader(output.fileHandleForReading)
    self.errors = LineReader(errors.fileHandleForReading)
  }

  deinit { if isRunning { signal(SIGKILL) } }

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  func signal(_ number: Int32) { kill(identifier, number) }

  /// Says that nothing more comes on its standard input.
  func closeInput() { try? input.fileHandleForWriting.close() }  // closed before is closed too

  /// The next line on its standard output.
  func nextLine() async throws -> String? { try await onThread { self.output.next() } }

  /// The next line on its standard error.
  func nextRemark() async throws -> String? { try await onThread { self.errors.next() } }

  /// Waits until it has ended.
  func outcome() async throws -> Outcome {
    try await onThread { [self] in
      let output = self.output.rest()
      let errors = self.errors.rest()
      process.waitUntilExit()
      return Outcome(code: process.terminationStatus, output: output, errors: errors)
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

/// Reads a pipe line by line. For one reader at a time.
final class LineReader: Sendable {
  private let descriptor: Int32
  private let unread = Mutex<[UInt8]>([])
  /// Closes the descriptor when it is let go of.
  private let handle: FileHandle

  init(_ handle: FileHandle) {
    self.handle = handle
    descriptor = handle.fileDescriptor
  }

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
    let count = read(descriptor, &buffer, buffer.count)
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
