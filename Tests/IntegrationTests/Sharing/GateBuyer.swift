import RPCCore
import SocketSupport
import UsherAPI
import Wire

/// One who stands in line and buys a seat, each call at the other of two servers than the one before,
/// and remembers what they were told.
struct GateBuyer: Sendable {
  let name: String
  private(set) var number: UInt64 = 0
  private(set) var ticket = ""
  /// What is left of the money, once a seat is paid.
  private(set) var balance: Int64?
  /// How many calls each server has answered.
  private(set) var answers = [0, 0]
  /// The highest offset of the log that an answer spoke of.
  private(set) var offset: UInt64
  private var user = ""
  private var queueToken = ""
  private var entryToken = ""
  private var askedCount: Int

  /// A buyer who asks at that server first, and wants to see the log as far as that.
  init(name: String, first server: Int, offset: UInt64) {
    self.name = name
    askedCount = server
    self.offset = offset
  }

  /// Comes, and takes a place in the line.
  mutating func enter(_ gate: String, _ shops: [ShopCalls]) async throws {
    let registered: RegisterResponse = try await ask(
      UserMethods.register,
      RegisterRequest(name: name),
      shops
    )
    user = registered.user?.id ?? ""
    let entered: EnterResponse = try await ask(GateMethods.enter, EnterRequest(gate: gate), shops)
    queueToken = entered.queueToken
    number = entered.place?.number ?? 0
    ticket = entered.place?.ticketID ?? ""
  }

  /// Waits for their turn, comes in, and holds a seat.
  mutating func hold(_ date: String, _ shops: [ShopCalls]) async throws -> [String] {
    try await waitForTurn(shops)
    let inside: Place = try await ask(
      GateMethods.claim,
      ClaimRequest(),
      shops,
      token: queueToken
    )
    entryToken = inside.entryToken
    let held: HoldResponse = try await ask(
      ReservationMethods.hold,
      HoldRequest(dateID: date, bestAvailable: 1),
      shops,
      token: entryToken
    )
    entryToken = held.entryToken
    return held.reservations.map(\.id)
  }

  /// Brings money, and pays what is held.
  mutating func pay(_ held: [String], _ shops: [ShopCalls]) async throws {
    let _: ChargeResponse = try await ask(
      WalletMethods.charge,
      ChargeRequest(amount: 1_000),
      shops
    )
    let paid: PayResponse = try await ask(
      PaymentMethods.pay,
      PayRequest(reservationIDs: held),
      shops,
      token: entryToken
    )
    balance = paid.balance
  }

  /// Their place as one server has it, once that has seen all that it should.
  func check(_ shop: ShopCalls, asOf offset: UInt64) async throws -> Place {
    let options = try options(shop, token: queueToken, asOf: offset)
    return try await GateClient(shop.caller).check(CheckRequest(), options: options)
  }

  /// Asks one server and then the other, always with the same key, until one answers.
  private mutating func ask<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ shops: [ShopCalls],
    token: String = ""
  ) async throws -> Response {
    askedCount += 1
    let key = "\(name) asks \(askedCount)"
    for attempt in 0..<100 {
      let server = (askedCount + attempt) % shops.count
      let options = try options(shops[server], token: token, key: key, asOf: offset)
      do {
        let answer: Answer<Response> = try await shops[server].caller.unary(
          method,
          request,
          options: options
        )
        answers[server] += 1
        let told = answer.trailers[Metadata.Key.offset].flatMap { UInt64($0) } ?? 0
        offset = max(offset, told)
        return answer.message
      } catch {
        guard error.code == .unavailable || error.isOutcomeUnknown else { throw error }
      }
    }
    throw TookTooLong("\(method.path) of \(name) was not answered")
  }

  /// Watches at one server, and where that goes away at the other.
  private mutating func waitForTurn(_ shops: [ShopCalls]) async throws {
    for attempt in 0..<100 {
      let shop = shops[(askedCount + attempt) % shops.count]
      let options = try options(shop, token: queueToken, asOf: offset)
      do {
        let places = GateClient(shop.caller).watch(WatchRequest(), options: options)
        for try await place in places where place.state != .waiting { return }
      } catch let failure as RPCFailure {
        guard failure.code == .unavailable || failure.isOutcomeUnknown else { throw failure }
      }
    }
    throw TookTooLong("\(name), number \(number), never had their turn")
  }

  private func options(
    _ shop: ShopCalls,
    token: String = "",
    key: String? = nil,
    asOf offset: UInt64
  ) throws -> CallOptions {
    var options = try shop.options(user: user, key: key)
    if !token.isEmpty { try options.metadata.add(Metadata.Key.token, token) }
    try options.metadata.add(Metadata.Key.atLeastOffset, "\(offset)")
    return options
  }
}
