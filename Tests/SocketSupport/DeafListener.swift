internal import Glibc
package import Transport

/// A TCP socket that listens and accepts nothing, so that connections to it get no answer.
package final class DeafListener: Sendable {
  private let descriptor: CInt
  package let address: SocketAddress

  package init(backlog: CInt) throws {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    self.descriptor = descriptor
    let any = SocketAddress.tcp(host: "127.0.0.1", port: 0)
    let bound = withNative(any) { bind(descriptor, $0, $1) }
    guard bound == 0, listen(descriptor, backlog) == 0 else {
      throw RawPeer.Failure(description: "listen: \(errno)")
    }
    var native = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &native) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &size)
      }
    }
    address = .tcp(host: "127.0.0.1", port: UInt16(bigEndian: native.sin_port))
  }

  deinit { _ = Glibc.close(descriptor) }

  /// Listens no more.
  package func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  /// Opens as many connections as wait to be accepted, and then some, so that the next gets no answer.
  package func fill() throws -> [RawPeer] {
    try (0..<4).map { _ in
      let peer = try RawPeer(for: address)
      _ = fcntl(peer.descriptor, F_SETFL, O_NONBLOCK)
      // It is under way, which is all that it is for.
      try? peer.connect(to: address)
      return peer
    }
  }

  /// Takes a connection and resets it after `bytes` were sent and some were left unread.
  package func acceptAndReset(after bytes: [UInt8]) async throws {
    try await onThread { [self] in
      let connection = accept(descriptor, nil, nil)
      guard connection >= 0 else { throw RawPeer.Failure(description: "accept: \(errno)") }
      // Once the client has written, closing with that unread makes the system send a reset.
      var watched = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
      poll(&watched, 1, RawPeer.patienceMs)
      _ = bytes.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, 0) }
      Glibc.close(connection)
    }
  }
}
