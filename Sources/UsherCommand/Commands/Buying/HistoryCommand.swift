internal import Arguments
internal import RPCCore
internal import UsherAPI
internal import UsherClient

extension Command {
  static let history = Command(
    name: "history",
    summary: "Lists what whoever buys has paid, reserved and moved in their wallet, newest first.",
    examples: ["usher history", "usher history --json"],
    notes: [
      "With --json a line is a page of one of the three lists, in this order. Needs app.key."
    ]
  ) { invocation in
    try await invocation.buying { buyer in
      _ = try buyer.person()
      let history = try await buyer.history()
      guard !invocation.flags.has("json") else {
        for page in history.payments { invocation.console.answer(try invocation.json(page)) }
        for page in history.reservations { invocation.console.answer(try invocation.json(page)) }
        for page in history.entries { invocation.console.answer(try invocation.json(page)) }
        return .done
      }
      invocation.show(history)
      return .done
    }
  }
}

/// All that a wallet's owner can look up.
private struct History: Sendable {
  let payments: [ListPaymentsResponse]
  let reservations: [ListReservationsResponse]
  let entries: [ListEntriesResponse]

  var paid: Table {
    var table = Table("PAID", "TOTAL", "SEATS", "PAYMENT")
    for payment in payments.flatMap(\.payments) {
      let seats = payment.lines.map { line in
        "\(line.seatNumber)\(line.state == .refunded ? " (refunded)" : "")"
      }
      table.add(
        Moments.stamp(payment.paidMs),
        "\(payment.total)",
        seats.joined(separator: " "),
        payment.id
      )
    }
    return table
  }

  var reserved: Table {
    var table = Table("RESERVED", "SEAT", "PRICE", "STATE", "RESERVATION")
    for one in reservations.flatMap(\.reservations) {
      let state =
        one.state == .pending ? "held until \(Moments.stamp(one.expiresMs))" : one.state.word
      table.add(
        Moments.stamp(one.createdMs),
        "\(one.seatNumber)",
        "\(one.price)",
        state,
        one.id
      )
    }
    return table
  }

  var moved: Table {
    var table = Table("MOVED", "AMOUNT", "BALANCE", "WHAT")
    for entry in entries.flatMap(\.entries) {
      table.add(
        Moments.stamp(entry.atMs),
        "\(entry.amount)",
        "\(entry.balance)",
        entry.description.isEmpty ? entry.kind.word : "\(entry.kind.word): \(entry.description)"
      )
    }
    return table
  }
}

extension Invocation {
  fileprivate func show(_ history: History) {
    let isTerminal = console.answersToTerminal
    for (name, table) in [
      ("payment", history.paid), ("reservation", history.reserved), ("entry", history.moved),
    ] {
      // In a pipe the first field says which list a line is of.
      let lines = table.lines(toTerminal: isTerminal)
      say(isTerminal ? lines + [""] : lines.map { "\(name)\t\($0)" })
    }
  }
}

extension Buyer {
  fileprivate func history() async throws -> History {
    let options = try options()
    return History(
      payments: try await pages(\.nextPageToken) { token in
        try await usher.payments.list(ListPaymentsRequest(pageToken: token), options: options)
      },
      reservations: try await pages(\.nextPageToken) { token in
        try await usher.reservations.list(
          ListReservationsRequest(pageToken: token),
          options: options
        )
      },
      entries: try await pages(\.nextPageToken) { token in
        try await usher.wallets.listEntries(ListEntriesRequest(pageToken: token), options: options)
      }
    )
  }

  private func pages<Page>(
    _ next: KeyPath<Page, String>,
    _ get: (_ token: String) async throws -> Page
  ) async throws -> [Page] {
    var pages = [try await get("")]
    while let token = pages.last?[keyPath: next], !token.isEmpty {
      pages.append(try await get(token))
    }
    return pages
  }
}

extension ReservationState {
  /// In a word.
  fileprivate var word: String { MessageWords.short(self) }
}

extension EntryKind {
  /// In a word.
  fileprivate var word: String { MessageWords.short(self) }
}
