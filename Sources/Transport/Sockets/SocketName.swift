// The importer files `stat` under the first module whose headers bring it.
internal import CLibuv
internal import Glibc

/// The name that a unix socket of ours has in the file system, for as long as nobody else takes it.
struct SocketName: Sendable {
  private let path: String
  private let device: dev_t
  private let node: ino_t

  /// The name at `address`, right after it was bound; nil where an address has none.
  init?(_ address: SocketAddress) {
    guard case .unix(let path) = address, let info = Self.look(at: path) else { return nil }
    self.path = path
    device = info.st_dev
    node = info.st_ino
  }

  /// Takes the name away, unless another process has put a socket of its own there. To be called
  /// before our socket is closed, since its node's number may be given away after that.
  func remove() {
    guard let info = Self.look(at: path), info.st_dev == device, info.st_ino == node else { return }
    unlink(path)
  }

  private static func look(at path: String) -> stat? {
    var info = stat()
    return lstat(path, &info) == 0 ? info : nil
  }
}
