import Domain
import Ledger
import StoreSupport
import Testing

@Suite("What may be done, and what is refused")
struct RuleTests {
  let shop = Shop()

  @Test("A seat that is held is refused to others, and to its holder")
  func seatTaken() async throws {
    let date = try await shop.date()
    let ada = try await shop.user()
    let bob = try await shop.user("Bob")
    _ = try await shop.run(shop.hold([1, 2], of: date, by: ada))
    #expect(await shop.refusal(of: shop.hold([2, 3], of: date, by: bob)) == .seatTaken)
    #expect(await shop.refusal(of: shop.hold([2], of: date, by: ada)) == .seatTaken)
    // All or none: seat 3 is free still.
    #expect(await shop.refusal(of: shop.hold([3], of: date, by: bob)) == nil)
    await shop.close()
  }

  @Test("A hold counts as free from the moment it is over, swept or not", arguments: [0, 1])
  func holdLapses(early: Int64) async throws {
    let date = try await shop.date(plan: ConcertPlan(name: "Spring", holdMilliseconds: 1_000))
    let ada = try await shop.user(balance: 1_000)
    let bob = try await shop.user("Bob")
    let held = try await shop.run(shop.hold([1], of: date, by: ada))
    shop.pass(milliseconds: 1_000 - early)
    let taken = await shop.refusal(of: shop.hold([1], of: date, by: bob))
    let pay = Pay(user: ada, reservations: held.reservations.map(\.key.id))
    let refused = await shop.refusal(of: pay)
    #expect(taken == (early == 1 ? .seatTaken : nil))
    #expect(refused == (early == 1 ? nil : .holdExpired))
    await shop.close()
  }

  @Test("Booking is refused before it opens and from its end on")
  func bookingWindow() async throws {
    let concert = try await shop.run(CreateConcert(plan: ConcertPlan(name: "Spring")))
    let date = try await shop.run(
      AddDate(
        concert: concert.id,
        times: shop.times(startingIn: 1_000, endingIn: 2_000),
        prices: shop.prices(5, 1)
      )
    )
    let ada = try await shop.user()
    let hold = shop.hold([1], of: date.id, by: ada)
    shop.pass(milliseconds: 999)
    #expect(await shop.refusal(of: hold) == .bookingNotOpen)
    shop.pass(milliseconds: 1)
    #expect(await shop.refusal(of: hold) == nil)
    shop.pass(milliseconds: 1_000)
    #expect(await shop.refusal(of: shop.hold([2], of: date.id, by: ada)) == .bookingClosed)
    await shop.close()
  }

  @Test("What is not there is named as such")
  func notFound() async throws {
    let date = try await shop.date(seats: 3)
    let ada = try await shop.user()
    let nobody = UserID(high: 1, low: 1)
    #expect(await shop.refusal(of: shop.hold([4], of: date, by: ada)) == .seatNotFound)
    #expect(await shop.refusal(of: shop.hold([0], of: date, by: ada)) == .seatNotFound)
    #expect(await shop.refusal(of: shop.hold([1], of: date, by: nobody)) == .userNotFound)
    let nowhere = DateID(high: 1, low: 1)
    #expect(await shop.refusal(of: shop.hold([1], of: nowhere, by: ada)) == .dateNotFound)
    let none = ReservationID(high: 1, low: 1)
    let release = Release(user: ada, reservations: [none])
    #expect(await shop.refusal(of: release) == .reservationNotFound)
    let concert = DeleteConcert(id: ConcertID(high: 1, low: 1))
    #expect(await shop.refusal(of: concert) == .concertNotFound)
    await shop.close()
  }

  @Test("Empty lists, lists that name a seat twice, and too many seats are refused")
  func badLists() async throws {
    let date = try await shop.date(seats: 100)
    let ada = try await shop.user()
    for seats in [[], [1, 1], Array(1...51)] as [[UInt32]] {
      #expect(await shop.refusal(of: shop.hold(seats, of: date, by: ada)) == .fieldInvalid)
    }
    #expect(await shop.refusal(of: Pay(user: ada, reservations: [])) == .fieldInvalid)
    await shop.close()
  }

