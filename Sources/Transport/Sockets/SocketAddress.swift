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
    let mistake = "\(text): an address is HOST:PORT or unix:PATH"
    if let scheme = text.firstRange(of: "://") {
      let rest = text[scheme.upperBound...].prefix { $0 != "/" }
      let likely = rest.contains(":") ? "\(rest)" : "\(rest):PORT"
      throw SocketFailure(mistake, hint: "it is no URL: \(likely)")
    }
    guard let colon = text.lastIndex(of: ":") else { throw SocketFailure(mistake) }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.allSatisfy(\.isWholeNumber) else { throw SocketFailure(mistake) }
    guard let port = UInt16(digits) else {
      throw SocketFailure("\(text): a port is a number from 0 to \(UInt16.max)")
    }
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
  /// What would help, if that is known.
  public let hint: String?

  init(_ description: String, errorNumber: Int32? = nil, hint: String? = nil) {
    self.description = description
    self.errorNumber = errorNumber
    self.hint = hint
  }

  /// What the system said when `what` was tried.
  init(_ what: String, systemError: Int32) {
    self.init("\(what): \(describe(systemError))", errorNumber: systemError)
  }
}
