package import Domain
internal import Glibc

/// The file in the data directory that holds one API key, for its owner's eyes only.
package struct KeyFile: Sendable, Hashable {
  package let path: String

  package init(_ role: AppKey.Role, in directory: String) {
    path = directory + (directory.hasSuffix("/") ? "" : "/") + Self.name(for: role)
  }

  /// What the file is called.
  package static func name(for role: AppKey.Role) -> String {
    switch role {
    case .app: "app.key"
    case .operator: "operator.key"
    }
  }

  /// What a file may hold at most; a key is far shorter.
  private static let byteCountMax = 4096
}

/// A key file cannot be read or written.
package struct KeyFileFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  package let problem: String

  /// What is wrong with which file.
  package var description: String { "\(path): \(problem)" }

  init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  /// The system's reason for what it has just refused.
  init(_ path: String, refused what: String) {
    self.init(path, "cannot be \(what): \(String(cString: strerror(errno)))")
  }
}

// MARK: - Reading

extension KeyFile {
  struct Content: Hashable {
    /// The first line.
    let text: String
    /// Whether others than the owner may read or write it.
    let isOpenToOthers: Bool
  }

  /// What the file holds; nil if there is none.
  func read() throws(KeyFileFailure) -> Content? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw KeyFileFailure(path, refused: "read")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw KeyFileFailure(path, refused: "read") }
    var bytes = [UInt8](repeating: 0, count: Self.byteCountMax)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw KeyFileFailure(path, refused: "read") }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return Content(
      text: String(decoding: line, as: UTF8.self),
      isOpenToOthers: status.st_mode & (S_IRWXG | S_IRWXO) != 0
    )
  }
}

// MARK: - Writing

extension KeyFile {
  /// Writes the file whole or not at all, in place of another if there is one.
  func write(_ key: APIKey) throws(KeyFileFailure) {
    let draft = path + ".new"
    // What a start that was cut off has left.
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)
    guard descriptor >= 0 else { throw KeyFileFailure(path, refused: "written") }
    let isWritten = Self.write(key.text + "\n", to: descriptor)
    close(descriptor)
    guard isWritten, rename(draft, path) == 0 else {
      let failure = KeyFileFailure(path, refused: "written")
      unlink(draft)
      throw failure
    }
    try syncDirectory()
  }

  /// Puts the text down for good. The owner alone may read it, whatever the umask is.
  private static func write(_ text: String, to descriptor: CInt) -> Bool {
    guard fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 else { return false }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return fsync(descriptor) == 0
  }

  /// The name is as durable as the file.
  private func syncDirectory() throws(KeyFileFailure) {
    let end = path.lastIndex(of: "/") ?? path.startIndex
    let directory = end == path.startIndex ? "/" : String(path[..<end])
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw KeyFileFailure(path, refused: "made durable") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw KeyFileFailure(path, refused: "made durable") }
  }
}
