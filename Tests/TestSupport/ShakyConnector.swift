public import RPCCore
internal import Threads
internal import Wire

/// Connects a client to a server over links that cut bytes anywhere, hold them back for a while, and
/// break, as a seed draws it.
public final class ShakyConnector: Connector {
  /// What the network does.
  public struct Weather: Sendable {
    /// The longest that bytes are held back, in milliseconds.
    public var delayMsMax = 20
    /// A chunk of bytes breaks the connection once in so many times; 0 is never.
    public var chunksPerLoss = 0
    /// How many bytes the network holds in each direction.
    public var heldBytesMax = 64 << 10

    /// A network that breaks nothing.
    public init() {}
  }

  private struct State {
    var random: SeededGenerator
    var sessions: [LoopBound<ServerSession>] = []
    var links: [LoopBound<ShakyLink>] = []
  }

  private let core: ServerCore
  private let loop: SimulatedLoop
  private let weather: Weather
  private let state: Guarded<State>

  /// Connections to a server with that core.
  public init(to core: ServerCore, on loop: SimulatedLoop, weather: Weather, seed: UInt64) {
    self.core = core
    self.loop = loop
    self.weather = weather
    state = Guarded(State(random: SeededGenerator(seed: seed)))
  }

  /// One server.
  public var addressCount: Int { 1 }

  /// The server's side of every connection that was made.
  public var sessions: [LoopBound<ServerSession>] { state.withLock { $0.sessions } }

  /// How the server is written.
  public func name(ofAddress index: Int) -> String { "a shaky server" }

  /// The one loop.
  public func nextLoop() -> any Loop { loop }

  /// Connects, at once.
  public func connect(
    toAddress index: Int,
    on loop: any Loop,
    timeout: Duration,
    speak: @escaping (Scratch) -> any Session,
    completed: @escaping (String?) -> Void
  ) {
    let scratch = Scratch()
    let server = core.makeSession(on: loop, scratch: scratch)
    let seeds = state.withLock { state in
      state.sessions.append(LoopBound(server, to: loop))
      return (state.random.next(), state.random.next())
    }
    let clientEnd = ShakyLink(speak(scratch), on: loop, weather, seed: seeds.0)
    let serverEnd = ShakyLink(server, on: loop, weather, seed: seeds.1)
    state.withLock { $0.links.append(LoopBound(serverEnd, to: loop)) }
    ShakyLink.join(clientEnd, serverEnd)
    completed(nil)
  }

  /// Breaks every connection, of which neither end says a word more. On the loop.
  public func breakAll(_ reason: String) {
    let links = state.withLock { state in
      defer { state.links = [] }
      return state.links
    }
    for link in links { link.value.abort(reason) }
  }
}

/// One end of a shaky connection.
final class ShakyLink: Link {
  let loop: any Loop
  let id: UInt64

  private var session: (any Session)?
  private var peer: ShakyLink?
  private let weather: ShakyConnector.Weather
  private var random: SeededGenerator
  /// What was written and has not reached the peer.
  private var held: [UInt8] = []
  private var isReading = true
  private var isClosing = false
  private var isFlushing = false
  private var isDelivering = false
  private var alarm: (any ScheduledAction)?

  init(
    _ session: any Session,
    on loop: any Loop,
    _ weather: ShakyConnector.Weather,
    seed: UInt64
  ) {
    self.session = session
    self.loop = loop
    self.weather = weather
    id = seed
    random = SeededGenerator(seed: seed)
  }

  static func join(_ one: ShakyLink, _ other: ShakyLink) {
    one.peer = other
    other.peer = one
    one.session?.opened(on: one)
    other.session?.opened(on: other)
  }

  func beginOutput() -> OutputBuffer {
    flushLater()
    return OutputBuffer(capacity: 1024)
  }

  func wake(at moment: Moment) {
    alarm?.cancel()
    alarm = loop.schedule(at: moment) { [weak self] in self?.session?.woke() }
  }

  func pauseReading() { isReading = false }

  func resumeReading() {
    isReading = true
    peer?.deliverLater()
  }

  func close() {
    isClosing = true
    flushLater()
  }

  func abort(_ reason: String) { lose(reason) }

  private func flushLater() {
    guard !isFlushing else { return }
    isFlushing = true
    let end = LoopBound(self, to: loop)
    loop.execute { end.value.flush() }
  }

  /// The network takes what it can hold.
  private func flush() {
    isFlushing = false
    while let session, let output = session.output, held.count < weather.heldBytesMax {
      let room = weather.heldBytesMax - held.count
      let taken = output.bytes.withBytes { Array($0.prefix(room)) }
      held += taken
      output.bytes.consume(taken.count)
      if output.bytes.isEmpty { session.output = nil }
      session.wrote()
    }
    deliverLater()
  }

  private func deliverLater() {
    guard !isDelivering, session != nil else { return }
    isDelivering = true
    let delay = Duration.milliseconds(random.draw(from: 0...weather.delayMsMax))
    _ = loop.schedule(at: loop.now + delay) { self.deliver() }
  }

  /// Some of what is held reaches the peer, or the connection breaks.
  private func deliver() {
    isDelivering = false
    guard session != nil else { return }
    guard let peer else { return isClosing ? gone(nil) : () }
    if weather.chunksPerLoss > 0, random.isOne(in: weather.chunksPerLoss) { return lose("broken") }
    guard peer.isReading || peer.isClosing else { return }
    guard !held.isEmpty else {
      if isClosing, session?.output == nil { end() }
      return
    }
    let chunk = Array(held.prefix(random.draw(from: 1...held.count)))
    held.removeFirst(chunk.count)
    if !peer.isClosing { chunk.withUnsafeBytes { peer.session?.received($0) } }
    flushLater()
  }

  /// All was written: this end is gone, and the other hears of it.
  private func end() {
    let peer = peer
    gone(nil)
    peer?.session?.receivedEnd()
    peer?.close()
  }

  private func lose(_ reason: String) {
    let peer = peer
    gone(reason)
    peer?.gone(reason)
  }

  private func gone(_ reason: String?) {
    guard let session else { return }
    self.session = nil
    peer?.peer = nil
    peer = nil
    alarm?.cancel()
    session.output = nil
    session.lost(reason)
  }
}
