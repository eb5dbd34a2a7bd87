internal import Glibc
internal import Synchronization

/// Event loops that share the work: one for each core, unless told otherwise.
public final class EventLoopGroup: Sendable {
  /// The loops.
  public let loops: [EventLoop]

  private let turn = Atomic<Int>(0)

  /// That many loops, at least one; 0 is one for each core.
  public init(count: Int = 0, name: String = "usher-loop") {
    let count = count > 0 ? count : max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    loops = (0..<count).map { EventLoop(name: "\(name)-\($0)") }
  }

  /// One loop after the other.
  public func next() -> EventLoop {
    let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
  }

  /// Ends the loops' threads, each as soon as nothing lives on it any more.
  public func stop() {
    for loop in loops { loop.stop() }
  }

  deinit { stop() }
}
