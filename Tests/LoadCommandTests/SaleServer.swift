import Access
import ServicesSupport
import Transport

/// Runs `body` with a server on a socket that has left its keys in the desk's folder.
func withSaleServer(_ body: (Desk, [String]) async throws -> Void) async throws {
  let desk = try Desk()
  try await Assembly.serving(at: .unix(path: desk.path("socket"))) { parts, address in
    _ = try desk.write("operator.key", parts.operatorKey.text + "\n")
    _ = try desk.write("app.key", parts.appKey.text + "\n")
    try await body(desk, ["--connect", "\(address)", "--data", desk.folder, "--quiet"])
  }
}
