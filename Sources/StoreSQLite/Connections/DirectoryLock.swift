internal import Domain
internal import Glibc

/// The lock on a database: a file beside it that says who has it.
///
/// The system lets go of it when the process ends, however it ends; the file stays and says nothing.
@safe struct DirectoryLock: ~Copyable {
  private let descriptor: CInt

  /// Takes it for `program`, which is told to whoever comes second.
  init(besides path: String, for program: String) throws(SQLiteOpenFailure) {
    let descriptor = unsafe open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable(unsafe String(cString: strerror(errno)), path: path)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = Self.holder(in: descriptor)
      Glibc.close(descriptor)
      throw .inUse(by: holder, path: path)
    }
    self.descriptor = descriptor
    ftruncate(descriptor, 0)
    let text = Array("\(getpid()) \(program)\n".utf8)
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

  /// Its holder wrote the file when it took the lock, and not since.
  private static func holder(in descriptor: CInt) -> LockHolder? {
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    let line = String(decoding: bytes[..<count], as: UTF8.self).prefix { $0 != "\n" }
    let words = line.split(separator: " ", maxSplits: 1)
    var information = stat()
    guard let process = words.first.flatMap({ Int32($0) }),
      unsafe fstat(descriptor, &information) == 0
    else { return nil }
    return LockHolder(
      process: process,
      program: words.count > 1 ? String(words[1]) : "",
      since: Instant(milliseconds: Int64(information.st_mtim.tv_sec) * 1_000)
    )
  }
}
