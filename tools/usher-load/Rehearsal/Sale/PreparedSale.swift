internal import RPCCore
internal import Scenarios
internal import UsherAPI

/// A sale that stands: what is sold, the gate before it, and who may come.
package struct PreparedSale: Sendable, Codable {
  /// Someone who is known to the server, and shows this token.
  package struct User: Sendable, Codable {
    package let id: String
    package let token: String
  }

  /// A date of the sale, and how many seats it has.
  package struct Date: Sendable, Codable {
    package let id: String
    package let seats: UInt32
  }

  package let gate: String
  package let concerts: [String]
  package let dates: [Date]
  package internal(set) var users: [User]
  /// The log's last event before any of it.
  package let offsetBefore: UInt64
  package let policy: PolicyLimits

  /// What the gate allows, to be drawn beside what was.
  package struct PolicyLimits: Sendable, Codable {
    package let insideMax: UInt32
    package let rateCount: UInt32
    package let rateIntervalMs: UInt32
  }
}

/// Makes a sale for a rehearsal, or finds the one that it is to be rehearsed with.
struct SaleSetup {
  private static let day: Int64 = 86_400_000

  let desk: Desk
  let scenario: Scenario
  /// What is made is named after the run, so that a server can be rehearsed with again and again.
  let runName: String

  /// Everything but the people and the gate's opening.
  func prepare() async throws -> PreparedSale {
    let stats = try await desk.operators.stats(StatsRequest(), options: desk.asOperator())
    return try await scenario.sale.existing ? find(stats) : make(stats)
  }

  private func make(_ stats: StatsResponse) async throws -> PreparedSale {
    let plan = scenario.sale
    let gate = "\(plan.gate)-\(runName)"
    // Announced far ahead, as long as the crowd only gathers.
    try await setGate(gate, opensMs: plan.opensIn == nil ? 0 : stats.timeMs &+ Self.day)
    let concerts = try await desk.many(plan.concerts) { number in
      let name = plan.concerts == 1 ? plan.concert : "\(plan.concert) \(number + 1)"
      let request = CreateConcertRequest(
        name: "\(name) (\(runName))",
        gate: gate,
        holdTTLMs: milliseconds(plan.holdTTL),
        seatsPerUserMax: UInt32(clamping: plan.seatsPerUserMax),
        cancelUntilMs: stats.timeMs &+ 30 * Self.day
      )
      return try await desk.operators.createConcert(request, options: desk.asOperator()).id
    }
    let dates = try await desk.many(plan.concerts * plan.dates) { number in
      let opens = stats.timeMs &+ (30 + Int64(number)) * Self.day
      var request = AddDateRequest(
        concertID: concerts[number / plan.dates],
        opensMs: opens,
        closesMs: opens &+ 7_200_000,
        bookingStartsMs: stats.timeMs &- Self.day,
        bookingEndsMs: opens,
        seats: UInt32(clamping: plan.seatsPerDate),
        price: plan.price
      )
      if plan.goodSeats > 0 {
        let last = UInt32(clamping: min(plan.goodSeats, plan.seatsPerDate))
        request.prices = [SeatPrices(from: 1, to: last, price: plan.goodSeatPrice)]
      }
      let made = try await desk.operators.addDate(request, options: desk.asOperator())
      return PreparedSale.Date(id: made.id, seats: made.seatsTotal)
    }
    return PreparedSale(
      gate: gate,
      concerts: concerts,
      dates: dates,
      users: [],
      offsetBefore: stats.offset,
      policy: PreparedSale.PolicyLimits(
        insideMax: UInt32(clamping: plan.insideMax),
        rateCount: UInt32(clamping: plan.rateCount),
        rateIntervalMs: milliseconds(plan.rateInterval)
      )
    )
  }

