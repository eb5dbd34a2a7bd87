import Measuring
import RPCCore
@testable import Rehearsal
import Scenarios
import TestSupport
import Testing
import Threads
import UsherAPI
import Wire

/// A server with one method, which does with each call what a test has it do, and remembers who called
/// when. All of it happens on a loop whose clock the test moves.
final class Callee: RPCService {
  static let method = MethodDescriptor(
    service: "test.Callee",
    name: "Call",
    kind: .unary,
    effects: .none,
    isAtOnce: false
  )

  private struct State {
    var calls: [(name: String, moment: Moment)] = []
    var open = 0
    var openMost = 0
  }

  let loop = SimulatedLoop()
  private let serve: @Sendable (SimulatedLoop) async throws -> Void
  private let state = Guarded(State())

  init(_ serve: @escaping @Sendable (SimulatedLoop) async throws -> Void = { _ in }) {
    self.serve = serve
  }

  /// What the calls that came were named, and when each came.
  var calls: [(name: String, moment: Moment)] { state.withLock { $0.calls } }
  /// The most calls that were open at once.
  var openMost: Int { state.withLock { $0.openMost } }

  func register(in routes: inout Routes) {
    routes.unary(Self.method) { [self] (request: HealthCheckRequest, _) in
      let moment = loop.now
      state.withLock { state in
        state.calls.append((request.service, moment))
        state.open += 1
        state.openMost = max(state.openMost, state.open)
      }
      defer { state.withLock { $0.open -= 1 } }
      try await serve(loop)
      return Reply(HealthCheckResponse())
    }
  }

  func makeCore() throws -> ServerCore { ServerCore(router: try Router(services: [self])) }
}

/// Calls of a ``Callee``.
struct CalleeRun {
  /// How calls are named: all alike, each by its number, or those of an odd number alone.
  enum Naming {
    case allAlike, byNumber, odd
  }

  /// The longest that a run may take of the loop's time.
  private static let patience = Duration.seconds(600)

  let callee: Callee
  private let running: Running<Rehearsed>

  /// Calls begin, over `connector` or else over connections that take no time.
  init(
    of callee: Callee,
    _ scenario: Scenario,
    _ naming: Naming = .byNumber,
    connections: Int = 2,
    through connector: (any Connector)? = nil
  ) throws {
    self.callee = callee
    let reached = try connector ?? InProcessConnector(to: callee.makeCore(), on: callee.loop)
    let named: CallRun.Calls =
      switch naming {
      case .allAlike: .one(Self.call("alike"))
      case .byNumber: .each { Self.call("\($0)") }
      case .odd: .each { $0 % 2 == 1 ? Self.call("\($0)") : nil }
      }
    let run = try CallRun(
      of: scenario,
      seed: 1,
      method: Callee.method,
      named,
      on: Grounds(through: reached, on: callee.loop),
      connections: connections
    )
    running = callee.loop.start { try await run.run { _ in } }
  }

  private static func call(_ name: String) -> CallRun.Call {
    do {
      let request = try EncodedMessage(HealthCheckRequest(service: name).encoded())
      return CallRun.Call(request: request, metadata: Metadata())
    } catch {
      preconditionFailure("a request that was encoded parses: \(error)")
    }
  }

  func cancel() { callee.loop.perform { running.cancel() } }

  /// Lets the clock run until it is over.
  func finish() throws -> Rehearsed {
    try callee.loop.finish(running, advancing: Self.patience)
  }
}

extension Scenario {
  /// So many calls, a hundred a second.
  static func hundredASecond(_ count: Int, timeLimit: Duration = .seconds(60)) -> Scenario {
    Scenario(
      name: "open",
      model: .call,
      people: count,
      arrivals: [.constant(perSecond: 100, for: .seconds(1) * count / 100)],
      timeLimit: timeLimit
    )
  }

  /// So many calls, by so many who each call again as soon as they are answered.
  static func callers(
    _ callers: Int,
    _ count: Int,
    timeLimit: Duration = .seconds(60)
  ) -> Scenario {
    Scenario(
      name: "closed",
      model: .call,
      people: count,
      arrivals: [],
      callers: callers,
      timeLimit: timeLimit
    )
  }
}

extension Rehearsed {
  /// What was measured of the calls.
  var calls: StepMeasure { get throws { try #require(results.steps["call"]) } }
}
