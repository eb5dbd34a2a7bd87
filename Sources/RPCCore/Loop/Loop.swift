/// Where connections live: runs their jobs one at a time, tells them the time and wakes them.
///
/// Transport has one on libuv for each core; tests and simulations bring their own, with a clock that
/// they move. A loop is an executor of both kinds, so that a handler's task runs where its connection
/// lives and a call that never waits costs no thread hop.
public protocol Loop: SerialExecutor, TaskExecutor {
  /// The time at which the present turn began.
  var now: Moment { get }

  /// The time right now. From any thread.
  var clockNow: Moment { get }

  /// Whether the caller is running on this loop.
  var isCurrent: Bool { get }

  /// Runs `action` on the loop: soon, after what was asked for earlier. From any thread.
  func execute(_ action: @escaping @Sendable () -> Void)

  /// Runs `action` on the loop at `moment`, unless it is cancelled before. Only on the loop.
  func schedule(at moment: Moment, _ action: @escaping () -> Void) -> any ScheduledAction
}

/// Something that a loop will do at a later moment.
public protocol ScheduledAction {
  /// Makes it not happen. Only on the loop; once it has happened this does nothing.
  func cancel()
}

extension Loop {
  /// Traps unless the caller is running on this loop.
  public func preconditionIsCurrent() {
    precondition(isCurrent, "this belongs to a loop, and was touched from elsewhere")
  }
}

/// A value that only its loop touches, in a box that may travel anywhere.
///
/// The box is what makes the one claim of safety for everything that lives on a loop: the value is
/// reached only after a check that the caller runs there.
public struct LoopBound<Value>: @unchecked Sendable {
  // Sendable because `value` is read only behind preconditionIsCurrent.
  package let loop: any Loop
  private let unchecked: Value

  /// Boxes `value`, which belongs to `loop`.
  public init(_ value: Value, to loop: any Loop) {
    self.loop = loop
    unchecked = value
  }

  /// The value. Only on its loop.
  public var value: Value {
    loop.preconditionIsCurrent()
    return unchecked
  }

  /// Runs `body` with the value, now if the caller is on the loop and soon if not.
  public func run(_ body: @escaping @Sendable (Value) -> Void) {
    if loop.isCurrent { return body(unchecked) }
    loop.execute { body(unchecked) }
  }
}
