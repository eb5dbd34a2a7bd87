internal import Foundation
internal import LoadAPI
package import RPCCore
internal import Scenarios
internal import UsherAPI
internal import Wire

/// Brings a part of the crowd to a rehearsal that another process coordinates.
package struct WorkerRun: Sendable {
  private static let pieceBytes = 512 << 10
  /// How often, and how long each time, a worker waits for a coordinator who is not there yet.
  private static let waitsMax = 120
  private static let wait = Duration.milliseconds(500)

  private let coordinator: any Connector
  private let grounds: Grounds

  /// A worker for whoever coordinates where `coordinator` connects to, which brings its people on
  /// `grounds`.
  package init(for coordinator: any Connector, on grounds: Grounds) {
    self.coordinator = coordinator
    self.grounds = grounds
  }

  private var coordinatorName: String { coordinator.name(ofAddress: 0) }

  /// Comes, waits for all, brings its part, and tells what it came to. `told` hears how far it is.
  package func run(_ told: @escaping @Sendable (String) -> Void) async throws {
    try await withClient(connector: coordinator) { client in
      let coordination = CoordinationClient(client)
      told("waiting for the others at \(coordinatorName)")
      let assignment = try await join(coordination)
      told("part \(assignment.part + 1) of \(assignment.parts)")
      let company = try Self.company(assignment, on: grounds)
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
        guard !isThere, waits < Self.waitsMax, await grounds.loops[0].sleep(for: Self.wait) else {
          throw told(error)
        }
      }
    }
  }

  /// What is told of a failure to speak with whoever coordinates: who is missing is not the server.
  private func told(_ failure: RPCFailure) -> any Error {
    guard !failure.isFromPeer else { return failure }
    return RehearsalFailure("no coordinator at \(coordinatorName): \(failure.message)")
  }

  private static func company(
    _ assignment: Assignment,
    on grounds: Grounds
  ) throws -> LocalCompany {
    LocalCompany(
      of: try Scenario(reading: assignment.plan, file: "the coordinator's plan"),
      seed: assignment.seed,
      part: Part(index: Int(assignment.part), count: Int(assignment.parts)),
      runName: Workers.name(Int(assignment.part)),
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
      // Whether the coordinator hears of it or not, that is why this worker ends.
      _ = try? await coordination.stand(StandRequest(part: part, failure: "\(error)", pass: pass))
      throw error
    }
    do {
      try await play(company, assignment, coordination)
    } catch let failure as RPCFailure {
      throw told(failure)
    }
  }

  private func play(
    _ company: LocalCompany,
    _ assignment: Assignment,
    _ coordination: CoordinationClient
  ) async throws {
    let (part, pass) = (assignment.part, assignment.pass)
    let start = try await coordination.stand(StandRequest(part: part, pass: pass))
    let encoder = JSONEncoder()
    // The group ends with whoever is first: the crowd that is done, or the coordinator who has enough.
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await company.play(in: .milliseconds(Int(start.inMs))) }
      group.addTask {
        while await grounds.loops[0].sleep(for: .milliseconds(500)) {
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
