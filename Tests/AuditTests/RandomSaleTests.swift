import Audit
import Domain
import ServicesSupport
import StoreSupport
import Testing

@Suite("An audit of whatever callers do")
struct RandomSaleTests {
  @Test("Nothing is found, whatever is done at once and however time passes", arguments: 1...6)
  func sound(seed: UInt64) throws {
    var sale = try RandomSale(seed: seed)
    try sale.run(steps: 120)
    for verdict in try Evidence(of: sale.house).verdicts() {
      #expect(verdict.isOk, "seed \(seed): \(verdict.lines)")
    }
    #expect(sale.refusals["OUTCOME_UNKNOWN"] == nil)
  }

  @Test("The same seed makes the same sale")
  func repeats() throws {
    let logs = try (0..<2).map { _ in
      var sale = try RandomSale(seed: 3)
      try sale.run(steps: 60)
      return sale.house.log
    }
    #expect(logs[0] == logs[1])
  }

  @Test("Callers meet refusals of every kind that a sale has, and audits facts of every kind")
  func refusals() throws {
    var met: Set<String> = []
    var facts: [Check: UInt64] = [:]
    for seed in 9...13 as ClosedRange<UInt64> {
      var sale = try RandomSale(seed: seed)
      try sale.run(steps: 120)
      met.formUnion(sale.refusals.keys)
      for verdict in try Evidence(of: sale.house).verdicts() {
        facts[verdict.check, default: 0] += verdict.facts
      }
    }
    let wanted: Set = [
      "SEAT_TAKEN", "SEAT_LIMIT", "SEAT_NOT_FOUND", "NOT_ENOUGH_SEATS", "HOLD_EXPIRED",
      "ALREADY_PAID", "ALREADY_CANCELLED", "CANCEL_CLOSED", "INSUFFICIENT_BALANCE",
      "BALANCE_OVERFLOW", "USER_NOT_FOUND", "DATE_NOT_FOUND", "RESERVATION_NOT_FOUND",
    ]
    #expect(wanted.subtracting(met).isEmpty)
    for check in Check.allCases where !Check.ofGates.contains(check) {
      #expect(facts[check, default: 0] > 20, "\(check)")
    }
  }

  @Test("What goes wrong in the store is found", arguments: StoreFault.allCases)
  func broken(fault: StoreFault) throws {
    var sale = try RandomSale(seed: 5)
    try sale.run(steps: 100)
    sale.house.database.change { fault.plant(&$0) }
    // A server that starts anew has nothing in memory that the store does not have.
    let broken = try Evidence(of: House(on: sale.house.database)).broken()
    #expect(Set(broken) == fault.found)
  }
}

/// What a store may do wrong.
enum StoreFault: CaseIterable {
  case balanceOff
  case seatForgotten
  case entryForgotten
  case lineStatesWrong
  case eventRepeated

  var found: Set<Check> {
    switch self {
    case .balanceOff, .entryForgotten: [.balanceUnlikeEntries, .tablesUnlikeLog]
    case .seatForgotten: [.seatsSold, .tablesUnlikeLog]
    case .lineStatesWrong: [.moneyNotOnce, .seatsSold, .tablesUnlikeLog]
    case .eventRepeated: [.logGaps, .balanceUnlikeEntries, .stepsOutOfTurn, .tablesUnlikeLog]
    }
  }

  func plant(_ state: inout FakeState) {
    do {
      switch self {
      case .balanceOff:
        let all: [Wallet] = try state.rows { _ in true }
        state.put(Wallet(user: all[0].user, balance: all[0].balance + 1))
      case .seatForgotten:
        let all: [TakenSeat] = try state.rows { _ in true }
        if let seat = all.first(where: \.isSold) { state.remove(seat.key, of: TakenSeat.self) }
      case .entryForgotten:
        let all: [Domain.Entry] = try state.rows { _ in true }
        if let entry = all.first(where: { $0.kind == .charge }) {
          state.remove(entry.key, of: Domain.Entry.self)
        }
      case .lineStatesWrong:
        let all: [PaymentLine] = try state.rows { _ in true }
        if var line = all.first(where: { $0.state == .refunded }) {
          line.state = .paid
          state.put(line)
        }
      case .eventRepeated:
        state.log[4] = state.log[3]
      }
    } catch {
      preconditionFailure("the store has a row that cannot be read: \(error)")
    }
  }
}
