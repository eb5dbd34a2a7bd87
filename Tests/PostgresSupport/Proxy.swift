internal import Glibc
internal import Threads

/// Stands between a client and the server, and gets in the way of one commit when it is told to.
package final class Proxy: Sendable {
  /// What happens to the next commit.
  package enum Fault: Sendable {
    /// It reaches the server; the client's connection is cut when the answer comes.
    case swallowAnswer
    /// It does not reach the server; the client's connection is cut, and the server's is left.
    case swallowCommit
    /// It reaches the server, and the client's connection is cut at once.
    case cutAfterCommit
  }

  private struct State {
    var fault: Fault?
    var isDeaf = false
    var isDeafAfterFault = false
    var isClosed = false
    /// Ends towards the server that nobody speaks on any more.
    var left: [CInt] = []
  }

  /// The folder of its socket.
  package let folder: String
  private let target: String
  private let listening: CInt
  private let state = Guarded(State())

  /// Passes everything on to the server whose socket is in `target`.
  package init(to target: String) throws {
    self.target = target
    var template = Array("/tmp/usher-proxy-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw PlainSession.Failure(description: "there is no folder for a proxy")
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    listening = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let bound = withSocketAddress(in: folder) { bind(listening, $0, $1) }
    guard bound == 0, listen(listening, 16) == 0, BlockingThread.start({ self.accept() }) else {
      throw PlainSession.Failure(description: "the proxy has no socket")
    }
  }

  /// Gets in the way of the next commit; afterwards, if it is said, nobody gets through any more.
  package func arm(_ fault: Fault, thenDeaf: Bool = false) {
    state.withLock { state in
      state.fault = fault
      state.isDeafAfterFault = thenDeaf
    }
  }

  /// Takes no more connections, and lets go of those that were left.
  package func close() {
    let left = state.withLock { state in
      state.isClosed = true
      defer { state.left = [] }
      return state.left
    }
    for end in left { _ = Glibc.close(end) }
    shutdown(listening, Int32(SHUT_RDWR))
    unlink(folder + "/.s.PGSQL.5432")
    rmdir(folder)
  }

  private func accept() {
    while true {
      let client = Glibc.accept(listening, nil, nil)
      guard client >= 0 else { break }
      let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let isThere =
        !state.withLock { $0.isDeaf }
        && withSocketAddress(in: target) { connect(server, $0, $1) } == 0
      let link = ProxiedLink(client: client, server: server, proxy: self)
      guard isThere, BlockingThread.start({ link.passAnswers() }),
        BlockingThread.start({ link.passRequests() })
      else {
        link.cutClient()
        continue
      }
    }
    _ = Glibc.close(listening)
  }

  /// The fault, if these bytes have a commit in them.
  fileprivate func fault(in bytes: ArraySlice<UInt8>) -> Fault? {
    // A prepared statement is bound by its name, which ends with a zero.
    let commit = Array("commit\0".utf8)
    guard bytes.indices.contains(where: { bytes[$0...].starts(with: commit) }) else { return nil }
    return state.withLock { state in
      guard let fault = state.fault else { return nil }
      state.fault = nil
      state.isDeaf = state.isDeafAfterFault
      return fault
    }
  }

  fileprivate func leave(_ end: CInt) {
    let isClosed = state.withLock { state in
      if !state.isClosed { state.left.append(end) }
      return state.isClosed
    }
    if isClosed { _ = Glibc.close(end) }
  }
}

/// One client's connection and the one that was made to the server for it.
private final class ProxiedLink: Sendable {
  private let client: CInt
  private let server: CInt
  private let proxy: Proxy
  private let swallowsAnswer = Guarded(false)

  init(client: CInt, server: CInt, proxy: Proxy) {
    self.client = client
    self.server = server
    self.proxy = proxy
  }

  func cutClient() {
    shutdown(client, Int32(SHUT_RDWR))
  }

  func passRequests() {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(client, &buffer, buffer.count)
      guard count > 0 else { break }
      let fault = proxy.fault(in: buffer[..<count])
      switch fault {
      case .swallowCommit:
        cutClient()
        return proxy.leave(server)
      case .swallowAnswer: swallowsAnswer.withLock { $0 = true }
      case .cutAfterCommit, nil: break
      }
      guard send(buffer[..<count], to: server) else { break }
      if case .cutAfterCommit = fault {
        cutClient()
        return proxy.leave(server)
      }
    }
    shutdown(server, Int32(SHUT_RDWR))
  }

  func passAnswers() {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(server, &buffer, buffer.count)
      guard count > 0, !swallowsAnswer.withLock({ $0 }), send(buffer[..<count], to: client)
      else { break }
    }
    cutClient()
  }

  private func send(_ bytes: ArraySlice<UInt8>, to end: CInt) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// Runs `body` with the address of the socket in a folder.
private func withSocketAddress<Answer>(
  in folder: String,
  _ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer
) -> Answer {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let path = Array((folder + "/.s.PGSQL.5432").utf8)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}
