import CPowerLoss
import Domain
import Ledger
import TestSupport
import Testing
import Threads

@testable import StoreSQLite

@Suite("A store whose disk loses power, or fails", .timeLimit(.minutes(10)))
struct PowerLossTests {
  @Test("Whatever was answered is there after power was lost at any step, and nothing by halves")
  func powerLoss() async throws {
    for seed in 0..<200 as Range<UInt64> {
      let mistakes = try await Story(seed: seed, fault: USHER_DISK_LOSES_POWER).tell()
      try #require(mistakes == [], "seed \(seed)")
    }
  }

  @Test("So it is after a failed sync, where the process alone began anew before power was lost")
  func failedSync() async throws {
    for seed in 0..<100 as Range<UInt64> {
      let mistakes = try await Story(seed: seed, fault: USHER_DISK_FAILS_A_SYNC).tell()
      try #require(mistakes == [], "seed \(seed)")
    }
  }

  @Test("A store that syncs too little is found out", arguments: Life.Flaw.allCases)
  private func flawed(_ flaw: Life.Flaw) async throws {
    var found = 0
    for seed in 0..<20 as Range<UInt64> {
      let story = Story(seed: seed, fault: USHER_DISK_LOSES_POWER, flaw: flaw)
      do {
        if try await story.tell() != [] { found += 1 }
      } catch is StoreFailure {
        // What is there cannot even be read.
        found += 1
      }
    }
    #expect(found > 0)
  }
}

/// Some lives of a store on one disk, each but the last ended by a fault.
private struct Story {
  let seed: UInt64
  let fault: usher_disk_fault
  var flaw: Life.Flaw?

  private static let lives = 4
  private static let asksPerLife = 12

  /// Answers what was wrong.
  func tell() async throws -> [String] {
    let thread = WorkerThread()
    defer { thread.stop() }
    let mistakes = try await withTaskExecutorPreference(thread) { try await live(on: thread) }
    return mistakes
  }

  private func live(on thread: WorkerThread) async throws -> [String] {
    let (disk, directory) = (Disk(), TemporaryDirectory())
    var random = SeededGenerator(seed: seed)
    var customers: [Customer] = []
    for life in 0...Self.lives {
      let isLast = life == Self.lives
      if life > 0, !isLast { disk.plan(fault, in: random.draw(from: 1...150)) }
      let opened: Life
      do {
        opened = try Life(
          on: disk,
          at: directory.database,
          thread: thread,
          seed: random.next(),
          flaw: isLast ? nil : flaw
        )
      } catch {
        guard disk.hasFailed else { return ["life \(life) could not be opened: \(error)"] }
        loseEverything(of: disk, &random)
        continue
      }
      if life == 0 {
        customers = try await Self.openSale(opened.ledger, &random)
        disk.plan(fault, in: random.draw(from: 1...150))
      }
      var mistakes: [String] = []
      if await askAgain(&customers, opened.ledger) {
        do {
          mistakes = try await check(customers, opened.reader)
        } catch {
          await opened.end()
          throw error
        }
        if !isLast { customers = await Self.ask(customers, opened.ledger) }
      } else if isLast || !disk.hasFailed {
        mistakes = ["life \(life) did not answer"]
      }
      await opened.end()
      guard mistakes.isEmpty else { return mistakes.map { "life \(life): \($0)" } }
      if !isLast { loseEverything(of: disk, &random) }
    }
    return []
  }

  /// After a failed sync it is the process alone that ends, every other time.
  private func loseEverything(of disk: Disk, _ random: inout SeededGenerator) {
    let isProcessAlone = fault == USHER_DISK_FAILS_A_SYNC && random.isOne(in: 2)
    let rest = random.isOne(in: 3) ? nil : random.next()
    if !isProcessAlone { disk.recover(keepingSome: rest) }
  }

  private func askAgain(_ customers: inout [Customer], _ ledger: Ledger) async -> Bool {
    for number in customers.indices {
      guard await customers[number].askAgain(of: ledger) else { return false }
    }
    return true
  }

  private func check(_ customers: [Customer], _ reader: SQLiteReader) async throws -> [String] {
    try await reader.read { snapshot throws(StoreFailure) in
      var mistakes = try contradictions(in: snapshot)
      for customer in customers { mistakes += try customer.mistakes(in: snapshot) }
      return mistakes
    }
  }

  /// All ask at once, so that there are batches.
  private static func ask(_ customers: [Customer], _ ledger: Ledger) async -> [Customer] {
    await withTaskGroup(of: (Int, Customer).self) { group in
      for (place, customer) in customers.enumerated() {
        group.addTask {
          var customer = customer
          _ = await customer.ask(asksPerLife, of: ledger)
          return (place, customer)
        }
      }
      var asked = customers
      for await (place, customer) in group { asked[place] = customer }
      return asked
    }
  }

  private static func openSale(
    _ ledger: Ledger,
    _ random: inout SeededGenerator
  ) async throws -> [Customer] {
    let start = Instant(milliseconds: 1_000_000)
    let end = start.after(milliseconds: 86_400_000)
    let plan = ConcertPlan(name: "Spring", cancelUntil: end)
    let concert = try await ledger.submit(CreateConcert(plan: plan)).outcome
    let times = DateTimes(
      opens: end,
      closes: end.after(milliseconds: 7_200_000),
      bookingStarts: start,
      bookingEnds: end
    )
    let prices = try #require(SeatPrices(total: 500, price: 100))
    let date = AddDate(concert: concert.id, times: times, prices: prices)
    let made = try await ledger.submit(date).outcome
    var customers: [Customer] = []
    for number in 0..<4 {
      let user = try await ledger.submit(Register(id: nil, name: "\(number)")).outcome
      customers.append(Customer(user: user.id, date: made.id, seed: random.next()))
    }
    return customers
  }
}
