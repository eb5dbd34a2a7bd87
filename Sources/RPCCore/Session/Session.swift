public import Wire

/// What speaks on a connection. It is given bytes and the time, and leaves bytes to be written; it
/// knows no socket, so that it runs on one, in memory or in a simulation alike.
///
/// Everything here happens on the link's loop.
public protocol Session: AnyObject {
  /// What waits to be written; nil when nothing does. The link takes from its front.
  var output: OutputBuffer? { get set }

  /// The connection stands. Called once, first.
  func opened(on link: any Link)
  /// Bytes came. They are gone when this returns.
  func received(_ bytes: UnsafeRawBufferPointer)
  /// The peer sends no more, and may still read.
  func receivedEnd()
  /// Some of the output was taken.
  func wrote()
  /// The moment that was asked for with ``Link/wake(at:)`` has come.
  func woke()
  /// The connection is gone. Called once, last.
  func lost(_ reason: String?)
  /// Takes no new calls, lets those that are open finish, and then closes the link.
  func drain(_ reason: String)
  /// Ends what is still open, and closes the link.
  func cut(_ reason: String)
}

/// The connection below a session, as far as a session may know it. Only on its loop.
public protocol Link: AnyObject {
  /// Where the connection lives.
  var loop: any Loop { get }
  /// The connection's number, for the log.
  var id: UInt64 { get }
  /// Answers an empty buffer that will be written at the end of this turn, and given back when all of
  /// it is.
  func beginOutput() -> OutputBuffer
  /// Calls ``Session/woke()`` at `moment`, instead of when it was asked to before.
  func wake(at moment: Moment)
  /// Takes nothing more from the peer until ``resumeReading()``.
  func pauseReading()
  /// Takes from the peer again.
  func resumeReading()
  /// Writes what waits, in its time, and closes the connection.
  func close()
  /// Closes the connection now, and drops what waits.
  func abort(_ reason: String)
}

/// A buffer for output that its link lends a session for as long as something waits.
public final class OutputBuffer {
  /// What waits to be written. Unchecked, since every frame is appended here: one loop does all of
  /// it, and appending calls nobody who would append.
  @exclusivity(unchecked)
  public var bytes: ByteBuffer

  /// A buffer with room for `capacity` bytes.
  public init(capacity: Int) { bytes = ByteBuffer(capacity: capacity) }

  /// Lets `append` add one frame. A peer ends the connection over a frame that is too large for it;
  /// so such a frame is taken back, and only its call fails.
  func addFrame<Result>(
    atMost bytesMax: Int,
    _ append: (inout ByteBuffer) -> Result
  ) throws(RPCFailure) -> Result {
    let before = bytes.count
    let result = append(&bytes)
    let size = bytes.count - before - FrameSplitter.prefixBytes
    guard size > bytesMax else { return result }
    bytes.truncate(to: before)
    throw RPCFailure(
      .resourceExhausted,
      "a frame of \(size) bytes; the largest that is taken is \(bytesMax)"
    )
  }
}

/// What the sessions of one loop use in turn: memory, and tasks for handlers.
public final class Scratch {
  private var handlerPool: HandlerPool?

  /// What the servers' sessions hold of incomplete frames.
  let incomplete = IncompleteFrames()

  /// Where frames and the messages in them are unpacked, within a budget.
  public let unpacking = Arena()
  /// Where messages are packed.
  public let packing = Arena()

  /// Memory for one loop.
  public init() {}

  /// What runs the handlers of calls on the loop.
  func handlers(on loop: any Loop) -> HandlerPool {
    if let handlerPool { return handlerPool }
    let made = HandlerPool(on: loop)
    handlerPool = made
    return made
  }

  /// Lets go of everything that would keep the loop busy. Only on the loop, when it is about to end.
  public func close() {
    handlerPool?.close()
    // It holds its loop, and the loop this.
    handlerPool = nil
  }

  deinit { close() }
}
