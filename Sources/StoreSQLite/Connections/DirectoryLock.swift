internal import Glibc

/// The lock on a database: a file beside it that holds the number of the process that has it.
///
/// The system lets go of it when the process ends, however it ends; the file stays and says nothing.
@safe struct DirectoryLock: ~Copyable {
  private let descriptor: CInt

  init(besides path: String) throws(SQLiteOpenFailure) {
    let descriptor = unsafe open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable(unsafe String(cString: strerror(errno)), path: path)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let owner = Self.process(in: descriptor)
      Glibc.close(descriptor)
      throw .inUse(by: owner, path: path)
    }
    self.descriptor = descriptor
    ftruncate(descriptor, 0)
    let text = Array("\(getpid())\n".utf8)
    // Only for whoever is refused: the lock holds without it.
    unsafe pwrite(descriptor, text, text.count, 0)
  }

  deinit {
    ftruncate(descriptor, 0)
    // A child that was forked and has not begun its own program yet shares the descriptor: closing
    // this one would leave the lock with it.
    flock(descriptor, LOCK_UN)
    Glibc.close(descriptor)
  }

  private static func process(in descriptor: CInt) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
    guard count > 1 else { return nil }
    return Int32(String(decoding: bytes[..<(count - 1)], as: UTF8.self))
  }
}
