import LoadAPI
import RPCCore
@testable import Rehearsal
import Scenarios
import ServicesSupport
import TestSupport
import Threads
import UsherAPI

/// A rehearsal that is shared: one who coordinates and others who bring the crowd, in one theatre, on one
/// clock. Each is connected to the coordinator and to the server by a network of its own, which can die.
struct Troupe {
  /// One who brings a part of the crowd.
  struct Member: Sendable {
    let toCoordinator: MortalConnector
    let toServer: MortalConnector
    /// What the server saw of this one alone.
    let seen: CallTally
    let run: WorkerRun
  }

  let theatre: Theatre
  let workers: Workers
  let members: [Member]
  /// The names under which people were made known to the server.
  let names: Record<String>

  /// So many are waited for.
  init(of count: Int) throws {
    let (theatre, workers, names) = (try Theatre(), Workers(count), Record<String>())
    var listening = Tampering()
    listening.answer(UserMethods.register) {
      (request: RegisterRequest, context, really) -> RegisterResponse in
      names.add(request.name)
      return try await really(request, context)
    }
    let (loop, core) = (theatre.house.loop, try workers.makeCore())
    members = try (0..<count).map { _ in
      let seen = CallTally()
      let toCoordinator = MortalConnector(to: core, on: loop)
      let toServer = MortalConnector(
        to: try listening.core(of: theatre.house.parts, events: seen),
        on: loop
      )
      let grounds = Grounds(through: toServer, on: loop)
      return Member(
        toCoordinator: toCoordinator,
        toServer: toServer,
        seen: seen,
        run: WorkerRun(for: toCoordinator, on: grounds)
      )
    }
    (self.theatre, self.workers, self.names) = (theatre, workers, names)
  }

  /// One who coordinates begins.
  func coordinate(_ scenario: Scenario, seed: UInt64 = 1) -> Running<Rehearsed> {
    let rehearsal = theatre.rehearsal(scenario, seed: seed)
    let company = CoordinatedCompany(of: rehearsal, workers: workers) { _ in }
    return theatre.house.loop.start { try await rehearsal.run(with: company) { _ in } }
  }

  /// A worker begins.
  func begin(_ member: Member) -> Running<Void> {
    theatre.house.loop.start { try await member.run.run { _ in } }
  }

  /// Rehearses to the end, with all.
  func rehearse(_ scenario: Scenario, seed: UInt64 = 1) throws -> Rehearsed {
    let coordinating = coordinate(scenario, seed: seed)
    let bringing = members.map(begin)
    let rehearsed = try theatre.finish(coordinating)
    for one in bringing { try theatre.finish(one) }
    return rehearsed
  }

  /// A worker's process ends, with all its connections.
  func kill(_ member: Member) {
    theatre.house.loop.perform {
      member.toCoordinator.die()
      member.toServer.die()
    }
  }

  /// Why what was started ended, in words; nil where it came to its end.
  func failure<Result: Sendable>(of running: Running<Result>) throws -> String? {
    do {
      _ = try theatre.finish(running)
      return nil
    } catch let failure as RehearsalFailure {
      return failure.description
    } catch let failure as RPCFailure {
      return failure.description
    }
  }

  /// How a call to the coordinator is refused that one makes who is no worker of this run; nil if it is
  /// not.
  func refusal<Answer: Sendable>(
    of call: @escaping @Sendable (CoordinationClient) async throws -> Answer
  ) throws -> RPCFailure? {
    let connector = InProcessConnector(to: try workers.makeCore(), on: theatre.house.loop)
    let running = theatre.house.loop.start {
      try await withClient(connector: connector) { client -> RPCFailure? in
        do {
          _ = try await call(CoordinationClient(client))
          return nil
        } catch let failure as RPCFailure {
          return failure
        }
      }
    }
    return try theatre.finish(running)
  }
}

/// What a server saw of those who came to it.
final class CallTally: ServerEvents {
  private struct State {
    var open = 0
    var opened = 0
    var calls: [String: UInt64] = [:]
  }

  private let state = Guarded(State())

  /// How many connections are open, and how many ever were.
  var open: Int { state.withLock { $0.open } }
  var opened: Int { state.withLock { $0.opened } }

  /// How many calls of a method have ended.
  func calls(of method: MethodDescriptor) -> UInt64 {
    state.withLock { $0.calls[method.path] ?? 0 }
  }

  func connectionOpened(_ connectionID: UInt64) {
    state.withLock {
      $0.open += 1
      $0.opened += 1
    }
  }

  func connectionClosed(_ connectionID: UInt64, reason: String?) {
    state.withLock { $0.open -= 1 }
  }

  func callEnded(_ report: borrowing CallReport) {
    let method = report.method
    state.withLock { $0.calls[method, default: 0] += 1 }
  }
}
