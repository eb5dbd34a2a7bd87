internal import Foundation
internal import LoadAPI
internal import RPCCore
internal import Scenarios
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
  private let loop: any Loop
  private let workers: Workers
  private let server: Server
  private let told: @Sendable (String) -> Void
  /// How often is looked, 50 times a second, whether all who came are ready.
  private static let waitsMax = 15_000

  /// Waits at `address` for so many workers.
  init(
    at address: SocketAddress,
    workers count: Int,
    of rehearsal: Rehearsal,
    on loops: EventLoopGroup,
    told: @escaping @Sendable (String) -> Void
  ) async throws {
    scenario = rehearsal.scenario
    seed = rehearsal.seed
    runName = rehearsal.runName
    appKey = rehearsal.keys.app
    connections = rehearsal.connections
    loop = rehearsal.grounds.loops[0]
    self.told = told
    workers = Workers(count)
    var limits = ServerLimits.defaults
    limits.frameBytesMax = 8 << 20
    let core = ServerCore(router: try Router(services: [workers]), limits: limits)
    server = try await Server(listeningOn: [address], loops: loops, offers: [.usher(core)])
    told(
      "waiting for \(count) workers at \(server.addresses.map(\.description).joined(separator: ", "))"
    )
  }

  var loops: Int { workers.count }

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
    var last = -1
    var waits = 0
    while workers.standCount < workers.count {
      guard await loop.sleep(for: .milliseconds(20)) else { throw CancellationError() }
      if let failure = workers.failure { throw failure }
      if workers.joinedCount == workers.count { waits += 1 }
      guard waits < Self.waitsMax else {
        throw RehearsalFailure("a worker came and was not ready within five minutes")
      }
      guard workers.joinedCount != last else { continue }
      last = workers.joinedCount
      if last == workers.count { told("\(last) workers have come") }
    }
  }

  func play(in lead: Duration) async throws {
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
      workers.look()
    }
  }

  /// A while that no cancellation shortens.
  private func pause() async {
    // Unstructured, so that it is not cancelled with whoever waits.
    _ = await Task { await loop.sleep(for: .milliseconds(500)) }.value
  }

  func results() async -> Results {
    var results = workers.results
    for index in workers.lost {
      results.complain(
        "worker \(index) was not heard of any more, and its part of the crowd is missing"
      )
    }
    return results
  }

  func close() async {
    workers.stop()
    _ = await server.stop(within: .seconds(2))
  }
}

extension Rehearsal {
  /// Rehearses with a crowd that other processes bring, who come to `address`.
  package func run(
    coordinatingAt address: SocketAddress,
    workers: Int,
    on loops: EventLoopGroup,
    told: @escaping @Sendable (String) -> Void,
    _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> Rehearsed {
    let company = try await CoordinatedCompany(
      at: address,
      workers: workers,
      of: self,
      on: loops,
      told: told
    )
    return try await run(with: company, progress)
  }
}
