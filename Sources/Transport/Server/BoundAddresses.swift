internal import RPCCore

/// Addresses that are listened on before there is a server to answer there: whoever connects waits.
///
/// A program that takes its addresses first has done nothing else when they are in use. What no
/// server takes over is let go of with the last reference.
public final class BoundAddresses: Sendable {
  /// A socket that listens, on its way to its loop.
  struct One: Sendable {
    let address: SocketAddress
    let name: SocketName?
    let socket: DescriptorBox
  }

  let all: [One]

  /// The addresses, with the ports that the kernel chose.
  public var addresses: [SocketAddress] { all.map(\.address) }

  /// Listens on all of them, or on none. `backlog` is how many connections may wait on each.
  public init(
    _ addresses: [SocketAddress],
    backlog: Int32 = TransportLimits.defaults.backlog
  ) throws(SocketFailure) {
    var all: [One] = []
    do throws(SocketFailure) {
      for address in addresses {
        let socket = try Listener.bind(address, backlog: backlog)
        let actual = Self.actual(address, socket)
        all.append(One(address: actual, name: SocketName(actual), socket: DescriptorBox(socket)))
      }
    } catch {
      for one in all { one.name?.remove() }
      throw error
    }
    self.all = all
  }

  deinit {
    for one in all {
      guard let socket = one.socket.take() else { continue }
      // Before the socket is closed: until then no other can be taken for it.
      one.name?.remove()
      _ = consume socket
    }
  }

  private static func actual(
    _ address: SocketAddress,
    _ socket: borrowing Socket
  ) -> SocketAddress {
    guard case .tcp(let host, 0) = address, let port = NativeAddress.local(of: socket).port else {
      return address
    }
    return .tcp(host: host, port: port)
  }
}
