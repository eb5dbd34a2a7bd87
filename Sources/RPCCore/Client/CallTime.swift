/// The time that a call has, with all that it waits for and every try.
struct CallTime: Sendable {
  private let loop: any Loop
  private let deadline: Moment?

  /// The time until `deadline`, on the clock of `loop`; without end if it is nil.
  init(loop: any Loop, deadline: Moment?) {
    self.loop = loop
    self.deadline = deadline
  }

  /// How much of it is left; nil if it has no end. From any thread.
  var left: Duration? { deadline.map { max(.zero, $0 - loop.clockNow) } }
}
