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

  private func set(_ policy: GatePolicy) -> SetGate {
    SetGate(
      plan: GatePlan(name: "a", policy: policy),
      change: GateChange(by: "test"),
      seed: Array(repeating: 1, count: 32)
    )
  }
}
