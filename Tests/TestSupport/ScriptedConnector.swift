public import RPCCore
internal import Threads
internal import Wire

/// Connects a client to servers that the test plays by hand.
public final class ScriptedConnector: Connector {
  private struct State {
    var servers: [LoopBound<ScriptedServer>] = []
    var attempts: [Int] = []
    var failures = 0
  }

  private let loop: SimulatedLoop
  private let state = Guarded(State())

  /// How many addresses there are.
  public let addressCount: Int

  /// Servers at that many addresses.
  public init(on loop: SimulatedLoop, addresses: Int = 1) {
    self.loop = loop
    addressCount = addresses
  }

  /// The connections that were made, in their order. Only on the loop's thread.
  public var servers: [ScriptedServer] {
    let bound = state.withLock { $0.servers }
    return loop.perform { bound.map(\.value) }
  }

  /// The addresses that were connected to, whether that succeeded or not, in their order.
  public var attempts: [Int] { state.withLock { $0.attempts } }

  /// Lets the next `count` connections fail.
  public func failNext(_ count: Int) { state.withLock { $0.failures = count } }

  /// How an address is written.
  public func name(ofAddress index: Int) -> String { "server \(index)" }

  /// The one loop.
  public func nextLoop() -> any Loop { loop }

  /// Connects, or says that it could not, in a later turn.
  public func connect(
    toAddress index: Int,
    on loop: any Loop,
    timeout: Duration,
    speak: @escaping (Scratch) -> any Session,
    completed: @escaping (String?) -> Void
  ) {
    let fails = state.withLock { state in
      state.attempts.append(index)
      guard state.failures > 0 else { return false }
      state.failures -= 1
      return true
    }
    if fails { return completed("refused") }
    let link = RecordingLink(speak(Scratch()), on: loop)
    let server = ScriptedServer(link: link, address: index, loop: self.loop)
    state.withLock { $0.servers.append(LoopBound(server, to: loop)) }
    link.open()
    completed(nil)
  }
}

/// The server's end of one connection, played by hand.
public final class ScriptedServer {
  /// The connection.
  public let link: RecordingLink
  /// Which address it was made to.
  public let address: Int

  private let loop: SimulatedLoop
  private var reader = FrameReader()

  init(link: RecordingLink, address: Int, loop: SimulatedLoop) {
    self.link = link
    self.address = address
    self.loop = loop
  }

  /// Sends frames, all in one read, and lets the client do what it can.
  public func send(_ frames: PlainFrame...) {
    loop.perform { link.deliver(frames.flatMap(\.bytes)) }
  }

  /// Sends bytes as they are.
  public func send(bytes: [UInt8]) { loop.perform { link.deliver(bytes) } }

  /// Breaks the connection.
  public func lose(_ reason: String? = nil) { loop.perform { link.lose(reason) } }

  /// Sends no more.
  public func halfClose() { loop.perform { link.halfClose() } }

  /// The frames that came since this was asked last.
  public func frames() throws -> [PlainFrame] { try reader.read(link.takeWritten()) }
}
