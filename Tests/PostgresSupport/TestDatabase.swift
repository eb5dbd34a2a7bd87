internal import Glibc

/// The server that `tools/test` starts.
package enum TestServer {
  /// Where it is; nil where the tests run without it.
  package static var url: String? {
    getenv("USHER_TEST_POSTGRES").map { String(cString: $0) }
  }

  /// Why tests that need it are skipped.
  package static let absence = "USHER_TEST_POSTGRES names no server; tools/test starts one"
}

/// A database of one test's own. It goes with the server: to drop it would make the server write out
/// all that it has, once for every test.
package final class TestDatabase: Sendable {
  package let url: String

  package init() throws {
    guard let serverURL = TestServer.url else {
      throw PlainSession.Failure(description: TestServer.absence)
    }
    let name = "usher_" + String(UInt64.random(in: .min ... .max), radix: 36)
    url = serverURL.split(separator: "/postgres?", maxSplits: 1).joined(separator: "/\(name)?")
    try PlainSession(serverURL).run("CREATE DATABASE \(name)")
  }

  /// A session in it.
  package func session() throws -> PlainSession {
    try PlainSession(url)
  }

  /// The same database by way of another socket's folder.
  package func url(through folder: String) -> String {
    url.split(separator: "host=", maxSplits: 1)[0] + "host=\(folder)"
  }

  /// The folder of the server's socket.
  package var folder: String {
    String(url.split(separator: "host=", maxSplits: 1)[1])
  }
}
