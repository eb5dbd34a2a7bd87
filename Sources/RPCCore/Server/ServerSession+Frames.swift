internal import Wire

/// What each kind of frame does. A peer's mistake has one of three outcomes: it is ignored, it ends
/// its call, or it ends the connection.
extension ServerSession {
  func handle(_ bytes: UnsafeRawBufferPointer) {
    let frame: FrameView
    do throws(DecodeFailure) {
      frame = try FrameView(reading: bytes)
    } catch {
      return end(.internal, "a frame cannot be read")
    }
    scratch.unpacking.reset(budget: FrameView.unpackingBudget(frameBytes: bytes.count))
    switch frame.kind {
    case .open: open(frame)
    case .message: message(frame)
    case .end: withCall(frame) { $0.receivedEnd() }
    case .cancel: withCall(frame) { $0.abandon(RPCFailure(.cancelled, "the caller cancelled")) }
    case .credit: credit(frame)
    case .ping: ping(frame.nonce)
    case .pong, nil: break
    case .goAway: if frame.status == .ok { peerLeft() } else { peerCloses() }
    case .close, .settings: end(.internal, "a client does not send this kind of frame")
    }
  }

  /// Hands the call that the frame names to `body`, if it is open. One that was never opened is a
  /// fault; one that has ended is ignored.
  private func withCall(_ frame: FrameView, _ body: (ServerCall) -> Void) {
    if let call = calls[frame.call] { body(call) } else { notOpen(frame.call) }
  }

  /// After GOAWAY a client may have opened calls that were not looked at, and go on with them.
  private func notOpen(_ call: UInt32) {
    guard phase == .open, !ids.wasOpened(call) else { return }
    end(.internal, "call \(call) was not opened")
  }

  private func message(_ frame: FrameView) {
    withCall(frame) { call in
      switch call.received(frame.message, isLast: frame.isLast) {
      case .accepted: break
      case .withoutCredit: end(.resourceExhausted, "call \(call.id) sent payload without credit")
      case .notTaken: call.close(RPCFailure(.internal, "the call takes no more messages"))
      }
    }
  }

  private func credit(_ frame: FrameView) {
    withCall(frame) { call in
      guard call.granted(frame.credit) == .overflow else { return }
      end(.resourceExhausted, "call \(call.id) was given more than 2 GiB of credit")
    }
  }

  private func ping(_ nonce: UInt64) {
    switch pings.received(at: now) {
    case .answer:
      var pong = OutgoingFrame(.pong)
      pong.nonce = nonce
      send(pong)
    case .tooMany: end(.resourceExhausted, "too many pings")
    }
  }
}

// MARK: - OPEN

extension ServerSession {
  private func open(_ frame: FrameView) {
    // What a client opens after GOAWAY was not run, and it knows that.
    guard phase == .open else { return }
    let id = frame.call
    guard ids.open(id) == .taken else { return idDidNotRise(id) }
    timing.callOpened(at: now)
    guard let route = route(to: frame.method) else { return refuseUnknown(frame) }
    do {
      let context = CallContext(
        method: route.method,
        callID: id,
        connectionID: connectionID,
        metadata: try metadata(of: frame),
        deadline: deadline(frame.timeoutMs)
      )
      if isScreened {
        try answer(route, frame, try screened(context))
      } else {
        try answer(route, frame, context)
      }
    } catch {
      refuse(id, route.method.path, RPCFailure(telling: error))
    }
  }

  private func answer(_ route: Route, _ frame: FrameView, _ context: CallContext) throws {
    switch route.handler {
    case .atOnce(let answer):
      try answer(exchange, frame.message, context)
      if isWatched { report(route.method.path, context.callID, nil, since: now) }
    case .task(let start):
      // A call that was cancelled counts until its handler has returned.
      guard max(calls.count, handlersRunning) < limits.openCallsMax else {
        throw RPCFailure(
          .resourceExhausted,
          "\(limits.openCallsMax) calls are open on this connection"
        )
      }
      let call = try start(self, context, frame.message)
      if frame.isLast { call.receivedEnd() }
      calls.insert(call, context.callID)
      handlersRunning += 1
      handlers.run(call)
      arm(timing.expects(call))
    }
  }

  private func route(to path: UnsafeRawBufferPointer) -> Route? {
    if let lastRoute, lastRoute.isCalled(by: path) { return lastRoute }
    guard let found = core.router.find(path) else { return nil }
    lastRoute = found
    return found
  }

  private func screened(_ context: CallContext) throws -> CallContext {
    var context = context
    try core.screen?.screen(&context, memo: &memo)
    return context
  }

  private func metadata(of frame: FrameView) throws -> Metadata {
    do throws(MetadataFault) {
      return try frame.metadata()
    } catch {
      throw RPCFailure(error)
    }
  }

  private func deadline(_ timeoutMs: UInt32) -> Moment? {
    timeoutMs == 0 ? nil : now + .milliseconds(Int64(timeoutMs))
  }

  private func refuseUnknown(_ frame: FrameView) {
    let path = String(decoding: frame.method.prefix(256), as: UTF8.self)
    refuse(frame.call, path, RPCFailure(.unimplemented, "there is no method \(path)"))
  }

  private func idDidNotRise(_ id: UInt32) {
    end(.internal, "call \(id) does not rise above \(ids.highest)")
  }

  /// Ends a call that was never begun.
  private func refuse(_ id: UInt32, _ path: String, _ failure: RPCFailure) {
    sendClose(call: id, failure)
    report(path, id, failure, since: now)
  }
}
