import Audit
import Testing
import UsherAPI

/// Something wrong with a log or its tables, and what an audit has to say of it.
struct Fault: Sendable, CustomTestStringConvertible {
  let name: String
  let found: Set<Check>
  let says: String
  let plant: @Sendable (inout Evidence) throws -> Void

  init(
    _ name: String,
    _ found: Set<Check>,
    says: String,
    _ plant: @Sendable @escaping (inout Evidence) throws -> Void
  ) {
    self.name = name
    self.found = found
    self.says = says
    self.plant = plant
  }

  var testDescription: String { name }

  static let all = logFaults + gateFaults + tableFaults
}

// MARK: - In the log

extension Fault {
  private static let logFaults = [
    Fault("an event is missing", [.logGaps], says: "comes after offset 6") { $0.leaveOut(7) },
    Fault(
      "a charge is missing from the log",
      [.balanceUnlikeEntries, .balanceBelowZero, .tablesUnlikeLog],
      says: "of which the log knows nothing"
    ) { $0.removeEvent { $0.isCharge } },
    Fault("an event is told twice", [.logGaps], says: "comes after offset 3") { $0.tellTwice(3) },
    Fault("a payment is told twice", [.stepsOutOfTurn], says: "is paid and was PAID") { evidence in
      evidence.tellAgain { $0.isPaid }
    },
    Fault("the log ends early", [.logGaps, .tablesUnlikeLog], says: "the log ends here") {
      $0.events.removeLast()
    },
    Fault("time goes back", [.logBackwards, .stepsOutOfTurn], says: "in epoch 1, after") {
      evidence in
      evidence.changeEvent { event in
        guard event.isHeld, event.offset > 10 else { return false }
        event.atMs -= 1_000_000
        return true
      }
    },
    Fault(
      "a seat is held that another holds",
      [.seatsOwnedTwice, .tablesUnlikeLog],
      says: "is held by"
    ) { evidence in
      evidence.changeEvent { event in
        guard event.offset > 10, case .seatsHeld(var held) = event.what else { return false }
        // Ada's paid seat 1 is taken by Bob.
        held.reservations[0].seatNumber = 1
        event.what = .seatsHeld(held)
        return true
      }
    },
    Fault(
      "a hold is paid at its very end",
      [.paidAfterLapse, .stepsOutOfTurn, .tablesUnlikeLog],
      says: "is paid at"
    ) { evidence in
      evidence.changeEvent { event in
        guard case .seatsHeld(var held) = event.what else { return false }
        for index in held.reservations.indices {
          held.reservations[index].expiresMs = event.atMs
        }
        event.what = .seatsHeld(held)
        return true
      }
    },
    Fault(
      "an entry says one unit too much",
      [.balanceUnlikeEntries, .tablesUnlikeLog],
      says: "and says"
    ) { evidence in
      evidence.changeEvent { event in
        guard case .walletMoved(var moved) = event.what else { return false }
        moved.entry?.balance += 1
        event.what = .walletMoved(moved)
        return true
      }
    },
    Fault(
      "an outage is given back to one hold too few",
      [.stepsOutOfTurn],
      says: "time is given back to"
    ) { evidence in
      evidence.changeEvent { event in
        guard case .timeGivenBack(var back) = event.what else { return false }
        back.holds -= 1
        event.what = .timeGivenBack(back)
        return true
      }
    },
  ]
}

// MARK: - In the tables

