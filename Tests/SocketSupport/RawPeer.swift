internal import Foundation
internal import Glibc
internal import Threads
package import Transport
package import Wire

/// A socket with nothing above it, to say what no client would. Each wait has an end.
package final class RawPeer: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  package static let patienceMs: CInt = 20_000

  package let descriptor: CInt
  private let unread = Guarded<[UInt8]>([])
  private let isOpen = Guarded(true)

  /// A socket that is not connected yet.
  package init(for address: SocketAddress) throws {
    let family = if case .unix = address { AF_UNIX } else { AF_INET }
    descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
  }

  package convenience init(to address: SocketAddress) throws {
    try self.init(for: address)
    try connect(to: address)
  }

  deinit { close() }

  package func close() {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    if wasOpen { _ = Glibc.close(descriptor) }
  }

  /// Connects. A listening socket answers before anyone accepts, so this does not wait.
  package func connect(to address: SocketAddress) throws {
    let result = withNative(address) { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 else { throw Failure(description: "connect: \(errno)") }
  }

  package func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      try waitUntil(POLLOUT)
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(description: "send: \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends as much as the system takes while the peer reads nothing. Answers how much that was.
  package func sendUntilFull(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
      }
      guard count > 0 else { break }
      sent += count
    }
    return sent
  }

  package func endSending() { shutdown(descriptor, CInt(SHUT_WR)) }

  /// The next frame; nil when the peer has closed.
  package func nextFrame() async throws -> ReceivedFrame? {
    try await onThread { try self.takeFrame() }
  }

  /// The next frame, for which the thread waits; nil when the peer has closed.
  package func takeFrame() throws -> ReceivedFrame? {
    guard let prefix = try take(4) else { return nil }
    let length = prefix.reduce(0) { $0 << 8 | Int($1) }
    guard let frame = try take(length) else { return nil }
    return try frame.withUnsafeBytes { try ReceivedFrame($0) }
  }

  /// The next frame of that kind; nil when the peer has closed.
  package func next(_ kind: FrameKind) async throws -> ReceivedFrame? {
    while let frame = try await nextFrame() {
      if frame.kind == kind { return frame }
    }
    return nil
  }

  /// Everything until the peer closes.
  package func rest() async throws -> [UInt8] {
    try await onThread { [self] in
      while try receive() {}
      return unread.withLock { $0 }
    }
  }

  /// That many bytes; nil if the peer closes before they came.
  private func take(_ count: Int) throws -> [UInt8]? {
    while unread.withLock({ $0.count }) < count {
      guard try receive() else { return nil }
    }
    return unread.withLock { unread in
      defer { unread.removeFirst(count) }
      return Array(unread.prefix(count))
    }
  }

  /// Waits for more. Answers whether it came.
  private func receive() throws -> Bool {
    try waitUntil(POLLIN)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0, errno != ECONNRESET { throw Failure(description: "recv: \(errno)") }
    guard count > 0 else { return false }
    unread.withLock { $0 += buffer.prefix(count) }
    return true
  }

  private func waitUntil(_ event: CInt) throws {
    var watched = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    guard poll(&watched, 1, Self.patienceMs) == 1 else {
      throw Failure(description: "nothing came for a long time")
    }
  }

  /// Whether the system takes more to be sent.
  package func canSend(withinMs milliseconds: CInt) async throws -> Bool {
    try await onThread { [self] in
      var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      return poll(&watched, 1, milliseconds) == 1
    }
  }

  /// Whether nothing comes for `milliseconds`, and the connection stays.
  package func isSilent(forMs milliseconds: CInt) async throws -> Bool {
    try await onThread { [self] in
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&watched, 1, milliseconds) == 0
    }
  }
}
