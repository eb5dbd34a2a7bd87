import Foundation
import Glibc
import RPCCore
import SocketSupport
import Transport
import UsherAPI
import Wire

/// A data directory and a socket that outlive the servers on them.
final class DataPlace: Sendable {
  let data: String
  private let socket = socketPath()

  init(in folder: String = FileManager.default.temporaryDirectory.path) throws {
    data = "\(folder)/usher-\(UUID().uuidString)"
  }

  /// A socket beside another's on the same directory: for a server that has its keys and shares its
  /// database.
  init(beside other: DataPlace) {
    data = other.data
  }

  deinit {
    // What a test leaves behind is the system's to clear away where this cannot.
    try? FileManager.default.removeItem(atPath: data)
    unlink(socket)
  }

  /// What a server on it is started with.
  var arguments: [String] { ["--listen", address, "--data", data] }
  var address: String { "unix:\(socket)" }
  var database: String { "\(data)/usher.db" }

  /// Starts a server, and returns when it is ready.
  func start(_ more: String...) async throws -> Program {
    let usherd = try Program("usherd", arguments + more)
    guard try await usherd.nextRemark()?.hasPrefix("event=ready") == true else {
      throw TookTooLong("usherd did not start: \(try await usherd.outcome().errors)")
    }
    return usherd
  }

  /// Calls the server that was started, each call once.
  func withShop<Result>(_ body: (ShopCalls) async throws -> Result) async throws -> Result {
    var limits = ClientLimits.defaults
    limits.attemptsMax = 1
    return try await withClient(to: [.unix(path: socket)], limits: limits) { client in
      try await body(ShopCalls(caller: client, appKey: try key("app")))
    }
  }

  func key(_ role: String) throws -> String {
    try String(contentsOfFile: "\(data)/\(role).key", encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Makes a gate whose times are longer than any test.
  func openGate(over caller: any Caller, insideMax: UInt32) async throws {
    let options = try ShopCalls(caller: caller, appKey: try key("operator")).options()
    let policy = GatePolicy(
      insideMax: insideMax,
      claimTTLMs: 3_600_000,
      sessionTTLMs: 7_200_000
    )
    _ = try await OperatorClient(caller).setGate(
      SetGateRequest(name: "west", policy: policy),
      options: options
    )
  }

  /// Makes a concert with one date that can be booked now, and answers the ids of both.
  func openSale(
    over caller: any Caller,
    gate: String = ""
  ) async throws -> (concert: String, date: String) {
    let options = try ShopCalls(caller: caller, appKey: try key("operator")).options()
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    let desk = OperatorClient(caller)
    let concert = try await desk.createConcert(
      CreateConcertRequest(
        name: "Spring",
        place: "The Round",
        runningMinutes: 90,
        gate: gate,
        holdTTLMs: 3_600_000,
        cancelUntilMs: now + 86_400_000
      ),
      options: options
    )
    let date = try await desk.addDate(
      AddDateRequest(
        concertID: concert.id,
        opensMs: now + 172_800_000,
        closesMs: now + 180_000_000,
        bookingStartsMs: now - 1_000,
        bookingEndsMs: now + 172_800_000,
        seats: 4_000,
        price: 100
      ),
      options: options
    )
    return (concert.id, date.id)
  }
}