extension Fault {
  private static let tableFaults = [
    Fault(
      "a seat is sold twice",
      [.seatsOwnedTwice, .seatsSold, .tablesUnlikeLog],
      says: "is PAID 2 times"
    ) { evidence in
      let lines = try evidence.rows(of: "payments", Payment.self).flatMap(\.lines)
      guard let line = lines.first(where: { $0.state == .paid }) else { return }
      try evidence.changeRow(of: "payments", Payment.self) { payment in
        guard !payment.lines.contains(line),
          let index = payment.lines.firstIndex(where: { $0.state == .paid })
        else { return .none }
        var payment = payment
        payment.lines[index].dateID = line.dateID
        payment.lines[index].seatNumber = line.seatNumber
        return .into(payment)
      }
    },
    Fault(
      "an entry is missing",
      [.balanceUnlikeEntries, .tablesUnlikeLog],
      says: "and its entries come to"
    ) { evidence in
      try evidence.changeRow(of: "entries", WalletMoved.self) { moved in
        moved.entry?.kind == .charge ? .nothing : .none
      }
    },
    Fault(
      "a balance is off by one",
      [.balanceUnlikeEntries, .tablesUnlikeLog],
      says: "balance of"
    ) { evidence in
      try evidence.changeRow(of: "wallets", Wallet.self) { wallet in
        .into(Wallet(userID: wallet.userID, balance: wallet.balance + 1))
      }
    },
    Fault(
      "a balance is below 0",
      [.balanceUnlikeEntries, .balanceBelowZero, .tablesUnlikeLog],
      says: "is -1 in wallets"
    ) { evidence in
      try evidence.changeRow(of: "wallets", Wallet.self) { wallet in
        .into(Wallet(userID: wallet.userID, balance: -1))
      }
    },
    Fault(
      "a line is PAID without its seat",
      [.seatsSold, .tablesUnlikeLog],
      says: "is not its user's"
    ) { evidence in
      try evidence.changeRow(of: "taken_seats", TakenSeat.self) { seat in
        seat.untilMs == 0 ? .nothing : .none
      }
    },
    Fault(
      "a refunded line is PAID again",
      [.moneyNotOnce, .seatsSold, .tablesUnlikeLog],
      says: "lines[1].state of"
    ) { evidence in
      try evidence.changeRow(of: "payments", Payment.self) { payment in
        guard let index = payment.lines.firstIndex(where: { $0.state == .refunded }), index == 1
        else { return .none }
        var payment = payment
        payment.lines[index].state = .paid
        return .into(payment)
      }
    },
    Fault(
      "a payment is without its entry",
      [.balanceUnlikeEntries, .moneyNotOnce, .tablesUnlikeLog],
      says: "moved 0 times"
    ) { evidence in
      try evidence.changeRow(of: "entries", WalletMoved.self) { moved in
        moved.entry?.kind == .payment ? .nothing : .none
      }
    },
    Fault(
      "a payment's entry is of another amount",
      [.balanceUnlikeEntries, .moneyNotOnce, .tablesUnlikeLog],
      says: "moved 1 times: "
    ) { evidence in
      try evidence.changeRow(of: "entries", WalletMoved.self) { moved in
        guard moved.entry?.kind == .payment else { return .none }
        var moved = moved
        moved.entry?.amount += 1
        return .into(moved)
      }
    },
    Fault(
      "money moved for no payment",
      [.moneyNotOnce, .tablesUnlikeLog],
      says: "which is no payment or refund"
    ) { evidence in
      try evidence.changeRow(of: "entries", WalletMoved.self) { moved in
        guard moved.entry?.kind == .charge else { return .none }
        var moved = moved
        moved.entry?.kind = .refund
        return .into(moved)
      }
    },
    Fault(
      "a reservation's state is wrong",
      [.tablesUnlikeLog],
      says: "state of "
    ) { evidence in
      try evidence.changeRow(of: "reservations", Reservation.self) { reservation in
        guard reservation.state == .lapsed else { return .none }
        var reservation = reservation
        reservation.state = .cancelled
        return .into(reservation)
      }
    },
    Fault("a user stands in the tables twice", [.tablesUnlikeLog], says: "stands twice in users") {
      $0.chunks[0].rows += $0.chunks[0].rows.prefix(1)
    },
  ]
}

extension Event {
  fileprivate var isCharge: Bool {
    if case .walletMoved(let moved) = what { moved.entry?.kind == .charge } else { false }
  }

  fileprivate var isPaid: Bool {
    if case .paid = what { true } else { false }
  }

  fileprivate var isHeld: Bool {
    if case .seatsHeld = what { true } else { false }
  }
}
