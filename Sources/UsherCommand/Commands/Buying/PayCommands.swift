internal import Arguments
internal import Spelling
internal import UsherAPI
internal import UsherClient

extension Command {
  static let charge = Command(
    name: "charge",
    summary: "Puts money into the wallet of whoever buys.",
    parameters: "AMOUNT",
    examples: ["usher charge 9000", "usher charge 9000 --description \"gift card\""],
    flags: [Flag("description", "TEXT", isSetting: false, help: "what it is for"), .key],
    notes: ["AMOUNT is in the smallest unit of money. Needs app.key."],
    wordsMax: 1
  ) { invocation in
    let typed = try invocation.onlyWord("an amount")
    guard let amount = Int64(typed), amount > 0 else {
      throw UsageError("\(typed): an amount is a whole number above 0, in the smallest unit")
    }
    let request = ChargeRequest(amount: amount, description: invocation.flags["description"] ?? "")
    return try await invocation.buying { buyer in
      _ = try buyer.person()
      let response = try await buyer.usher.wallets.charge(
        request,
        options: try buyer.options(changes: true)
      )
      let next = buyer.state.held == nil ? "usher history" : "usher pay"
      try invocation.answer(
        response,
        ["charged \(amount); the balance is \(response.balance)", "  next: \(next)"]
      )
      return .done
    }
  }

  static let pay = Command(
    name: "pay",
    summary: "Pays what was held last, or the reservations that are named.",
    parameters: "[RESERVATION…]",
    examples: ["usher pay", "usher pay 0199c0de-0000-7000-8000-000000000001"],
    flags: [.key],
    notes: [
      "Money moves with the seats or not at all. With it one's turn behind a gate is over.",
      "Needs app.key.",
    ],
    wordsMax: 100
  ) { invocation in
    try await invocation.buying { buyer in
      _ = try buyer.person()
      let held = buyer.state.held
      let wanted = invocation.words.isEmpty ? held?.reservations ?? [] : invocation.words
      guard !wanted.isEmpty else {
        throw UsageError(
          "nothing is held that could be paid",
          hint: "usher hold DATE SEAT holds it."
        )
      }
      let response = try await buyer.usher.payments.pay(
        PayRequest(reservationIDs: wanted),
        options: try buyer.options(.entry, changes: true)
      )
      let ends = held.map { $0.isBehindGate && !Set($0.reservations).isDisjoint(with: wanted) }
      let gate = ends == true ? buyer.state.ticket?.gate : nil
      try buyer.keep { state in
        // Paying ends a turn, and with it whatever else was held.
        if gate != nil { state.ticket = nil }
        if gate != nil || held?.reservations.allSatisfy(wanted.contains) == true {
          state.held = nil
        }
      }
      try invocation.answer(response, response.lines(turnOverAt: gate))
      return .done
    }
  }
}

extension PayResponse {
  fileprivate func lines(turnOverAt gate: String?) -> [String] {
    guard let payment else { return ["paid; the balance is \(balance)"] }
    let seats = payment.lines.map { line in
      "  seat \(line.seatNumber) of \(line.concertName), \(Moments.text(line.opensMs)): \(line.amount)"
        .printable
    }
    return ["paid \(payment.total); the balance is \(balance); payment \(payment.id)"] + seats
      + (gate.map { ["  the turn at \($0) is over"] } ?? []) + ["  next: usher history"]
  }
}
