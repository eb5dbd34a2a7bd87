/// What all connections of a server share: the methods, the limits, and who is told.
public final class ServerCore: Sendable {
  let router: Router
  let limits: ServerLimits
  let screen: (any CallScreen)?
  let events: (any ServerEvents)?

  /// A server for the methods of `router`.
  public init(
    router: Router,
    limits: ServerLimits = .defaults,
    screen: (any CallScreen)? = nil,
    events: (any ServerEvents)? = nil
  ) {
    self.router = router
    self.limits = limits
    self.screen = screen
    self.events = events
  }

  /// The server's side of a new connection on `loop`, which uses the loop's `scratch`.
  public func makeSession(on loop: any Loop, scratch: Scratch) -> ServerSession {
    ServerSession(core: self, scratch: scratch, loop: loop)
  }
}
