import Audit
import Glibc
import PostgresSupport
import RPCCore
import SocketSupport
import Testing
import UsherAPI
import Wire

@Suite(
  "A sale of two servers, one of which is killed with SIGKILL",
  .enabled(if: TestServer.url != nil, Comment(rawValue: TestServer.absence)),
  .timeLimit(.minutes(2))
)
struct SharedKillTests {
  private static let insideMax: UInt32 = 3
  private static let buyerCount: UInt64 = 32
  /// The numbers of those who buy while one server goes and comes back, and once it is back.
  private static let early: ClosedRange<UInt64> = 1...12
  private static let late: ClosedRange<UInt64> = 13...16

  private let database: TestDatabase
  private let places: [DataPlace]

  init() throws {
    database = try TestDatabase()
    let first = try DataPlace()
    places = [first, DataPlace(beside: first)]
  }

  @Test("The order and the cap hold over both, and both say the same of every place")
  func orderAndCap() async throws {
    var servers = [try await start(places[0]), try await start(places[1])]
    var line: [GateBuyer] = []
    var date = ""
    try await withShops { shops in
      let offset: UInt64
      (date, offset) = try await openSale(shops)
      let buyers = (0..<Int(Self.buyerCount)).map {
        GateBuyer(name: "buyer \($0)", first: $0 % 2, offset: offset)
      }
      (line, servers[0]) = try await rush(buyers, of: date, shops, killing: servers[0])
    }
    #expect(line.map(\.number) == Array(1...Self.buyerCount))
    // With connections that know nothing of the one that broke.
    try await withShops { shops in
      line = try await buy(line, of: date, shops)
      try await check(line, shops)
      try await audit(shops)
    }
    for server in servers {
      server.signal(SIGTERM)
      #expect(try await server.outcome().code == 0)
    }
  }

  // MARK: - What happens

