public import RPCCore
internal import Wire

/// A client of one server's session that sends frames by hand and looks at those that come back.
public final class ServerPeer {
  /// Where the session lives.
  public let loop: SimulatedLoop
  /// The connection.
  public let link: RecordingLink
  /// The session.
  public let session: ServerSession

  private var reader = FrameReader()

  /// Connects to a server with that core, on a loop whose connections share `scratch`.
  public init(
    to core: ServerCore,
    on loop: SimulatedLoop = SimulatedLoop(),
    scratch: Scratch = Scratch(),
    id: UInt64 = 1
  ) {
    self.loop = loop
    session = core.makeSession(on: loop, scratch: scratch)
    link = RecordingLink(session, on: loop, id: id)
    loop.perform { link.open() }
  }

  /// Sends frames, all in one read, and lets the server do what it can.
  public func send(_ frames: PlainFrame...) { send(bytes: frames.flatMap(\.bytes)) }

  /// Sends frames, all in one read, and lets the server do what it can.
  public func send(_ frames: [PlainFrame]) { send(bytes: frames.flatMap(\.bytes)) }

  /// Sends bytes, in reads of at most `size`.
  public func send(bytes: [UInt8], inReadsOf size: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = Array(rest.prefix(size))
      rest = rest.dropFirst(chunk.count)
      loop.perform { link.deliver(chunk) }
    }
  }

  /// Sends `body` as a frame, whatever it is.
  public func send(rawFrame body: [UInt8]) {
    var length = UInt32(body.count).bigEndian
    send(bytes: withUnsafeBytes(of: &length) { Array($0) } + body)
  }

  /// Moves the clock.
  public func advance(by duration: Duration) { loop.advance(by: duration) }

  /// The frames that came since this was asked last, SETTINGS left out.
  public func frames() throws -> [PlainFrame] {
    try allFrames().filter { $0.kind != .settings }
  }

  /// The frames that came since this was asked last.
  public func allFrames() throws -> [PlainFrame] { try reader.read(link.takeWritten()) }
}
