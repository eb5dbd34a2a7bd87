internal import Measuring
package import RPCCore
package import Transport

/// A loop that a rehearsal happens on: its clock counts from the rehearsal's start, and it can be woken
/// as exactly as it can be.
///
/// All that happens on one stage is one thread's; a rehearsal on several has one of everything for
/// each, and adds them up.
final class Stage {
  let loop: any Loop
  private let start: Moment
  private let makeWaker: (_ wake: @escaping () -> Void) -> any Waker

  init(
    on loop: any Loop,
    start: Moment,
    makeWaker: @escaping (_ wake: @escaping () -> Void) -> any Waker
  ) {
    self.loop = loop
    self.start = start
    self.makeWaker = makeWaker
  }

  /// Nanoseconds since the start; 0 before it.
  var now: UInt64 { UInt64(max(0, loop.clockNow.nanoseconds - start.nanoseconds)) }

  /// Something that wakes this loop.
  func waker(_ wake: @escaping () -> Void) -> any Waker { makeWaker(wake) }

  /// The loop's own moment so many nanoseconds after the start.
  func moment(_ nanoseconds: UInt64) -> Moment {
    Moment(nanoseconds: start.nanoseconds + Int64(clamping: nanoseconds))
  }
}

/// Calls back at a moment, as often as it is set.
package protocol Waker: AnyObject {
  /// Calls back at `moment` and no more at the one before; nil does not.
  func set(at moment: Moment?)
  /// Never calls back again.
  func close()
}

extension PreciseTimer: Waker {}

/// A waker by a loop's own timers: for loops whose clock a test moves.
final class LoopWaker: Waker {
  private let loop: any Loop
  private let wake: () -> Void
  private var scheduled: (any ScheduledAction)?
  private var moment: Moment?

  init(on loop: any Loop, _ wake: @escaping () -> Void) {
    self.loop = loop
    self.wake = wake
  }

  func set(at moment: Moment?) {
    guard moment != self.moment else { return }
    scheduled?.cancel()
    self.moment = moment
    scheduled = moment.map { moment in
      loop.schedule(at: moment) { [weak self] in
        guard let self else { return }
        self.moment = nil
        scheduled = nil
        wake()
      }
    }
  }

  func close() {
    scheduled?.cancel()
    scheduled = nil
  }
}
