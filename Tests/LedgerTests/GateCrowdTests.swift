import Domain
import Ledger
import StoreSupport
import Testing

@Suite("Crowds at gates, of whom nothing is in memory")
struct GateCrowdTests {
  @Test("Whoever comes to a gate in front of a hundred dates is let in at once")
  func manyDates() async throws {
    let before = Shop()
    // At 0 no gate has opened: stores know that as no time.
    before.pass(milliseconds: 1)
    var policy = GatePolicy()
    policy.stopsWhenSoldOut = true
    _ = try await before.run(set(policy))
    let plan = ConcertPlan(name: "Spring", gate: "a")
    let concert = try await before.run(CreateConcert(plan: plan))
    for _ in 0..<100 {
      _ = try await before.run(
        AddDate(concert: concert.id, times: before.times(), prices: before.prices(1, 1))
      )
    }
    let user = try await before.user()
    await before.close()

    let after = Shop(database: before.database)
    let entered = try await after.run(Enter(gate: "a", user: user))
    #expect(entered.ticket.state == .active)
    await after.close()
  }

  @Test("A crowd is let in by one batch, though what came before it can be forgotten")
  func forgetting() async throws {
    var rules = Rules()
    rules.rateMillisecondsMax = 1_000
    let before = Shop(rules: rules)
    before.pass(milliseconds: 1)
    _ = try await before.run(set(.defaults))
    for _ in 0..<150 {
      _ = try await before.run(Enter(gate: "a", user: try await before.user()))
    }
    before.pass(milliseconds: 1_000)
    _ = try await before.run(ChangeGate(name: "a", .pause, change: GateChange(by: "test")))
    for _ in 0..<150 {
      _ = try await before.run(Enter(gate: "a", user: try await before.user()))
    }
    await before.close()

    let after = Shop(database: before.database, rules: rules)
    _ = try await after.run(ChangeGate(name: "a", .resume, change: GateChange(by: "test")))
    await after.close()
    let line: Line? = try before.database.state.row("a")
    #expect(line?.waitingTotal == 0)
    #expect(line?.admissions == 300)
    #expect(line.map { $0.firstKept > 150 } == true)
  }

  @Test("A date is cancelled on which a hundred tickets hold a seat each")
  func cancelledDate() async throws {
    let before = Shop()
    before.pass(milliseconds: 1)
    _ = try await before.run(set(.defaults))
    let date = try await before.date(seats: 100, plan: ConcertPlan(name: "Spring", gate: "a"))
    try await crowd(at: before)
    for seat in 1...100 as ClosedRange<UInt32> {
      let user = try await before.user()
      let entered = try await before.run(Enter(gate: "a", user: user))
      _ = try await before.run(hold([seat], of: date, by: pass(entered)))
    }
    await before.close()

    var limits = LedgerLimits()
    limits.lapsesPerBatchMax = 1
    let after = Shop(database: before.database, limits: limits)
    let outcome = try await after.run(CancelDate(id: date))
    #expect(outcome.isDone)
    await after.close()
    let line: Line? = try before.database.state.row("a")
    #expect(line?.holding == 0)
    #expect(line?.active == 400)
  }

  @Test("Whoever leaves gives back a seat of each of a hundred dates")
  func leaving() async throws {
    let before = Shop()
    before.pass(milliseconds: 1)
    _ = try await before.run(set(.defaults))
    let entered = try await before.run(Enter(gate: "a", user: try await before.user()))
    for _ in 0..<100 {
      let date = try await before.date(plan: ConcertPlan(name: "Spring", gate: "a"))
      _ = try await before.run(hold([1], of: date, by: pass(entered)))
    }
    await before.close()

    let after = Shop(database: before.database)
    let left = try await after.run(Leave(pass: pass(entered)))
    #expect(left.state == .left)
    #expect(left.holds.isEmpty)
    await after.close()
  }

  @Test("Seats are held whose holds have lapsed, each another's, before anyone has ended them")
  func lapsed() async throws {
    let before = Shop()
    before.pass(milliseconds: 1)
    _ = try await before.run(set(.defaults))
    let plan = ConcertPlan(name: "Spring", gate: "a", holdMilliseconds: 1_000)
    let date = try await before.date(seats: 50, plan: plan)
    try await crowd(at: before)
    for seat in 1...50 as ClosedRange<UInt32> {
      let user = try await before.user()
      let entered = try await before.run(Enter(gate: "a", user: user))
      _ = try await before.run(hold([seat], of: date, by: pass(entered)))
    }
    let entered = try await before.run(Enter(gate: "a", user: try await before.user()))
    await before.close()

    var limits = LedgerLimits()
    limits.lapsesPerBatchMax = 1
    let after = Shop(database: before.database, limits: limits)
    after.pass(milliseconds: 1_000)
    let held = try await after.run(hold(Array(1...50), of: date, by: pass(entered)))
    #expect(held.reservations.count == 50)
    await after.close()
  }

  @Test("Fifty gates that open together let everyone in with one batch")
  func manyGates() async throws {
    let before = Shop()
    before.pass(milliseconds: 1)
    var policy = GatePolicy()
    policy.stopsWhenSoldOut = true
    let names = (1...50).map { "gate-\($0)" }
    let opens = before.database.clock.after(milliseconds: 1_000)
    let user = try await before.user()
    for name in names {
      _ = try await before.run(set(policy, of: name, opens: opens))
      _ = try await before.date(plan: ConcertPlan(name: "Spring", gate: name))
      _ = try await before.run(Enter(gate: name, user: user))
    }
    await before.close()

    let after = Shop(database: before.database)
    after.pass(milliseconds: 1_000)
    _ = try await after.user()
    await after.close()
    for name in names {
      let line: Line? = try before.database.state.row(name)
      #expect(line?.admissions == 1, "\(name)")
    }
  }

  @Test("A command that looks for one thing after the other without end is refused, and alone")
  func endless() async throws {
    let shop = Shop()
    #expect(await shop.refusal(of: Wanderer()) == .overloaded)
    _ = try await shop.user()
    await shop.close()
  }

  /// Looks up a thousand users, each once it has seen the one before.
  private struct Wanderer: Command {
    func want(in rows: inout WorkingSet) {}

    func decide(in turn: inout Turn) throws(Interruption) {
      for number in 1...1_000 as ClosedRange<UInt64> {
        _ = try turn.rows.users.find(UserID(high: 0, low: number))
      }
    }
  }

  /// Three hundred who are inside, and whose turns end before those of whoever comes later: more than
  /// are looked at together for what time has ended.
  private func crowd(at shop: Shop) async throws {
    for _ in 0..<300 { _ = try await shop.run(Enter(gate: "a", user: try await shop.user())) }
    shop.pass(milliseconds: 1)
  }

  private func hold(_ seats: [UInt32], of date: DateID, by pass: Pass) -> Hold {
    Hold(user: pass.user, date: date, choice: .seats(seats), pass: pass)
  }

  private func pass(_ entered: Enter.Outcome) -> Pass {
    Pass(
      gate: entered.ticket.gate,
      ticket: entered.ticket.id,
      user: entered.ticket.user,
      epoch: entered.epoch,
      expires: Instant(milliseconds: .max)
    )
  }

  private func set(_ policy: GatePolicy, of name: String = "a", opens: Instant? = nil) -> SetGate {
    SetGate(
      plan: GatePlan(name: name, policy: policy, opens: opens),
      change: GateChange(by: "test"),
      seed: Array(repeating: 1, count: 32)
    )
  }
}
