import Access
import Domain
import Glibc
import RPCCore
import ServicesSupport
import StoreSupport
import TestSupport
import Threads
import Transport

/// A server that sells seats over a store in memory, listens on a port, and has left its keys in a
/// directory.
struct Kept: Sendable {
  let parts: Assembly
  let address: String
  let data: String

  /// Runs `body` with such a server.
  static func run(_ body: (Kept) async throws -> Void) async throws {
    let thread = WorkerThread()
    defer { thread.stop() }
    let loops = EventLoopGroup(count: 1)
    defer { loops.stop() }
    let database = FakeDatabase()
    database.clock = House.start
    var random = SeededGenerator(seed: 1)
    let parts = try await Assembly(on: thread, database: database, random: &random)
    let server = try await Server(
      listeningOn: [.tcp(host: "127.0.0.1", port: 0)],
      loops: loops,
      offers: [.usher(try parts.makeCore())]
    )
    let folder = try KeyFolder()
    try folder.write("operator.key", parts.operatorKey.text + "\n")
    try folder.write("app.key", parts.appKey.text + "\n")
    try await body(Kept(parts: parts, address: "\(server.addresses[0])", data: folder.path))
    _ = await server.stop(within: .seconds(5))
    await parts.close()
  }

  /// The line's end that says where the server is and where its keys are.
  var place: [String] { ["--connect", address, "--data", data] }
}

/// A directory of a test's own, which goes with the value.
final class KeyFolder: Sendable {
  let path: String
  private static let names = ["operator.key", "app.key"]

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
