internal import CLinux
internal import Glibc

/// What a system call on a socket came to. EINTR never leaves this file.
enum IOResult {
  case processed(Int)
  case wouldBlock
  case failed(errno: CInt)
}

/// A descriptor with one owner, which is closed with it. Never blocks.
struct Socket: ~Copyable {
  let descriptor: CInt

  init(descriptor: CInt) { self.descriptor = descriptor }

  deinit { _ = Glibc.close(descriptor) }

  /// Gives the descriptor away, open.
  consuming func release() -> CInt {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  static func make(family: CInt) throws(SocketFailure) -> Socket {
    let kind =
      CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw SocketFailure("socket", systemError: errno) }
    return Socket(descriptor: descriptor)
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
    Self.retrying { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> IOResult {
    Self.retrying { Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL)) }
  }

  /// The descriptor of a connection that waits to be accepted.
  func accept() -> IOResult {
    let flags = CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    return Self.retrying { Int(accept4(descriptor, nil, nil, flags)) }
  }

  func shutdownAll() { _ = shutdown(descriptor, CInt(SHUT_RDWR)) }

  func shutdownSending() { _ = shutdown(descriptor, CInt(SHUT_WR)) }

  /// Sends small frames at once. Means nothing on a unix socket, which refuses it.
  func disableDelay() { set(CInt(IPPROTO_TCP), TCP_NODELAY, 1) }

  func set(_ level: CInt, _ option: CInt, _ value: CInt) {
    var value = value
    _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }

  /// The error that a connect in the background ended with; 0 if it succeeded.
  func takeError() -> CInt {
    var error: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 else { return errno }
    return error
  }

  private static func retrying(_ call: () -> Int) -> IOResult {
    while true {
      let result = call()
      if result >= 0 { return .processed(result) }
      switch errno {
      case EINTR: continue
      case EAGAIN, EWOULDBLOCK: return .wouldBlock
      default: return .failed(errno: errno)
      }
    }
  }
}

/// An error number as the system words it.
func describe(_ error: CInt) -> String {
  guard let text = strerror(error) else { return "error \(error)" }
  return String(cString: text)
}
