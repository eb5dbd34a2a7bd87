/// Finds out whether a silent peer is still there: asks after a while of silence, and gives it a
/// while to answer.
struct KeepAlive {
  private var interval: Wait
  private let timeout: Wait
  private var lastHeard: Moment
  private var askedAt: Moment?
  private var canAnswer = true

  init(interval: Duration, timeout: Duration, now: Moment) {
    self.interval = Wait(interval)
    self.timeout = Wait(timeout)
    lastHeard = now
  }

  /// Something came from the peer.
  mutating func heard(at now: Moment) {
    lastHeard = now
    askedAt = nil
  }

  /// The peer does not want to be asked more often.
  mutating func ask(atMostEvery interval: Duration) {
    self.interval = max(self.interval, Wait(interval))
  }

  /// The peer sends no more, and so cannot answer; but if it is gone, the system that it ran on says
  /// so when it is sent something. So it is asked, now and again, and not expected to answer.
  mutating func peerEnded(at now: Moment) {
    canAnswer = false
    askedAt = nil
    lastHeard = Moment(nanoseconds: now.nanoseconds &- interval.nanoseconds)
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
    if canAnswer { askedAt = now } else { lastHeard = now }
    return .ping
  }
}