  /// Has a gate that was announced open as long after the doors as the plan says.
  func announceOpening(of sale: PreparedSale, doorsMs: Int64) async throws {
    guard let opensIn = scenario.sale.opensIn, !scenario.sale.existing else { return }
    try await setGate(sale.gate, opensMs: doorsMs &+ Int64(milliseconds(opensIn)))
  }

  /// Lets nobody else through a gate that was made for the run: whoever is left in its line would keep
  /// the server busy, and the run that comes next.
  func close(_ sale: PreparedSale) async {
    guard !scenario.sale.existing else { return }
    let request = ChangeGateRequest(name: sale.gate, reason: "the rehearsal is over")
    // A server that does not answer lets nobody in.
    _ = try? await desk.operators.pauseGate(request, options: desk.asOperator())
  }

  /// Sets the gate as the plan has it.
  private func setGate(_ name: String, opensMs: Int64) async throws {
    let plan = scenario.sale
    var policy = GatePolicy(
      insideMax: UInt32(clamping: plan.insideMax),
      rateCount: UInt32(clamping: plan.rateCount),
      rateIntervalMs: plan.rateCount > 0 ? milliseconds(plan.rateInterval) : 0,
      claimTTLMs: milliseconds(plan.claimTTL),
      returnGraceMs: milliseconds(plan.returnGrace),
      sessionTTLMs: milliseconds(plan.sessionTTL),
      sessionMaxMs: milliseconds(plan.sessionMax),
      stopWhenSoldOut: plan.stopWhenSoldOut,
      limitToStock: plan.limitToStock,
      prioritySharePercent: UInt32((plan.priorityShare.fraction * 100).rounded())
    )
    if let least = plan.askAgainMin { policy.askAgainMinMs = milliseconds(least) }
    if let most = plan.askAgainMax { policy.askAgainMaxMs = milliseconds(most) }
    let request = SetGateRequest(
      name: name,
      policy: policy,
      opensMs: opensMs,
      lottery: plan.lottery,
      reason: "a rehearsal"
    )
    _ = try await desk.operators.setGate(request, options: desk.asOperator())
  }

  private func find(_ stats: StatsResponse) async throws -> PreparedSale {
    let plan = scenario.sale
    let gate = try await desk.operators.getGate(
      GetGateRequest(name: plan.gate),
      options: desk.asOperator()
    )
    var concerts: [Concert] = []
    var page = ""
    repeat {
      let answer = try await desk.concerts.listConcerts(
        ListConcertsRequest(pageToken: page),
        options: desk.asApp()
      )
      concerts += answer.concerts
      page = answer.nextPageToken
    } while !page.isEmpty
    let wanted = concerts.filter {
      $0.gate == plan.gate && (plan.concert.isEmpty || $0.name == plan.concert)
    }
    guard !wanted.isEmpty else {
      throw RehearsalFailure("no concert of that name is behind gate \(plan.gate)")
    }
    return PreparedSale(
      gate: gate.name,
      concerts: wanted.map(\.id),
      dates: [],
      users: [],
      offsetBefore: 0,
      policy: PreparedSale.PolicyLimits(
        insideMax: gate.policy?.insideMax ?? 0,
        rateCount: gate.policy?.rateCount ?? 0,
        rateIntervalMs: gate.policy?.rateIntervalMs ?? 0
      )
    )
  }

  private func milliseconds(_ duration: Duration) -> UInt32 {
    UInt32(clamping: duration.wholeNanoseconds / 1_000_000)
  }
}

/// Why a rehearsal could not begin or go on.
package struct RehearsalFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

extension Desk {
  /// Makes so many people known to the server, by the names that `name` gives them.
  func register(
    _ count: Int,
    name: @Sendable @escaping (Int) -> String
  ) async throws -> [PreparedSale.User] {
    try await many(count) { number in
      let answer = try await users.register(RegisterRequest(name: name(number)), options: asApp())
      return PreparedSale.User(id: answer.user?.id ?? "", token: answer.token)
    }
  }
}
