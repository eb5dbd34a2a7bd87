internal import Foundation
internal import LoadAPI
internal import RPCCore
internal import Scenarios
package import Transport
internal import UsherAPI
internal import Wire

/// Brings a part of the crowd to a rehearsal that another process coordinates.
package struct WorkerRun: Sendable {
  private static let pieceBytes = 512 << 10
  /// How often, and how long each time, a worker waits for a coordinator who is not there yet.
  private static let waitsMax = 120
  private static let wait = Duration.milliseconds(500)

  private let coordinator: SocketAddress
  private let server: SocketAddress
  private let loops: EventLoopGroup

  /// A worker for whoever coordinates at that address, which calls the server at the other.
  package init(
    for coordinator: SocketAddress,
    calling server: SocketAddress,
    on loops: EventLoopGroup
  ) {
    self.coordinator = coordinator
    self.server = server
    self.loops = loops
  }

  /// Comes, waits for all, brings its part, and tells what it came to. `told` hears how far it is.
  package func run(_ told: @escaping @Sendable (String) -> Void) async throws {
    try await withClient(to: [coordinator]) { client in
      let coordination = CoordinationClient(client)
      told("waiting for the others at \(coordinator)")
      let assignment = try await join(coordination)
      told("part \(assignment.part + 1) of \(assignment.parts)")
      let company = try Self.company(assignment, on: Grounds(to: [server], on: loops))
      do {
        try await bring(company, assignment, coordination)
        await company.close()
      } catch {
        await company.close()
        throw error
      }
      told("its part is done")
    }
  }

  /// Comes to whoever coordinates, who may not be there yet.
  private func join(_ coordination: CoordinationClient) async throws -> Assignment {
    var waits = 0
    while true {
      do throws(RPCFailure) {
        return try await coordination.join(JoinRequest(version: Version.number))
      } catch {
        waits += 1
        let isThere = error.isFromPeer || error.code != .unavailable
        guard !isThere, waits < Self.waitsMax, await loops.loops[0].sleep(for: Self.wait) else {
          throw error
        }
      }
    }
  }

  private static func company(
    _ assignment: Assignment,
    on grounds: Grounds
  ) throws -> LocalCompany {
    LocalCompany(
      of: try Scenario(reading: assignment.plan, file: "the coordinator's plan"),
      seed: assignment.seed,
      part: Part(index: Int(assignment.part), count: Int(assignment.parts)),
      runName: "worker \(assignment.part)",
      on: grounds,
      appKey: assignment.appKey,
      connections: Int(assignment.connections),
      recordings: [:]
    )
  }

  private func bring(
    _ company: LocalCompany,
    _ assignment: Assignment,
    _ coordination: CoordinationClient
  ) async throws {
    let (part, pass) = (assignment.part, assignment.pass)
    do {
      let sale = try JSONDecoder().decode(PreparedSale.self, from: Data(assignment.sale))
      try await company.gather(for: sale)
    } catch {
      _ = try await coordination.stand(StandRequest(part: part, failure: "\(error)", pass: pass))
      throw error
    }
    let start = try await coordination.stand(StandRequest(part: part, pass: pass))
    let encoder = JSONEncoder()
    // The group ends with whoever is first: the crowd that is done, or the coordinator who has enough.
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await company.play(in: .milliseconds(Int(start.inMs))) }
      group.addTask {
        while await loops.loops[0].sleep(for: .milliseconds(500)) {
          let results = Array(try encoder.encode(await company.results().withoutFacts))
          let going = try await coordination.tell(Interim(part: part, results: results, pass: pass))
          if going.stop { return }
        }
      }
      try await group.next()
      group.cancelAll()
    }
    let bytes = Array(try encoder.encode(await company.results()))
    _ = try await coordination.finish { writer in
      for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
        let end = min(start + Self.pieceBytes, bytes.count)
        try await writer.write(Piece(part: part, results: Array(bytes[start..<end]), pass: pass))
      }
    }
  }
}
