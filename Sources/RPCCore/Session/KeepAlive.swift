/// Finds out whether a silent peer is still there: asks after a while of silence, and gives it a
/// while to answer.
struct KeepAlive {
  private let interval: Duration
  private let timeout: Duration
  private var lastHeard: Moment
  private var askedAt: Moment?

  init(interval: Duration, timeout: Duration, now: Moment) {
    self.interval = interval
    self.timeout = timeout
    lastHeard = now
  }

  /// Something came from the peer.
  mutating func heard(at now: Moment) {
    lastHeard = now
    askedAt = nil
  }

  /// When to look again.
  var nextLook: Moment { askedAt.map { $0 + timeout } ?? lastHeard + interval }

  enum OnWake: Equatable {
    /// It is not time yet.
    case wait
    /// Send a PING.
    case ping
    /// The peer is gone.
    case dead
  }

  mutating func woke(at now: Moment) -> OnWake {
    guard now >= nextLook else { return .wait }
    guard askedAt == nil else { return .dead }
    askedAt = now
    return .ping
  }
}
