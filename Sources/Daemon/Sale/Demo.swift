internal import Domain
internal import Ledger

/// Something to try the server with: a concert behind a gate, three dates of 50 seats, and someone
/// with money.
///
/// It can be asked for again: what is there already stays, and dates are added where none can be
/// booked any more.
struct Demo {
  static let concertName = "Demo: Spring in the Round"
  static let gateName = "demo"
  /// Always the same, so that what a page shows can be typed.
  static let user = UserID(high: 0x0000_0000_0000_7000, low: 0x8000_0000_0000_0001)
  private static let balance: Int64 = 100_000
  private static let day: Int64 = 86_400_000

  let ledger: Ledger
  let boards: Boards

  /// Sees to it that it is all there, and answers the concert's id.
  func open() async throws(NotDone) -> ConcertID {
    let user = try await ledger.submit(Register(id: Self.user, name: "Demo user"))
    // The balance is given once, with the user.
    if user.outcome.created == user.at {
      _ = try await ledger.submit(
        Charge(user: Self.user, amount: Self.balance, description: "a gift for the demo")
      )
    }
    if boards.gate(Self.gateName) == nil { try await addGate() }
    let concert = try await concert()
    if boards.bookable(of: concert).isEmpty { try await addDates(to: concert) }
    return concert
  }

  /// A gate wide enough that nobody who tries it by hand waits long.
  private func addGate() async throws(NotDone) {
    var policy = GatePolicy.defaults
    policy.insideMax = 40
    policy.rateCount = 20
    let command = SetGate(
      plan: GatePlan(name: Self.gateName, policy: policy),
      change: GateChange(by: "usherd", reason: "opened with --demo"),
      // Nothing is drawn: it is open from the start.
      seed: []
    )
    _ = try await ledger.submit(command)
  }

  private func concert() async throws(NotDone) -> ConcertID {
    var last: ConcertID?
    while true {
      let page = boards.concerts(after: last, max: 100)
      if let found = page.first(where: { $0.name == Self.concertName }) { return found.id }
      guard let end = page.last else { break }
      last = end.id
    }
    let plan = ConcertPlan(
      name: Self.concertName,
      place: "The Round, Hall 1",
      runningMinutes: 110,
      gate: Self.gateName,
      seatsPerUserMax: 8
    )
    return try await ledger.submit(CreateConcert(plan: plan)).outcome.id
  }

  private func addDates(to concert: ConcertID) async throws(NotDone) {
    let now = boards.time.now
    guard let prices = SeatPrices(total: 50, price: 4_500) else { return }
    for number in 0..<3 as Range<Int64> {
      let opens = now.after(milliseconds: (30 + number) * Self.day)
      let times = DateTimes(
        opens: opens,
        closes: opens.after(milliseconds: 7_200_000),
        bookingStarts: now,
        bookingEnds: opens
      )
      let command = AddDate(concert: concert, times: times, prices: prices)
      _ = try await ledger.submit(command)
    }
  }
}
