import Domain
import Ledger
import StoreSupport
import Testing
import Threads

@Suite("When the store fails, each caller hears what is known of their command")
struct FailureTests {
  let shop = Shop()

  private func charge(_ user: UserID, _ amount: Int64 = 1) -> Charge {
    Charge(user: user, amount: amount, description: "")
  }

  @Test("No room: refused as such, and the next one succeeds by itself")
  func full() async throws {
    let ada = try await shop.user()
    shop.store.fail(FakeFault(.commit, .rolledBack(.full, "no room"), .once))
    #expect(await shop.refusal(of: charge(ada)) == .storeFull)
    #expect(try await shop.run(charge(ada)).balance == 1)
    await shop.close()
  }

  @Test("Someone in the way: it is tried again, and the caller notices nothing")
  func conflict() async throws {
    let ada = try await shop.user()
    shop.store.fail(FakeFault(.commit, .rolledBack(.conflict, "busy"), .once))
    #expect(try await shop.run(charge(ada)).balance == 1)
    await shop.close()
  }

  @Test("Someone always in the way: refused after a bounded number of tries")
  func alwaysConflict() async throws {
    let ada = try await shop.user()
    shop.store.fail(FakeFault(.begin, .rolledBack(.conflict, "busy"), .always))
    #expect(await shop.refusal(of: charge(ada)) == .storeDown)
    shop.store.heal()
    #expect(try await shop.run(charge(ada)).balance == 1)
    await shop.close()
  }

  @Test("An unknown outcome is told as unknown, whether or not it happened")
  func unknown() async throws {
    let ada = try await shop.user()
    shop.store.fail(FakeFault(.committed, .outcomeUnknown("cut off"), .once))
    #expect(await shop.refusal(of: charge(ada)) == .outcomeUnknown)
    // It had happened, and nothing that was remembered hides that.
    #expect(try await shop.run(charge(ada)).balance == 2)
    await shop.close()
  }

  @Test("A failed fsync: the outcome is unknown, and nothing is tried after it")
  func lost() async throws {
    let ada = try await shop.user()
    shop.store.fail(FakeFault(.commit, .lost("fsync"), .once))
    #expect(await shop.refusal(of: charge(ada)) == .outcomeUnknown)
    let steps = shop.store.steps.count
    #expect(await shop.refusal(of: charge(ada)) == .storeDown)
    #expect(shop.store.steps.count == steps)
    #expect(shop.log.failures == [.lost("fsync")])
    await shop.close()
  }

  @Test("A command that cannot be saved fails alone")
  func poisoned() async throws {
    let ada = try await shop.user()
    let bob = try await shop.user("Bob")
    shop.store.fail(
      FakeFault(.commit, .rolledBack(.refused, "cannot"), .always, onlyWith: bob)
    )
    let shop = shop
    let refusals = await withTaskGroup(of: (Bool, Refusal.Reason?).self) { group in
      for number in 0..<40 {
        let isBad = number == 17
        let command = charge(isBad ? bob : ada)
        group.addTask { (isBad, await shop.refusal(of: command)) }
      }
      return await group.reduce(into: [(Bool, Refusal.Reason?)]()) { $0.append($1) }
    }
    #expect(refusals.allSatisfy { isBad, reason in reason == (isBad ? .storeDown : nil) })
    await shop.close()
  }
}

@Suite("Time")
struct TimeTests {
  @Test("An outage costs nobody their turn: holds get the gap back, in one logged event")
  func outage() async throws {
    let shop = Shop()
    let date = try await shop.date(plan: ConcertPlan(name: "Spring", holdMilliseconds: 60_000))
    let ada = try await shop.user(balance: 1_000)
    let held = try await shop.run(shop.hold([1], of: date, by: ada))
    shop.pass(milliseconds: 600_000)
    let bob = try await shop.user("Bob")
    #expect(await shop.refusal(of: shop.hold([1], of: date, by: bob)) == .seatTaken)
    let back = shop.log.events.filter {
      if case .timeGivenBack = $0.event { true } else { false }
    }
    #expect(back.map(\.event) == [.timeGivenBack(milliseconds: 600_000, tickets: 0, holds: 1)])
    let pay = Pay(user: ada, reservations: held.reservations.map(\.key.id))
    #expect(await shop.refusal(of: pay) == nil)
    await shop.close()
  }

  @Test("The batch's time never goes back, though the store's clock does")
  func neverBack() async throws {
    let shop = Shop()
    let first = try await shop.ledger.submit(Register(id: nil, name: "Ada"))
    shop.pass(milliseconds: -60_000)
    let second = try await shop.ledger.submit(Register(id: nil, name: "Bob"))
    #expect(second.at >= first.at)
    #expect(second.offset == first.offset + 1)
    await shop.close()
  }

