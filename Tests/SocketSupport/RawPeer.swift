import Foundation
import Glibc
import Synchronization
import Transport
import Wire

/// A frame that came, copied.
struct ReceivedFrame: Sendable {
  let kind: FrameKind?
  let call: UInt32
  let status: StatusCode
  let reason: String
  let message: [UInt8]
  let settings: Settings?
  let nonce: UInt64

  init(_ bytes: UnsafeRawBufferPointer) throws {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
    let frame = try FrameView(unpacking: bytes, in: arena)
    kind = frame.kind
    call = frame.call
    status = frame.status
    reason = frame.reason
    message = Array(frame.message)
    settings = frame.settings
    nonce = frame.nonce
  }
}

/// The bytes of a frame that carries `message`.
func bytes(_ frame: OutgoingFrame, _ message: (any Message)? = nil) -> [UInt8] {
  var buffer = ByteBuffer()
  let encoded = message.map { $0.encoded() } ?? []
  encoded.withUnsafeBytes { buffer.append(frame, message: $0) }
  return buffer.withBytes { Array($0) }
}

/// A socket with nothing above it, to say what no client would. Each wait has an end.
final class RawPeer: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  static let patienceMs: CInt = 20_000

  let descriptor: CInt
  private let unread = Mutex<[UInt8]>([])
  private let isOpen = Mutex(true)

  /// A socket that is not connected yet.
  init(for address: SocketAddress) throws {
    let family = if case .unix = address { AF_UNIX } else { AF_INET }
    descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
  }

  convenience init(to address: SocketAddress) throws {
    try self.init(for: address)
    try connect(to: address)
  }

  deinit { close() }

  func close() {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    if wasOpen { _ = Glibc.close(descriptor) }
  }

  /// Connects. A listening socket answers before anyone accepts, so this does not wait.
  func connect(to address: SocketAddress) throws {
    let result = withNative(address) { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 else { throw Failure(description: "connect: \(errno)") }
  }

  func send(_ bytes: [UInt8]) throws {
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
  func sendUntilFull(_ bytes: [UInt8]) -> Int {
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

  func endSending() { shutdown(descriptor, CInt(SHUT_WR)) }

  /// The next frame; nil when the peer has closed.
  func nextFrame() async throws -> ReceivedFrame? {
    try await onThread { [self] in
      guard let prefix = try take(4) else { return nil }
      let length = prefix.reduce(0) { $0 << 8 | Int($1) }
      guard let frame = try take(length) else { return nil }
      return try frame.withUnsafeBytes { try ReceivedFrame($0) }
    }
  }

  /// The next frame of that kind; nil when the peer has closed.
  func next(_ kind: FrameKind) async throws -> ReceivedFrame? {
    while let frame = try await nextFrame() {
      if frame.kind == kind { return frame }
    }
    return nil
  }

  /// Everything until the peer closes.
  func rest() async throws -> [UInt8] {
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

  /// Whether nothing comes for `milliseconds`, and the connection stays.
  func isSilent(forMs milliseconds: CInt) async throws -> Bool {
    try await onThread { [self] in
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&watched, 1, milliseconds) == 0
    }
  }
}

/// A TCP socket that listens and accepts nothing, so that connections to it get no answer.
final class DeafListener: Sendable {
  private let descriptor: CInt
  let address: SocketAddress

  init(backlog: CInt) throws {
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
  func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  /// Opens as many connections as wait to be accepted, and then some, so that the next gets no answer.
  func fill() throws -> [RawPeer] {
    try (0..<4).map { _ in
      let peer = try RawPeer(for: address)
      _ = fcntl(peer.descriptor, F_SETFL, O_NONBLOCK)
      // It is under way, which is all that it is for.
      try? peer.connect(to: address)
      return peer
    }
  }

  /// Takes a connection and resets it after `bytes` were sent and some were left unread.
  func acceptAndReset(after bytes: [UInt8]) async throws {
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

private func withNative<Result>(
  _ address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
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
