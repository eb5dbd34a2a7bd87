internal import Foundation
internal import LoadAPI
internal import RPCCore
internal import Scenarios
internal import Threads
package import Transport
internal import UsherAPI
internal import Wire

/// A crowd that other processes bring, each a part of it.
final class CoordinatedCompany: Company {
  private let scenario: Scenario
  private let seed: UInt64
  private let runName: String
  private let appKey: String
  private let connections: Int
  private let grounds: Grounds
  private let workers: Workers
  private let told: @Sendable (String) -> Void
  private let start = Guarded<Moment?>(nil)
  /// How long is waited for all to come, and then for all to be ready.
  private static let patience = Duration.seconds(300)

  /// Waits for `workers`.
  init(
    of rehearsal: Rehearsal,
    workers: Workers,
    told: @escaping @Sendable (String) -> Void
  ) {
    scenario = rehearsal.scenario
    seed = rehearsal.seed
    runName = rehearsal.runName
    appKey = rehearsal.keys.app
    connections = rehearsal.connections
    grounds = rehearsal.grounds
    self.workers = workers
    self.told = told
  }

  var loops: Int { workers.count }
  private var loop: any Loop { grounds.loops[0] }

  func gather(for sale: PreparedSale) async throws {
    var plan = scenario
    plan.seed = seed
    workers.assign(
      Assignment(
        plan: Array(plan.json.utf8),
        sale: Array(try JSONEncoder().encode(sale)),
        appKey: appKey,
        connections: UInt32(clamping: max(1, connections / workers.count)),
        seed: seed
      )
    )
    var end = loop.clockNow + Self.patience
    var haveCome = false
    while workers.standCount < workers.count {
      guard await loop.sleep(for: .milliseconds(20)) else { throw CancellationError() }
      try checkFailure()
      let joined = workers.joinedCount
      if joined == workers.count, !haveCome {
        haveCome = true
        end = loop.clockNow + Self.patience
        told("\(joined) workers have come")
      }
      guard loop.clockNow >= end else { continue }
      let why =
        haveCome
        ? "not ready within five minutes: \(workers.notReady.joined(separator: ", "))"
        : "\(joined) of \(workers.count) workers came within five minutes"
      workers.stop(RPCFailure(.deadlineExceeded, why))
    }
  }

  /// Throws why nobody goes on.
  private func checkFailure() throws {
    if let failure = workers.failure { throw RehearsalFailure(failure.message) }
  }

  func play(in lead: Duration) async throws {
    try checkFailure()
    start.withLock { $0 = loop.clockNow + lead }
    workers.start(in: lead)
    var hasStopped = false
    while !workers.areAllDone {
      // Who is cancelled looks on until all have told what they had.
      let isGoing = await loop.sleep(for: .milliseconds(500))
      if !isGoing, !hasStopped {
        hasStopped = true
        workers.stop()
      }
      if !isGoing { await pause() }
      workers.look(at: now)
    }
  }

  /// Nanoseconds since the doors opened.
  private var now: UInt64 {
    let start = start.withLock { $0 } ?? loop.clockNow
    return UInt64(max(0, (loop.clockNow - start).wholeNanoseconds))
  }

  /// A while that no cancellation shortens.
  private func pause() async {
    // Unstructured, so that it is not cancelled with whoever waits.
    let pause = Task(executorPreference: grounds.executor) { [loop] in
      await loop.sleep(for: .milliseconds(500))
    }
    _ = await pause.value
  }

  func results() async -> Results {
    var results = workers.results
    for (name, moment) in workers.lost {
      results.mark(Results.Mark(moment: moment, text: "\(name) was heard of for the last time"))
      results.complain(
        "\(name) was not heard of after \(moment / 1_000_000_000) s, and its part of the crowd is missing"
      )
    }
    return results
  }

  func close() async { workers.stop() }
}

extension Rehearsal {
  /// Rehearses with a crowd that other processes bring, who come to `address`.
  package func run(
    coordinatingAt address: SocketAddress,
    workers count: Int,
    on loops: EventLoopGroup,
    told: @escaping @Sendable (String) -> Void,
    _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> Rehearsed {
    let workers = Workers(count)
    let server = try await Server(
      listeningOn: [address],
      loops: loops,
      offers: [.usher(try workers.makeCore())]
    )
    let places = server.addresses.map(\.description).joined(separator: ", ")
    told("waiting for \(count) workers at \(places)")
    do {
      let company = CoordinatedCompany(of: self, workers: workers, told: told)
      let rehearsed = try await run(with: company, progress)
      _ = await server.stop(within: Self.farewell)
      return rehearsed
    } catch {
      workers.stop()
      _ = await server.stop(within: Self.farewell)
      throw error
    }
  }

  /// How long those who are told that it is over may take to hear it.
  private static let farewell = Duration.seconds(2)
}
