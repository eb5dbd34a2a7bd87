internal import Glibc

/// An address as the system takes it: a `sockaddr` of some family and its length.
struct NativeAddress {
  private var storage = sockaddr_storage()
  private var length = socklen_t(0)

  var family: CInt { CInt(storage.ss_family) }

  /// Every address that `address` stands for, in the order they should be tried. Looks names up, and
  /// may block while it does.
  static func resolve(_ address: SocketAddress) throws(SocketFailure) -> [NativeAddress] {
    switch address {
    case .unix(let path): [NativeAddress(path: path)]
    case .tcp(let host, let port): try lookUp(host, port)
    }
  }

  /// Whether `address` can be resolved without asking anyone.
  static func isNumeric(_ address: SocketAddress) -> Bool {
    guard case .tcp(let host, _) = address else { return true }
    var v4 = in_addr()
    var v6 = in6_addr()
    return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1
  }

  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// The address that the kernel gave `socket`.
  static func local(of socket: borrowing Socket) -> NativeAddress {
    var native = NativeAddress()
    native.length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let descriptor = socket.descriptor
    _ = withUnsafeMutablePointer(to: &native.storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &native.length)
      }
    }
    return native
  }

  /// The port, for the families that have one.
  var port: UInt16? {
    withUnsafeBytes(of: storage) { bytes in
      switch family {
      case AF_INET: UInt16(bigEndian: bytes.loadUnaligned(as: sockaddr_in.self).sin_port)
      case AF_INET6: UInt16(bigEndian: bytes.loadUnaligned(as: sockaddr_in6.self).sin6_port)
      default: nil
      }
    }
  }

  private init() {}

  private init(path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      room.copyBytes(from: Array(path.utf8).prefix(room.count - 1))
    }
    withUnsafeMutableBytes(of: &storage) { room in
      withUnsafeBytes(of: address) { room.copyMemory(from: $0) }
    }
    length = socklen_t(MemoryLayout<sockaddr_un>.size)
  }

  private static func lookUp(
    _ host: String,
    _ port: UInt16
  ) throws(SocketFailure) -> [NativeAddress] {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else {
      throw SocketFailure("\(host): \(String(cString: gai_strerror(code)))")
    }
    defer { freeaddrinfo(list) }
    var found: [NativeAddress] = []
    var next = list
    while let entry = next?.pointee {
      var native = NativeAddress()
      native.length = entry.ai_addrlen
      if let address = entry.ai_addr {
        withUnsafeMutableBytes(of: &native.storage) { room in
          room.copyMemory(
            from: UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
          )
        }
        found.append(native)
      }
      next = entry.ai_next
    }
    return found
  }
}
