/// Where a server listens: `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`.
public enum SocketAddress: Sendable, Hashable {
  /// A TCP port; the host is a name or a number.
  case tcp(host: String, port: UInt16)
  /// A socket in the file system.
  case unix(path: String)

  /// Reads an address as people write it.
  public init(parsing text: String) throws(SocketFailure) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard !path.isEmpty, path.utf8.count < Self.pathBytesMax else {
        throw SocketFailure("\(text): a path has 1 to \(Self.pathBytesMax - 1) bytes")
      }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw SocketFailure("\(text): an address is HOST:PORT or unix:PATH") }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty else { throw SocketFailure("\(text): the host is missing") }
    self = .tcp(host: host, port: port)
  }

  /// What fits into a `sockaddr_un`.
  static let pathBytesMax = 108

  /// Whether only this machine can reach it.
  public var isLoopback: Bool {
    switch self {
    case .unix: true
    case .tcp("localhost", _), .tcp("::1", _): true
    // A name may begin like this too, and lead anywhere.
    case .tcp(let host, _): host.hasPrefix("127.") && NativeAddress.isNumeric(self)
    }
  }
}

extension SocketAddress: CustomStringConvertible {
  /// The address as ``init(parsing:)`` reads it.
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
  }
}

/// Something the operating system refused to do with a socket.
public struct SocketFailure: Error, Sendable, CustomStringConvertible {
  /// What was tried, and what came of it.
  public let description: String
  /// The system's number for what came of it; nil where it was not asked.
  public let errorNumber: Int32?

  init(_ description: String, errorNumber: Int32? = nil) {
    self.description = description
    self.errorNumber = errorNumber
  }

  /// What the system said when `what` was tried.
  init(_ what: String, systemError: Int32) {
    self.init("\(what): \(describe(systemError))", errorNumber: systemError)
  }
}
