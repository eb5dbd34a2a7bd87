internal import UsherAPI

extension Comparison {
  /// Money that has to have moved once, and how much.
  private struct Due {
    let kind: EntryKind
    let user: String
    let amount: Int64
    let what: String
    let offset: UInt64?
  }

  /// Every payment and every refund in the tables has its entry, and every such entry has its reason.
  mutating func checkMoney() {
    let dues = dues()
    var moved: [String: [WalletMoved]] = [:]
    for entry in tables.entries.values {
      guard let reference = entry.entry?.reference, !reference.isEmpty else { continue }
      moved[reference, default: []].append(entry)
    }
    for (reference, due) in dues.sorted(by: { $0.key < $1.key }) {
      findings.looked(.moneyNotOnce)
      let found = moved[reference] ?? []
      let isOnce =
        found.count == 1 && found[0].userID == due.user && found[0].entry?.amount == due.amount
        && found[0].entry?.kind == due.kind
      guard !isOnce else { continue }
      let amounts = found.map { "\($0.entry?.amount ?? 0)" }.joined(separator: ", ")
      findings.add(
        .moneyNotOnce,
        at: due.offset,
        "for \(due.what) \(reference), \(due.amount) moved \(found.count) times"
          + (amounts.isEmpty ? "" : ": \(amounts)")
      )
    }
    for (id, entry) in tables.entries.sorted(by: { $0.key < $1.key }) {
      guard let reason = entry.entry, reason.kind != .charge else { continue }
      guard dues[reason.reference] == nil else { continue }
      findings.add(
        .moneyNotOnce,
        at: replay.entries[id]?.offset,
        "entry \(id) moved \(reason.amount) for \(reason.reference), which is no payment or refund"
      )
    }
  }

  private func dues() -> [String: Due] {
    var dues: [String: Due] = [:]
    for (id, payment) in tables.payments {
      let offset = replay.payments[id]?.offset
      dues[id] = Due(
        kind: .payment,
        user: payment.userID,
        amount: 0 &- payment.total,
        what: "payment",
        offset: offset
      )
      for line in payment.lines where line.state == .refunded {
        dues[line.reservationID] = Due(
          kind: .refund,
          user: payment.userID,
          amount: line.amount,
          what: "the refund of",
          offset: replay.reservations[line.reservationID]?.offset ?? offset
        )
      }
    }
    return dues
  }

  /// The seats that are sold in the tables are those of lines that are PAID, each once.
  mutating func checkSeats() {
    let sold = tables.seats.values.filter { $0.untilMs == 0 }
    var paid: [SeatKey: [(line: PaymentLine, payment: Payment)]] = [:]
    for payment in tables.payments.values {
      for line in payment.lines where line.state == .paid {
        paid[line.seatKey, default: []].append((line, payment))
      }
    }
    let lines = paid.values.reduce(0) { $0 + $1.count }
    findings.looked(.seatsSold, times: sold.count + lines)
    findings.counted(.seatsSold, found: sold.count, wanted: lines)
    for seat in sold.sorted(by: { $0.reservationID < $1.reservationID }) {
      let isPaid = (paid[seat.key] ?? []).contains {
        $0.line.reservationID == seat.reservationID && $0.payment.userID == seat.userID
      }
      if !isPaid {
        let offset = replay.seats[seat.key]?.offset
        findings.add(.seatsSold, at: offset, "\(seat.key) is sold, and no line of it is PAID")
      }
    }
    for (key, lines) in paid.sorted(by: { $0.key.description < $1.key.description }) {
      let offset = replay.payments[lines[0].payment.id]?.offset
      if lines.count > 1 {
        let users = lines.map(\.payment.userID).sorted().joined(separator: ", ")
        findings.add(.seatsOwnedTwice, at: offset, "\(key) is PAID \(lines.count) times: \(users)")
      }
      for one in lines where !isSold(key, to: one.line) {
        findings.add(
          .seatsSold,
          at: replay.payments[one.payment.id]?.offset,
          "a line of payment \(one.payment.id) is PAID, and \(key) is not its user's"
        )
      }
    }
  }

  private func isSold(_ key: SeatKey, to line: PaymentLine) -> Bool {
    guard let seat = tables.seats[key] else { return false }
    return seat.untilMs == 0 && seat.reservationID == line.reservationID
  }
}