  @Test("A user has no more seats of a date than the concert allows; lapsed ones do not count")
  func seatLimit() async throws {
    let plan = ConcertPlan(name: "Spring", holdMilliseconds: 1_000, seatsPerUserMax: 2)
    let date = try await shop.date(plan: plan)
    let ada = try await shop.user()
    _ = try await shop.run(shop.hold([1, 2], of: date, by: ada))
    #expect(await shop.refusal(of: shop.hold([3], of: date, by: ada)) == .seatLimit)
    shop.pass(milliseconds: 1_000)
    #expect(await shop.refusal(of: shop.hold([3, 4], of: date, by: ada)) == nil)
    await shop.close()
  }

  @Test("Pay moves the money, sells the seats and says so once")
  func pay() async throws {
    let date = try await shop.date(price: 300)
    let ada = try await shop.user(balance: 500)
    let held = try await shop.run(shop.hold([7], of: date, by: ada))
    let pay = Pay(user: ada, reservations: held.reservations.map(\.key.id))
    let paid = try await shop.run(pay)
    #expect(paid.balance == 200)
    #expect(paid.lines.map(\.amount) == [300])
    #expect(await shop.refusal(of: pay) == .alreadyPaid)
    shop.pass(milliseconds: 10_000_000)
    let bob = try await shop.user("Bob")
    let later = shop.hold([7], of: date, by: bob)
    #expect(await shop.refusal(of: later) == .bookingClosed)
    await shop.close()
  }

  @Test("Too small a balance refuses a payment, which can be tried again after a charge")
  func insufficientBalance() async throws {
    let date = try await shop.date(price: 300)
    let ada = try await shop.user(balance: 299)
    let held = try await shop.run(shop.hold([1], of: date, by: ada))
    let pay = Pay(user: ada, reservations: held.reservations.map(\.key.id))
    #expect(await shop.refusal(of: pay) == .insufficientBalance)
    _ = try await shop.run(Charge(user: ada, amount: 1, description: ""))
    #expect(try await shop.run(pay).balance == 0)
    await shop.close()
  }

  @Test("A wallet holds no more than can be counted, and takes nothing below 1")
  func walletBounds() async throws {
    let ada = try await shop.user(balance: .max)
    let more = Charge(user: ada, amount: 1, description: "")
    #expect(await shop.refusal(of: more) == .balanceOverflow)
    let nothing = Charge(user: ada, amount: 0, description: "")
    #expect(await shop.refusal(of: nothing) == .fieldInvalid)
    let less = Charge(user: ada, amount: .min, description: "")
    #expect(await shop.refusal(of: less) == .fieldInvalid)
    await shop.close()
  }

  @Test("A paid seat is refunded in full until the concert's limit, and free again")
  func refund() async throws {
    let until = shop.database.clock.after(milliseconds: 1_000)
    let date = try await shop.date(
      price: 300,
      plan: ConcertPlan(name: "Spring", cancelUntil: until)
    )
    let ada = try await shop.user(balance: 600)
    let held = try await shop.run(shop.hold([1, 2], of: date, by: ada))
    let ids = held.reservations.map(\.key.id)
    _ = try await shop.run(Pay(user: ada, reservations: ids))
    let first = try await shop.run(Cancel(user: ada, reservation: ids[0]))
    #expect(first.refunded == 300 && first.balance == 300)
    let again = Cancel(user: ada, reservation: ids[0])
    #expect(await shop.refusal(of: again) == .alreadyCancelled)
    #expect(await shop.refusal(of: shop.hold([1], of: date, by: ada)) == nil)
    shop.pass(milliseconds: 1_000)
    let late = Cancel(user: ada, reservation: ids[1])
    #expect(await shop.refusal(of: late) == .cancelClosed)
    await shop.close()
  }

