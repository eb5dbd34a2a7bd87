internal import Foundation
internal import Glibc
internal import Transport

/// A path for a unix socket that nobody else uses.
package func socketPath() -> String {
  FileManager.default.temporaryDirectory.path + "/usher-\(UUID().uuidString.prefix(8)).sock"
}

/// The address as the system takes it.
func withNative<Result>(
  _ address: SocketAddress,
  _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  switch address {
  case .tcp(_, let port):
    var native = sockaddr_in()
    native.sin_family = sa_family_t(AF_INET)
    native.sin_port = port.bigEndian
    native.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: native) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  case .unix(let path):
    var native = sockaddr_un()
    native.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &native.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: native) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
