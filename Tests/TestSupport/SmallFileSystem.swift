internal import Foundation
internal import Glibc

/// A small file system of a test's own.
public final class SmallFileSystem: Sendable {
  /// Where it is.
  public let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("usher-small-\(UUID().uuidString)").path

  /// Nil where this process may not mount one.
  public init?(bytes: Int) {
    guard mkdir(path, 0o700) == 0 else { return nil }
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
      rmdir(path)
      return nil
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// Takes all the room that is left, but for that.
  public func fill(leaving room: Int = 0) {
    let descriptor = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    for size in [65_536, 4_096, 1] {
      let bytes = [UInt8](repeating: 0, count: size)
      while write(descriptor, bytes, size) == size {}
    }
    let size = lseek(descriptor, 0, SEEK_END)
    ftruncate(descriptor, max(0, size - room))
    close(descriptor)
  }

  /// Gives it back.
  public func makeRoom() { unlink(path + "/filler") }

  /// Whether this process may have one.
  public static let isPossible = SmallFileSystem(bytes: 1 << 16) != nil
}