  /// All come, and the first of them buy. The first server is killed when the eighth holds a seat, just
  /// before the last come, and is started again.
  private func rush(
    _ buyers: [GateBuyer],
    of date: String,
    _ shops: [ShopCalls],
    killing server: Program
  ) async throws -> ([GateBuyer], Program) {
    let isTime = SocketSupport.Event()
    let isKilled = SocketSupport.Event()
    async let restarted = restart(server, when: isTime, telling: isKilled)
    // Whatever went wrong, nobody waits for what does not come.
    defer { isTime.happen() }
    let line = try await withThrowingTaskGroup(of: GateBuyer.self) { group in
      for (place, buyer) in buyers.enumerated() {
        group.addTask {
          var buyer = buyer
          if place >= buyers.count - 8 { await isKilled.wait() }
          try await buyer.enter("west", shops)
          guard Self.early.contains(buyer.number) else { return buyer }
          let held = try await buyer.hold(date, shops)
          if buyer.number == 8 { isTime.happen() }
          try await buyer.pay(held, shops)
          return buyer
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    return (line.sorted { $0.number < $1.number }, try await restarted)
  }

  private func restart(
    _ server: Program,
    when isTime: SocketSupport.Event,
    telling isKilled: SocketSupport.Event
  ) async throws -> Program {
    await isTime.wait()
    server.signal(SIGKILL)
    isKilled.happen()
    #expect(try await server.outcome().code == -SIGKILL)
    return try await start(places[0])
  }

  /// The next in line buy, at both servers.
  private func buy(
    _ line: [GateBuyer],
    of date: String,
    _ shops: [ShopCalls]
  ) async throws -> [GateBuyer] {
    try await withThrowingTaskGroup(of: GateBuyer.self) { group in
      for buyer in line {
        group.addTask {
          guard Self.late.contains(buyer.number) else { return buyer }
          var after = buyer
          try await after.pay(try await after.hold(date, shops), shops)
          for (now, before) in zip(after.answers, buyer.answers) { #expect(now > before) }
          return after
        }
      }
      let line = try await group.reduce(into: []) { $0.append($1) }
      return line.sorted { $0.number < $1.number }
    }
  }

  // MARK: - What has to be so

  /// Compares what both servers say of every place with each other, and with what comes of the order
  /// and the cap.
  private func check(_ line: [GateBuyer], _ shops: [ShopCalls]) async throws {
    let offset = line.map(\.offset).max() ?? 0
    for shop in shops { try await catchUp(shop, to: offset) }
    for buyer in line {
      var told: [Told] = []
      for shop in shops { told.append(Told(try await buyer.check(shop, asOf: offset))) }
      #expect(told[0] == told[1], "number \(buyer.number)")
      #expect(told[0].ticket == buyer.ticket)
      #expect(told[0].number == buyer.number)
      let hasBought = buyer.number <= Self.late.upperBound
      let next = Self.late.upperBound + UInt64(Self.insideMax) + 1
      #expect(buyer.balance == (hasBought ? 900 : nil), "number \(buyer.number)")
      if hasBought {
        #expect(told[0].state == .done, "number \(buyer.number)")
      } else if buyer.number < next {
        #expect(told[0].state == .admitted, "number \(buyer.number)")
      } else {
        #expect(told[0].state == .waiting, "number \(buyer.number)")
        #expect(told[0].ahead == buyer.number - next)
        #expect(told[0].behind == Self.buyerCount - buyer.number)
      }
    }
  }

  /// What a place says that does not hang on the moment at which it is asked for.
  private struct Told: Equatable {
    let state: TicketState
    let ticket: String
    let number: UInt64
    let ahead: UInt64
    let behind: UInt64
    let claimByMs: Int64
    let stock: Stock?

    init(_ place: Place) {
      state = place.state
      ticket = place.ticketID
      number = place.number
      ahead = place.ahead
      behind = place.behind
      claimByMs = place.claimByMs
      stock = place.stock
    }
  }

  /// Has the tables of one server judged by the log of the other.
  private func audit(_ shops: [ShopCalls]) async throws {
    var auditor = Auditor()
    let export = OperatorClient(shops[1].caller).export(
      ExportRequest(),
      options: try desk(shops[1])
    )
    for try await chunk in export { try auditor.take(chunk) }
    let end = try #require(auditor.exportOffset)
    var options = try shops[0].options()
    try options.metadata.add(Metadata.Key.atLeastOffset, "\(end)")
    let log = EventClient(shops[0].caller).subscribe(SubscribeRequest(), options: options)
    for try await event in log where event.offset <= end { auditor.take(event) }
    let verdicts = try auditor.verdicts()
    #expect(verdicts.filter { !$0.isOk }.flatMap(\.lines) == [])
    #expect(verdicts.filter { $0.facts == 0 }.map(\.check) == [])
    let admissions = verdicts.filter { [.gateCap, .gateInversions].contains($0.check) }.map(\.facts)
    let admitted = Self.late.upperBound + UInt64(Self.insideMax)
    #expect(admissions == [admitted, admitted])
  }

  // MARK: - The servers

  private func start(_ place: DataPlace) async throws -> Program {
    try await place.start("--store", database.url)
  }

  /// Calls both servers, each over connections of its own.
  private func withShops(_ body: ([ShopCalls]) async throws -> Void) async throws {
    try await places[0].withShop { first in
      try await places[1].withShop { second in try await body([first, second]) }
    }
  }

  /// Makes a gate at one server with a date behind it, and returns once the other knows both. Answers
  /// the date, and where in the log that is.
  private func openSale(_ shops: [ShopCalls]) async throws -> (date: String, offset: UInt64) {
    try await places[0].openGate(over: shops[0].caller, insideMax: Self.insideMax)
    let sale = try await places[0].openSale(over: shops[0].caller, gate: "west")
    let stats = try await OperatorClient(shops[0].caller).stats(
      StatsRequest(),
      options: try desk(shops[0])
    )
    try await catchUp(shops[1], to: stats.offset)
    return (sale.date, stats.offset)
  }

  /// Returns once a server has come to `offset`.
  private func catchUp(_ shop: ShopCalls, to offset: UInt64) async throws {
    var options = try desk(shop)
    try options.metadata.add(Metadata.Key.atLeastOffset, "\(offset)")
    _ = try await OperatorClient(shop.caller).getGate(
      GetGateRequest(name: "west"),
      options: options
    )
  }

  private func desk(_ shop: ShopCalls) throws -> CallOptions {
    try ShopCalls(caller: shop.caller, appKey: places[0].key("operator")).options()
  }
}
