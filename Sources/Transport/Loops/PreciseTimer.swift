internal import CLibuv
internal import CLinux
internal import Glibc
package import RPCCore

/// Calls an action at a moment, again and again as it is set: to some microseconds, where a loop's own
/// timers count milliseconds. For programs that measure time; lives on its loop, until it is closed.
package final class PreciseTimer {
  private let loop: EventLoop
  private let descriptor: CInt
  private let poll: UnsafeMutablePointer<uv_poll_t>
  private let action: () -> Void
  private var moment: Moment?
  private var lead = WakeLead()
  private var isClosed = false

  /// A timer on `loop`, which has to be current; nil where the system lacks a descriptor for it.
  package init?(on loop: EventLoop, _ action: @escaping () -> Void) {
    loop.preconditionIsCurrent()
    // By the clock of uv_hrtime.
    let descriptor = timerfd_create(CLOCK_MONOTONIC, CInt(O_NONBLOCK | O_CLOEXEC))
    guard descriptor >= 0 else { return nil }
    guard let poll = loop.makePoll(for: descriptor) else {
      Glibc.close(descriptor)
      return nil
    }
    self.loop = loop
    self.descriptor = descriptor
    self.poll = poll
    self.action = action
    // Else the system may gather this thread's wake-ups over 50 microseconds.
    keep_timers_exact()
    // Released in `preciseTimerClosed`.
    poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
    uv_poll_start(poll, CInt(UV_READABLE.rawValue), preciseTimerFired)
  }

  /// Calls the action at `moment`, or as soon as it can where that is past; nil calls it no more.
  package func set(at moment: Moment?) {
    loop.preconditionIsCurrent()
    guard !isClosed, moment != self.moment else { return }
    self.moment = moment
    // A time of 0 would stop it.
    let nanoseconds = moment.map { max(1, $0.nanoseconds - lead.nanoseconds) } ?? 0
    var time = itimerspec()
    time.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
    time.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
    let result = timerfd_settime(descriptor, CInt(TFD_TIMER_ABSTIME), &time, nil)
    precondition(result == 0, "a timer that was made takes any time")
  }

  /// Ends it. The action is not called again.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    uv_poll_stop(poll)
    uv_close(
      UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self),
      preciseTimerClosed
    )
  }

  fileprivate func fired() {
    var times: UInt64 = 0
    guard !isClosed, read(descriptor, &times, MemoryLayout<UInt64>.size) > 0 else { return }
    waitForMoment()
    moment = nil
    loop.turn { action() }
  }

  /// Returns when the moment has come, which is nearly always before this is called.
  private func waitForMoment() {
    guard let moment else { return }
    lead.woke(lateBy: Int64(uv_hrtime()) - moment.nanoseconds)
    while Int64(uv_hrtime()) < moment.nanoseconds {}
  }

  fileprivate func closed() {
    Glibc.close(descriptor)
    poll.deallocate()
  }
}

private func preciseTimerFired(
  _ handle: UnsafeMutablePointer<uv_poll_t>?,
  _ status: CInt,
  _ events: CInt
) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<PreciseTimer>.fromOpaque(data).takeUnretainedValue().fired()
}

private func preciseTimerClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let data = handle?.pointee.data else { return }
  let timer = Unmanaged<PreciseTimer>.fromOpaque(data).takeRetainedValue()
  timer.closed()
}
