internal import Glibc
package import Wire

/// The keys that the command line shows: files that a server wrote into its data directory.
package struct Keys: Sendable {
  /// Who one is to the server.
  package enum Role: String, Sendable {
    case app
    case `operator`

    /// Who has to call a service.
    init(callerOf service: String) {
      self = service == "usher.v1.OperatorService" ? .operator : .app
    }

    fileprivate var file: String { rawValue + ".key" }
  }

  /// Where servers put them unless they are told otherwise, and with `--demo`.
  private static let usual = [".usher", ".usher/demo"]
  /// What a file may hold; a key is far shorter.
  private static let bytesMax = 4_096

  private let named: String?
  private let directories: [String]

  /// The keys in `directory`; in the usual places where none is named.
  package init(in directory: String?) {
    named = directory
    directories = directory.map { [$0] } ?? Self.usual
  }

  /// Adds the key of whoever calls `service`. Where no directory is named and the usual ones have
  /// none, nothing is shown: the server says what it misses.
  package func add(to metadata: inout Metadata, toCall service: String) throws {
    let isOurs = service.hasPrefix("usher.")
    guard isOurs, metadata[Metadata.Key.authorization] == nil else { return }
    let role = Role(callerOf: service)
    guard let key = try named == nil ? find(role) : require(role) else { return }
    try metadata.add(Metadata.Key.authorization, "Bearer \(key)")
  }

  /// The key of a role. It has to be there.
  package func key(of role: Role) throws -> String { try require(role) }

  /// What shows a key that has to be there.
  func metadata(of role: Role) throws -> Metadata {
    var metadata = Metadata()
    try metadata.add(Metadata.Key.authorization, "Bearer \(try require(role))")
    return metadata
  }

  /// The directory in which the key of a role lies. It has to be there.
  func directory(of role: Role) throws -> String {
    guard let directory = try place(of: role) else { throw missing(role) }
    return directory
  }

  /// The file of the key that is shown for a role; nil where there is none.
  func path(of role: Role) -> String? {
    // Where it cannot be read, nothing was shown.
    (try? place(of: role)).map { "\($0)/\(role.file)" }
  }

  private func place(of role: Role) throws -> String? {
    try directories.first { try read("\($0)/\(role.file)") != nil }
  }

  private func require(_ role: Role) throws -> String {
    if let key = try find(role) { return key }
    throw missing(role)
  }

  private func missing(_ role: Role) -> Complaint {
    let places = directories.map { "\($0)/\(role.file)" }.joined(separator: " or ")
    return Complaint(
      "there is no \(role) key: \(places)",
      hint: "name the server's data directory with --data.",
      code: .notAllowed
    )
  }

  private func find(_ role: Role) throws -> String? {
    for directory in directories {
      if let key = try read("\(directory)/\(role.file)") { return key }
    }
    return nil
  }

  /// A file's first line; nil if there is no such file.
  private func read(_ path: String) throws -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw Self.unreadable(path, String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Self.bytesMax)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw Self.unreadable(path, String(cString: strerror(errno))) }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    // What stands there is a secret, whatever it is: no complaint repeats it.
    guard !line.isEmpty, line.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Self.unreadable(path, "it holds no key")
    }
    return String(decoding: line, as: UTF8.self)
  }

  private static func unreadable(_ path: String, _ problem: String) -> Complaint {
    Complaint("cannot read the key \(path): \(problem)", code: .notAllowed)
  }
}
