import Domain
import Ledger
import Testing

@Suite("Two callers at once cannot break a rule")
struct RaceTests {
  let shop = Shop()

  /// Runs a command many times at once, and answers how many came through.
  private func race<C: Command>(_ commands: [C]) async -> (won: Int, refused: [Refusal.Reason]) {
    let shop = shop
    return await withTaskGroup(of: Refusal.Reason?.self) { group in
      for command in commands { group.addTask { await shop.refusal(of: command) } }
      var refused: [Refusal.Reason] = []
      for await reason in group { if let reason { refused.append(reason) } }
      return (commands.count - refused.count, refused)
    }
  }

  @Test("One seat has one holder")
  func oneSeat() async throws {
    let date = try await shop.date()
    var holds: [Hold] = []
    for number in 0..<200 {
      let user = try await shop.user("user \(number)")
      holds.append(shop.hold([1], of: date, by: user))
    }
    let outcome = await race(holds)
    #expect(outcome.won == 1)
    #expect(outcome.refused.allSatisfy { $0 == .seatTaken })
    await shop.close()
  }

  @Test("One balance is spent once")
  func oneBalance() async throws {
    let date = try await shop.date(seats: 50, price: 100)
    let ada = try await shop.user(balance: 350)
    var pays: [Pay] = []
    for seat in 1...20 as ClosedRange<UInt32> {
      let held = try await shop.run(shop.hold([seat], of: date, by: ada))
      pays.append(Pay(user: ada, reservations: held.reservations.map(\.key.id)))
    }
    let outcome = await race(pays)
    #expect(outcome.won == 3)
    #expect(outcome.refused.allSatisfy { $0 == .insufficientBalance })
    await shop.close()
  }

  @Test("Charges at once all count")
  func chargesCount() async throws {
    let ada = try await shop.user()
    let charges = (0..<100).map { _ in Charge(user: ada, amount: 7, description: "") }
    #expect(await race(charges).won == 100)
    let last = try await shop.run(Charge(user: ada, amount: 1, description: ""))
    #expect(last.balance == 701)
    await shop.close()
  }

  @Test("A limit of seats holds over calls that come at once")
  func oneLimit() async throws {
    let date = try await shop.date(
      seats: 50,
      plan: ConcertPlan(name: "Spring", seatsPerUserMax: 4)
    )
    let ada = try await shop.user()
    let holds = (1...50).map { shop.hold([$0], of: date, by: ada) }
    let outcome = await race(holds)
    #expect(outcome.won == 4)
    #expect(outcome.refused.allSatisfy { $0 == .seatLimit })
    await shop.close()
  }

  @Test("One idempotency key is done once, and everyone hears the same")
  func oneKey() async throws {
    let ada = try await shop.user()
    let once = Once(
      Charge(user: ada, amount: 5, description: ""),
      key: Repeat.Key(text: "k", caller: ada.of(), method: "Charge"),
      digest: [1]
    )
    let shop = shop
    let entries = try await withThrowingTaskGroup(of: Entry.self) { group in
      for _ in 0..<50 { group.addTask { try await shop.run(once) } }
      return try await group.reduce(into: Set<Entry>()) { $0.insert($1) }
    }
    #expect(entries.count == 1)
    #expect(entries.first?.balance == 5)
    await shop.close()
  }

  @Test("A hold and its end: either the new holder has it, or the old one paid, never both")
  func holdAgainstExpiry() async throws {
    let date = try await shop.date(plan: ConcertPlan(name: "Spring", holdMilliseconds: 1_000))
    let ada = try await shop.user(balance: 100)
    let bob = try await shop.user("Bob")
    let held = try await shop.run(shop.hold([1], of: date, by: ada))
    shop.pass(milliseconds: 1_000)
    let shop = shop
    let pay = Pay(user: ada, reservations: held.reservations.map(\.key.id))
    async let paid = shop.refusal(of: pay)
    async let taken = shop.refusal(of: shop.hold([1], of: date, by: bob))
    let (payment, second) = await (paid, taken)
    #expect(payment == .holdExpired)
    #expect(second == nil)
    await shop.close()
  }

  @Test("Pay and Release of one hold: exactly one comes through")
  func payAgainstRelease() async throws {
    let date = try await shop.date(seats: 40, price: 1)
    let ada = try await shop.user(balance: 100)
    let shop = shop
    for seat in 1...40 as ClosedRange<UInt32> {
      let held = try await shop.run(shop.hold([seat], of: date, by: ada))
      let ids = held.reservations.map(\.key.id)
      async let paid = shop.refusal(of: Pay(user: ada, reservations: ids))
      async let released = shop.refusal(of: Release(user: ada, reservations: ids))
      let refusals = await [paid, released].compactMap { $0 }
      #expect(refusals == [.alreadyCancelled] || refusals == [.alreadyPaid])
    }
    await shop.close()
  }
}
