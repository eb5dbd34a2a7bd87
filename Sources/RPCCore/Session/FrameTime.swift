/// How long the frame that is arriving may take, from its first byte to its last.
struct FrameTime {
  private let limit: Wait
  private var since: Moment?

  /// How many frames were complete so far.
  private(set) var framesSeen: UInt64 = 0

  init(limit: Duration) { self.limit = Wait(limit) }

  /// When it has to be complete; nil if no frame is incomplete.
  var due: Moment? { since.map { $0 + limit } }

  /// All bytes of a read have been looked at: `frames` have come since the connection opened, and
  /// the last one is still incomplete if `isMidFrame`. Answers when it has to be complete.
  mutating func lookedAt(at now: Moment, frames: UInt64, isMidFrame: Bool) -> Moment? {
    let completedFrame = frames > framesSeen
    framesSeen = frames
    guard isMidFrame else {
      since = nil
      return nil
    }
    if completedFrame || since == nil { since = now }
    return due
  }
}