  @Test("What is released is free, and can be neither paid nor released again")
  func release() async throws {
    let date = try await shop.date()
    let ada = try await shop.user(balance: 1_000)
    let held = try await shop.run(shop.hold([1], of: date, by: ada))
    let ids = held.reservations.map(\.key.id)
    let release = Release(user: ada, reservations: ids)
    #expect(try await shop.run(release).map(\.state) == [.cancelled])
    #expect(await shop.refusal(of: release) == .alreadyCancelled)
    let pay = Pay(user: ada, reservations: ids)
    #expect(await shop.refusal(of: pay) == .alreadyCancelled)
    #expect(await shop.refusal(of: shop.hold([1], of: date, by: ada)) == nil)
    await shop.close()
  }

  @Test("A cancelled date refunds its paid seats step by step, and frees those that were held")
  func cancelDate() async throws {
    let date = try await shop.date(seats: 10, price: 10)
    let ada = try await shop.user(balance: 100)
    let held = try await shop.run(shop.hold([1, 2, 3], of: date, by: ada))
    _ = try await shop.run(Pay(user: ada, reservations: held.reservations.map(\.key.id)))
    _ = try await shop.run(shop.hold([4], of: date, by: ada))
    let (progress, steps) = try await cancel(date, in: shop)
    #expect(steps == 3)
    #expect(progress.refundedSeats == 3)
    #expect(progress.refunded == 30)
    #expect(progress.owed.isEmpty)
    #expect(await shop.refusal(of: shop.hold([5], of: date, by: ada)) == .dateNotFound)
    let reader = shop.store.reader()
    let balance: Wallet? = try await reader.read { snapshot throws(StoreFailure) in
      try snapshot.row(ada)
    }
    #expect(balance?.balance == 100)
    await shop.close()
  }

  /// Cancels a date, two seats in each step.
  private func cancel(
    _ date: DateID,
    in shop: Shop
  ) async throws -> (CancelDate.Progress, steps: Int) {
    var progress = CancelDate.Progress()
    var steps = 0
    while true {
      let step = try await shop.run(CancelDate(id: date, after: progress, seatsMax: 2))
      progress = step.progress
      steps += 1
      if step.isDone { return (progress, steps) }
    }
  }

  @Test("A wallet without room for its refund keeps nobody else from theirs, and can have it later")
  func cancelWithoutRoom() async throws {
    let shop = Shop()
    let date = try await shop.date(seats: 10, price: 10)
    let ada = try await shop.user(balance: 30)
    let bob = try await shop.user("Bob", balance: 20)
    let adas = try await shop.run(shop.hold([1, 2, 4], of: date, by: ada)).reservations
    let bobs = try await shop.run(shop.hold([3, 5], of: date, by: bob)).reservations
    _ = try await shop.run(Pay(user: ada, reservations: adas.map(\.key.id)))
    _ = try await shop.run(Pay(user: bob, reservations: bobs.map(\.key.id)))
    _ = try await shop.run(Charge(user: ada, amount: .max - 10, description: ""))
    let (first, steps) = try await cancel(date, in: shop)
    #expect(steps == 3)
    #expect(first.refundedSeats == 3)
    #expect(first.refunded == 30)
    #expect(first.owed == adas.dropFirst().map(\.key.id))
    let other = try await shop.date(seats: 1, price: 20)
    let held = try await shop.run(shop.hold([1], of: other, by: ada)).reservations
    _ = try await shop.run(Pay(user: ada, reservations: held.map(\.key.id)))
    let (second, _) = try await cancel(date, in: shop)
    #expect(second.refundedSeats == 2)
    #expect(second.owed.isEmpty)
    let reader = shop.store.reader()
    let left: [TakenSeat] = try await reader.read { snapshot throws(StoreFailure) in
      try snapshot.rows(groupOf: date)
    }
    #expect(left.isEmpty)
    await shop.close()
  }
}
