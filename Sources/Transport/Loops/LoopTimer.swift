internal import CLibuv
internal import RPCCore

/// One action at one moment, on a libuv timer of its own. Keeps itself until it has happened or was
/// cancelled.
final class LoopTimer: ScheduledAction {
  private let loop: EventLoop
  private let handle: UnsafeMutablePointer<uv_timer_t>
  private var action: (() -> Void)?

  init(on loop: EventLoop, at moment: Moment, _ action: @escaping () -> Void) {
    self.loop = loop
    self.action = action
    handle = .allocate(capacity: 1)
    uv_timer_init(loop.uv, handle)
    // Released in `loopTimerClosed`.
    handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    uv_timer_start(handle, loopTimerFired, loop.milliseconds(until: moment), 0)
  }

  deinit { handle.deallocate() }

  func cancel() {
    guard action != nil else { return }
    action = nil
    close()
  }

  fileprivate func fired() {
    guard let action else { return }
    self.action = nil
    close()
    loop.turn { action() }
  }

  private func close() {
    uv_close(
      UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self),
      loopTimerClosed
    )
  }
}

private func loopTimerFired(_ handle: UnsafeMutablePointer<uv_timer_t>?) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<LoopTimer>.fromOpaque(data).takeUnretainedValue().fired()
}

private func loopTimerClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let data = handle?.pointee.data else { return }
  Unmanaged<LoopTimer>.fromOpaque(data).release()
}
