internal import Glibc

/// Wakes a thread that waits for a socket: a pipe to itself.
final class Bell: Sendable {
  private let readEnd: CInt
  private let writeEnd: CInt

  init() {
    var ends: [CInt] = [-1, -1]
    let made = unsafe pipe(&ends)
    precondition(made == 0, "the system has no pipe")
    (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    _ = Glibc.close(readEnd)
    _ = Glibc.close(writeEnd)
  }

  func ring() {
    var one: UInt8 = 1
    // A full pipe has rung already.
    _ = unsafe write(writeEnd, &one, 1)
  }

  /// Waits until it is rung, the socket has something to read, or a time on the connections' clock.
  func wait(until deadline: Int64, or socket: CInt?) {
    var files = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
    if let socket { files.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
    let left = max(0, deadline - PostgresConnection.now())
    _ = unsafe poll(&files, nfds_t(files.count), Int32(clamping: left))
    var rings = [UInt8](repeating: 0, count: 64)
    while unsafe read(readEnd, &rings, rings.count) > 0 {}
  }
}
