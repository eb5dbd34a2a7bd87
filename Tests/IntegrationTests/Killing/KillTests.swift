import Glibc
import RPCCore
import SocketSupport
import TestSupport
import Testing

@Suite("Killed with SIGKILL under load", .timeLimit(.minutes(5))) struct KillTests {
  /// Each takes many times as long under a sanitizer.
  private static let rounds = Program.isSanitized ? 4 : 20
  private static let buyerCount = 8

  @Test("Whatever was answered is there, once, after each of twenty kills") func twentyKills()
    async throws
  {
    let seed = UInt64.random(in: 0 ... .max)
    print("killing with the seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let place = try DataPlace()
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
    let fewest = buyers.map(\.payments.count).min() ?? 0
    #expect(fewest >= Self.rounds / 5, "little was bought: seed \(seed)")
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