  @Test("A tick ends the holds that are over, whoever is or is not watching")
  func tick() async throws {
    let shop = Shop()
    let date = try await shop.date(plan: ConcertPlan(name: "Spring", holdMilliseconds: 1_000))
    let ada = try await shop.user()
    _ = try await shop.run(shop.hold([1, 2], of: date, by: ada))
    shop.pass(milliseconds: 1_000)
    shop.ledger.tick()
    await shop.close()
    let ended = shop.log.events.compactMap { event -> Reservation.State? in
      guard case .reservationEnded(let reservation) = event.event else { return nil }
      return reservation.state
    }
    #expect(ended == [.lapsed, .lapsed])
  }
}

@Suite("Under an idempotency key")
struct OnceTests {
  let shop = Shop()

  private func once<C: RepeatableCommand>(
    _ command: C,
    by user: UserID,
    method: String = "m",
    digest: UInt8 = 1
  ) -> Once<C> {
    Once(
      command,
      key: Repeat.Key(text: "key", caller: user.of(), method: method),
      digest: [digest]
    )
  }

  @Test("The same request answers what the first success did, before any other check")
  func sameRequest() async throws {
    let date = try await shop.date()
    let ada = try await shop.user(balance: 1_000)
    let hold = once(shop.hold([1, 2], of: date, by: ada), by: ada)
    let first = try await shop.run(hold)
    #expect(try await shop.run(hold) == first)
    let pay = once(
      Pay(user: ada, reservations: first.reservations.map(\.key.id)),
      by: ada,
      method: "pay"
    )
    let paid = try await shop.run(pay)
    #expect(try await shop.run(pay) == paid)
    await shop.close()
  }

  @Test("Another request under the same key is refused")
  func otherRequest() async throws {
    let ada = try await shop.user()
    let charge = Charge(user: ada, amount: 1, description: "")
    _ = try await shop.run(once(charge, by: ada))
    #expect(await shop.refusal(of: once(charge, by: ada, digest: 2)) == .keyReused)
    #expect(await shop.refusal(of: once(charge, by: ada, method: "other", digest: 2)) == nil)
    await shop.close()
  }

  @Test("A refusal is not remembered")
  func refusalIsForgotten() async throws {
    let date = try await shop.date(price: 5)
    let ada = try await shop.user()
    let held = try await shop.run(shop.hold([1], of: date, by: ada))
    let pay = once(Pay(user: ada, reservations: held.reservations.map(\.key.id)), by: ada)
    #expect(await shop.refusal(of: pay) == .insufficientBalance)
    _ = try await shop.run(Charge(user: ada, amount: 5, description: ""))
    #expect(await shop.refusal(of: pay) == nil)
    await shop.close()
  }

  @Test("After a day the key is new", arguments: [86_399_999, 86_400_000] as [Int64])
  func afterADay(later: Int64) async throws {
    let ada = try await shop.user()
    let charge = once(Charge(user: ada, amount: 1, description: ""), by: ada)
    _ = try await shop.run(charge)
    shop.pass(milliseconds: later)
    #expect(try await shop.run(charge).balance == (later == 86_400_000 ? 2 : 1))
    await shop.close()
  }
}

@Suite("Batches")
struct BatchTests {
  @Test("A full queue refuses at once, and says when to come again")
  func fullQueue() async throws {
    var limits = LedgerLimits.defaults
    limits.insideMax = 0
    let shop = Shop(limits: limits)
    do throws(NotDone) {
      _ = try await shop.ledger.submit(Register(id: nil, name: "Ada"))
      Issue.record("a queue without room took a command")
    } catch {
      guard case .refused(let refusal) = error else { return }
      #expect(refusal.reason == .overloaded)
      #expect((refusal.retryAfterMilliseconds ?? 0) > 0)
    }
    // The door is another queue.
    _ = try await shop.ledger.submit(Register(id: nil, name: "Ada"), lane: .door)
    await shop.close()
  }

  @Test("A command whose time has passed, or whose caller has gone, is not begun")
  func tooLate() async throws {
    let shop = Shop()
    await #expect(throws: NotDone.deadlinePassed) { () async throws -> Void in
      _ = try await shop.ledger.submit(Register(id: nil, name: "Ada"), deadline: 0)
    }
    // Unstructured, for a task can only cancel itself.
    let gone = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await shop.refusalOrWithdrawal()
    }
    #expect(await gone.value == .withdrawn)
    await shop.close()
    #expect(shop.log.events.isEmpty)
  }

  @Test("What waits when a ledger is stopped is still done; what comes later is refused")
  func stops() async throws {
    let shop = Shop()
    _ = try await shop.user()
    await shop.close()
    #expect(await shop.refusal(of: Register(id: nil, name: "Bob")) == .storeDown)
    #expect(shop.store.isClosed)
  }

  @Test("Refusals alone leave the store as it is")
  func refusalsAlone() async throws {
    let shop = Shop()
    let ada = try await shop.user()
    let head = shop.database.state.head
    #expect(await shop.refusal(of: Pay(user: ada, reservations: [])) == .fieldInvalid)
    #expect(shop.database.state.head == head)
    await shop.close()
  }
}

extension Shop {
  fileprivate func refusalOrWithdrawal() async -> NotDone? {
    do throws(NotDone) {
      _ = try await ledger.submit(Register(id: nil, name: "Ada"))
      return nil
    } catch {
      return error
    }
  }
}
