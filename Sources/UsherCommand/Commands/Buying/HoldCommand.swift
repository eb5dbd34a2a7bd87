internal import Arguments
internal import UsherAPI
internal import UsherClient

extension Command {
  static let hold = Command(
    name: "hold",
    summary: "Holds seats of a date for a while, all or none, so that they can be paid.",
    parameters: "DATE SEAT…",
    examples: ["usher hold 1 12 13", "usher hold 1 12-15", "usher hold 1 --best 2"],
    flags: [
      Flag("best", "K", isSetting: false, help: "so many, next to each other where it can be"),
      .key,
    ],
    notes: [
      "DATE is an id, or the number that usher dates gave it. What is held lapses unless it is paid",
      "in time. Needs app.key.",
    ],
    wordsMax: 1_000
  ) { invocation in
    let request = try invocation.holdRequest()
    return try await invocation.buying { buyer in
      _ = try buyer.person()
      var request = request
      request.dateID = try buyer.date(request.dateID)
      let response = try await buyer.usher.reservations.hold(
        request,
        options: try buyer.options(.entry, changes: true)
      )
      try buyer.keep { state in
        let isBehindGate = !response.entryToken.isEmpty
        if isBehindGate { state.ticket?.entryToken = response.entryToken }
        state.held = .init(
          reservations: response.reservations.map(\.id),
          isBehindGate: isBehindGate
        )
      }
      let wallet = try await buyer.usher.wallets.getBalance(
        GetBalanceRequest(),
        options: try buyer.options()
      )
      try invocation.answer(response, response.lines(balance: wallet.balance))
      return .done
    }
  }
}

extension Invocation {
  fileprivate func holdRequest() throws -> HoldRequest {
    let date = try onlyWord("a date")
    let seats = try words.dropFirst().flatMap(Self.seats)
    guard let best = try flags.number("best", of: UInt32.self) else {
      guard !seats.isEmpty else {
        throw UsageError("which seats?", hint: "their numbers, or --best K for the best there are.")
      }
      return HoldRequest(dateID: date, seatNumbers: seats)
    }
    guard seats.isEmpty else { throw UsageError("either seats are named, or --best finds them") }
    guard best > 0 else { throw UsageError("--best: 0: at least 1") }
    return HoldRequest(dateID: date, bestAvailable: best)
  }

  /// `12`, or `12-15`.
  private static func seats(_ word: String) throws -> [UInt32] {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { UInt32($0) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
      first <= last, last - first < 1_000
    else { throw UsageError("\(word): a seat is its number, and several are 12-15") }
    return Array(first...last)
  }
}

extension HoldResponse {
  fileprivate func lines(balance: Int64) -> [String] {
    let total = reservations.reduce(0) { $0 + $1.price }
    let missing = total - balance
    let next =
      missing > 0
      ? "the balance is \(balance): usher charge \(missing), then usher pay"
      : "the balance is \(balance): usher pay"
    let now = reservations.first?.createdMs ?? expiresMs
    let until = Moments.text(expiresMs, now: now)
    return [
      "held \(reservations.map(\.seatNumber).seatsText) for \(total) until \(until)"
        + " (\(Moments.span(expiresMs - now)))",
      "  next: \(next)",
    ]
  }
}

extension [UInt32] {
  /// `seat 3`, `seats 12, 13`.
  var seatsText: String {
    (count == 1 ? "seat " : "seats ") + map(String.init).joined(separator: ", ")
  }
}
