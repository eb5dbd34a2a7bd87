internal import Wire

/// One end of a connection in memory. Only on its loop.
public final class MemoryLink: Link {
  /// Where both ends live.
  public let loop: any Loop
  /// The connection's number.
  public let id: UInt64

  private var session: (any Session)?
  private var peer: MemoryLink?
  private var alarm: (any ScheduledAction)?
  private var isReading = true
  private var isClosing = false
  private var isFlushing = false

  private init(_ session: any Session, on loop: any Loop, id: UInt64) {
    self.session = session
    self.loop = loop
    self.id = id
  }

  /// Connects two sessions. Each keeps the other's end until the connection closes.
  public static func connect(_ client: any Session, _ server: any Session, on loop: any Loop) {
    let clientEnd = MemoryLink(client, on: loop, id: 1)
    let serverEnd = MemoryLink(server, on: loop, id: 2)
    clientEnd.peer = serverEnd
    serverEnd.peer = clientEnd
    client.opened(on: clientEnd)
    server.opened(on: serverEnd)
  }

  /// Answers a buffer that is handed to the other end in a later turn.
  public func beginOutput() -> OutputBuffer {
    flushLater()
    return OutputBuffer(capacity: 1024)
  }

  /// Calls ``Session/woke()`` at `moment`.
  public func wake(at moment: Moment) {
    alarm?.cancel()
    alarm = loop.schedule(at: moment) { [weak self] in self?.session?.woke() }
  }

  /// Takes nothing more from the other end.
  public func pauseReading() { isReading = false }

  /// Takes from the other end again.
  public func resumeReading() {
    isReading = true
    peer?.flushLater()
  }

  /// Hands over what waits and closes.
  public func close() {
    guard !isClosing else { return }
    isClosing = true
    flushLater()
  }

  /// Closes now.
  public func abort(_ reason: String) {
    isClosing = true
    end(reason)
  }

  private func flushLater() {
    guard !isFlushing else { return }
    isFlushing = true
    let end = LoopBound(self, to: loop)
    loop.execute { end.value.flush() }
  }

  private func flush() {
    isFlushing = false
    while let session, let output = session.output, let peer, peer.isReading || peer.isClosing {
      session.output = nil
      if !peer.isClosing { output.bytes.withBytes { peer.session?.received($0) } }
      session.wrote()
    }
    if isClosing, session?.output == nil || peer == nil || peer?.isClosing == true { end(nil) }
  }

  private func end(_ reason: String?) {
    guard let session else { return }
    self.session = nil
    alarm?.cancel()
    session.lost(reason)
    let other = peer
    peer = nil
    guard let other else { return }
    let end = LoopBound(other, to: loop)
    loop.execute { end.value.peerEnded() }
  }

  private func peerEnded() {
    session?.receivedEnd()
    peer = nil
    // With nobody at the other end, a session that waits for its calls to end waits in vain.
    close()
  }
}
