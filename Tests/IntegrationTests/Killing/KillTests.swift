import Foundation
import Glibc
import RPCCore
import SocketSupport
import TestSupport
import Testing
import Transport
import UsherAPI
import Wire

@Suite("Killed with SIGKILL under load", .timeLimit(.minutes(2))) struct KillTests {
  private static let rounds = 20
  private static let buyerCount = 8

  @Test("Whatever was answered is there, once, after each of twenty kills") func twentyKills()
    async throws
  {
    let seed = UInt64.random(in: 0 ... .max)
    print("killing with the seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let place = try KilledPlace()
    var buyers: [Buyer] = []
    var concert = ""
    for round in 0..<Self.rounds {
      let usherd = try await place.start()
      try await place.withShop { shop in
        if round == 0 {
          let (made, date) = try await place.openSale(over: shop.caller)
          concert = made
          buyers = (0..<Self.buyerCount).map {
            Buyer(name: "buyer-\($0)", date: date, seed: random.next())
          }
        }
        let mistakes = try await Self.settle(&buyers, shop, concert)
        try #require(mistakes == [], "round \(round) of seed \(seed)")
        let kill = random.draw(from: 0..<160)
        buyers = try await Self.buy(buyers, shop, killing: usherd, after: kill)
      }
      #expect(try await usherd.outcome().code == -SIGKILL)
    }
    let usherd = try await place.start()
    try await place.withShop { shop in
      let mistakes = try await Self.settle(&buyers, shop, concert)
      #expect(mistakes == [], "the end of seed \(seed)")
    }
    usherd.signal(SIGTERM)
    #expect(try await usherd.outcome().code == 0)
    #expect(buyers.allSatisfy { $0.payments.count > 3 }, "little was bought: seed \(seed)")
  }

  /// Asks again what was not answered, and compares everything.
  private static func settle(
    _ buyers: inout [Buyer],
    _ shop: ShopCalls,
    _ concert: String
  ) async throws -> [String] {
    var mistakes: [String] = []
    for number in buyers.indices { mistakes += try await buyers[number].askAgain(shop) }
    var reckoning = Reckoning(shop, concert: concert)
    try await reckoning.check(buyers)
    return mistakes + reckoning.mistakes
  }

  /// All buy at once, until so many answers have come and the server is killed.
  private static func buy(
    _ buyers: [Buyer],
    _ shop: ShopCalls,
    killing usherd: Program,
    after answers: Int
  ) async throws -> [Buyer] {
    let answered = Shared(0)
    return try await withThrowingTaskGroup(of: Buyer.self) { group in
      for buyer in buyers {
        group.addTask {
          var buyer = buyer
          try await buyer.buy(from: shop) {
            let count = answered.change { count in
              count += 1
              return count
            }
            if count == answers + 1 { usherd.signal(SIGKILL) }
          }
          return buyer
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}

/// A data directory and a socket that outlive the servers on them.
final class KilledPlace: Sendable {
  let data: String
  private let socket = socketPath()

  init(in folder: String = FileManager.default.temporaryDirectory.path) throws {
    data = "\(folder)/usher-\(UUID().uuidString)"
  }

  deinit {
    // What a test leaves behind is the system's to clear away where this cannot.
    try? FileManager.default.removeItem(atPath: data)
    unlink(socket)
  }

  /// Starts a server, and returns when it is ready.
  func start() async throws -> Program {
    let arguments = ["--listen", "unix:\(socket)", "--data", data]
    let usherd = try Program("usherd", arguments)
    guard try await usherd.nextRemark()?.hasPrefix("event=ready") == true else {
      throw TookTooLong("usherd did not start: \(try await usherd.outcome().errors)")
    }
    return usherd
  }

  /// Calls the server that was started, each call once.
  func withShop(_ body: (ShopCalls) async throws -> Void) async throws {
    var limits = ClientLimits.defaults
    limits.attemptsMax = 1
    try await withClient(to: [.unix(path: socket)], limits: limits) { client in
      try await body(ShopCalls(caller: client, appKey: try key("app")))
    }
  }

  private func key(_ role: String) throws -> String {
    try String(contentsOfFile: "\(data)/\(role).key", encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Makes a concert with one date that can be booked now, and answers the ids of both.
  func openSale(over caller: any Caller) async throws -> (concert: String, date: String) {
    let options = try ShopCalls(caller: caller, appKey: try key("operator")).options()
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    let desk = OperatorClient(caller)
    let concert = try await desk.createConcert(
      CreateConcertRequest(
        name: "Spring",
        place: "The Round",
        runningMinutes: 90,
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
