import RPCCore
import TestSupport
import Threads
import Wire

/// Connects to a server that a test has die, with all its connections, and live again.
final class MortalConnector: Connector {
  private struct State {
    var isDead = false
  }

  private let core: ServerCore
  private let loop: SimulatedLoop
  private let base: ShakyConnector
  private let state: Guarded<State>

  /// A server of that core, behind a network that takes some milliseconds.
  init(to core: ServerCore, on loop: SimulatedLoop, isDead: Bool = false) {
    self.core = core
    self.loop = loop
    base = ShakyConnector(to: core, on: loop, weather: ShakyConnector.Weather(), seed: 1)
    state = Guarded(State(isDead: isDead))
  }

  var addressCount: Int { 1 }

  func name(ofAddress index: Int) -> String { "the mortal server" }

  func nextLoop() -> any Loop { loop }

  func connect(
    toAddress index: Int,
    on loop: any Loop,
    timeout: Duration,
    speak: @escaping (Scratch) -> any Session,
    completed: @escaping (String?) -> Void
  ) {
    guard !state.withLock({ $0.isDead }) else { return completed("connection refused") }
    base.connect(
      toAddress: index,
      on: loop,
      timeout: timeout,
      speak: speak,
      completed: completed
    )
  }

  /// Dies. On the loop.
  func die() {
    state.withLock { $0.isDead = true }
    base.breakAll("the server died")
  }

  /// Takes connections again, with all that it knew.
  func revive() { state.withLock { $0.isDead = false } }
}
