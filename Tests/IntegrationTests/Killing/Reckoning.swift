import RPCCore
import UsherAPI

/// Compares what a server says with what buyers were told, and with itself. Each mistake is a line.
struct Reckoning {
  let shop: ShopCalls
  let concert: String
  private(set) var mistakes: [String] = []
  /// What is paid and held by the buyers' own lists.
  private var paidLines: UInt32 = 0
  private var pending: UInt32 = 0
  private var balances: [String: Int64] = [:]

  init(_ shop: ShopCalls, concert: String) {
    self.shop = shop
    self.concert = concert
  }

  mutating func check(_ buyers: [Buyer]) async throws {
    for buyer in buyers where !buyer.user.isEmpty { try await check(buyer) }
    try await checkSeats()
    try await checkLog(past: buyers.map(\.offset).max() ?? 0)
  }

  private mutating func expect<Value: Equatable>(_ found: Value, _ told: Value, _ what: String) {
    if found != told { mistakes.append("\(what): found \(found), told \(told)") }
  }

  private mutating func check(_ buyer: Buyer) async throws {
    let options = try shop.options(user: buyer.user)
    let wallets = WalletClient(shop.caller)
    let balance = try await wallets.getBalance(GetBalanceRequest(), options: options).balance
    expect(balance, buyer.balance, "\(buyer.name)'s balance")
    balances[buyer.user] = balance
    let entries = try await pages { token in
      let request = ListEntriesRequest(pageSize: 100, pageToken: token)
      let page = try await wallets.listEntries(request, options: options)
      return (page.entries, page.nextPageToken)
    }
    expect(entries.map(\.amount).reduce(0, +), balance, "the sum of \(buyer.name)'s entries")
    expect(entries.count, buyer.entryCount, "the count of \(buyer.name)'s entries")
    let reservations = try await pages { token in
      let request = ListReservationsRequest(pageSize: 100, pageToken: token)
      let client = ReservationClient(shop.caller)
      let page = try await client.list(request, options: options)
      return (page.reservations, page.nextPageToken)
    }
    let states = Dictionary(
      reservations.map { ($0.id, $0.state) },
      uniquingKeysWith: { first, _ in first }
    )
    expect(states, buyer.states, "\(buyer.name)'s reservations")
    pending += UInt32(states.values.count { $0 == .pending })
    let payments = try await pages { token in
      let request = ListPaymentsRequest(pageSize: 100, pageToken: token)
      let page = try await PaymentClient(shop.caller).list(request, options: options)
      return (page.payments, page.nextPageToken)
    }
    expect(Set(payments.map(\.id)), buyer.payments, "\(buyer.name)'s payments")
    let lines = payments.flatMap(\.lines)
    for line in lines {
      let isPaid = line.state == .paid
      expect(states[line.reservationID], isPaid ? .paid : .cancelled, "the seat of a line")
    }
    paidLines += UInt32(lines.count { $0.state == .paid })
  }

  private func pages<Row>(
    _ page: (String) async throws -> ([Row], String)
  ) async throws -> [Row] {
    var rows: [Row] = []
    var token = ""
    repeat {
      let (more, next) = try await page(token)
      rows += more
      token = next
    } while !token.isEmpty
    return rows
  }

  private mutating func checkSeats() async throws {
    let request = ListDatesRequest(concertID: concert)
    let dates = try await ConcertClient(shop.caller)
      .listDates(request, options: shop.options()).dates
    expect(dates.map(\.seatsSold).reduce(0, +), paidLines, "seats sold")
    expect(dates.map(\.seatsHeld).reduce(0, +), pending, "seats held")
  }

  /// The log has no gap and no repeat, reaches as far as anyone was told, and moves the same money.
  private mutating func checkLog(past offset: UInt64) async throws {
    var last: UInt64 = 0
    var moved: [String: Int64] = [:]
    let request = SubscribeRequest()
    let events = EventClient(shop.caller).subscribe(request, options: try shop.options())
    for try await event in events {
      expect(event.offset, last + 1, "the next offset")
      last = event.offset
      if case .walletMoved(let move)? = event.what {
        moved[move.userID, default: 0] += move.entry?.amount ?? 0
      }
    }
    if last < offset { mistakes.append("the log ends at \(last), and \(offset) was told") }
    expect(moved, balances.filter { $0.value != 0 || moved[$0.key] != nil }, "the log's money")
  }
}
