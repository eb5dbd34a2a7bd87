import Access
import Domain
import Glibc
import RPCCore
import ServicesSupport
import TestSupport
import Testing
import Transport
import UsherCommand

/// A server that sells seats over a store in memory, listens on a port, and has left its keys in a
/// directory.
struct Kept: Sendable {
  let parts: Assembly
  let address: String
  let data: String

  /// Runs `body` with such a server.
  static func run(_ body: (Kept) async throws -> Void) async throws {
    try await Assembly.serving(at: .tcp(host: "127.0.0.1", port: 0)) { parts, address in
      let folder = try KeyFolder()
      try folder.write("operator.key", parts.operatorKey.text + "\n")
      try folder.write("app.key", parts.appKey.text + "\n")
      try await body(Kept(parts: parts, address: "\(address)", data: folder.path))
    }
  }

  /// The line's end that says where the server is and where its keys are.
  var place: [String] { ["--connect", address, "--data", data] }

  /// Runs one command against it, as it is told from a shell; words in quotes are one.
  func run(
    _ line: String,
    data: String? = nil,
    onTerminal: Bool = false,
    input: TypedInput = TypedInput()
  ) async -> (code: ExitCode, transcript: Transcript) {
    let words = line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .flatMap { index, part in
        index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
      }
    let transcript = Transcript()
    let code = await transcript.run(
      words + ["--connect", address, "--data", data ?? self.data],
      catalog: Schemas.usher,
      onTerminal: onTerminal,
      input: input
    )
    return (code, transcript)
  }

  /// What a command answers that has to succeed.
  func answers(
    _ line: String,
    data: String? = nil,
    onTerminal: Bool = false
  ) async throws -> [String] {
    let (code, transcript) = await run(line, data: data, onTerminal: onTerminal)
    try #require(code == .done, "\(line): \(transcript.remarks)")
    return transcript.answers
  }

  /// A concert behind a gate for one at a time, with a date of five seats.
  func openSale() async throws {
    _ = try await answers("gate set spring --inside 1 --reason opening")
    _ = try await answers("concert create Spring --gate spring --place \"Hall 1\"")
    _ = try await answers(
      "date add Spring --opens 2026-06-01T19:00:00Z --booking-from 2026-05-01T00:00:00Z "
        + "--seats 5 --price 100"
    )
  }
}

/// A directory of a test's own, which goes with the value.
final class KeyFolder: Sendable {
  let path: String
  private static let names = ["operator.key", "app.key", "buyer.json"]

  init() throws {
    var template = Array("/tmp/usher-keys-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CannotWrite() }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func write(_ name: String, _ text: String) throws {
    guard let file = fopen("\(path)/\(name)", "w") else { throw CannotWrite() }
    fputs(text, file)
    fclose(file)
  }

  struct CannotWrite: Error {}

  deinit {
    for name in Self.names { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

extension KeyFolder {
  /// A directory with the app's key of that server, for another who buys.
  convenience init(of kept: Kept) throws {
    try self.init()
    try write("app.key", kept.parts.appKey.text + "\n")
  }
}
