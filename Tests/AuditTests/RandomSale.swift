import RPCCore
import ServicesSupport
import TestSupport
import UsherAPI
import Wire

/// A sale in which several callers do at once whatever a seed draws, while time passes, sometimes
/// with nobody there.
struct RandomSale {
  /// What came of one command.
  enum Effect: Sendable {
    case user(String)
    case concert(String)
    case date(ConcertDate)
    case held(by: String, [String])
    case paid(by: String, [String])
    case nothing
    case refused(String)
  }

  typealias Step = @Sendable () async throws -> Effect

  let house: House
  private(set) var refusals: [String: Int] = [:]
  private var random: SeededGenerator
  private var users: [String] = []
  private var concerts: [String] = []
  private var dates: [ConcertDate] = []
  private var held: [(user: String, ids: [String])] = []
  private var paid: [(user: String, ids: [String])] = []
  private var keys = 0
  /// Commands that were given with a key, to be given again.
  private var repeatable: [Step] = []

  init(seed: UInt64) throws {
    house = try House(seed: seed)
    random = SeededGenerator(seed: seed)
    for _ in 0..<3 { users.append(try house.user("Ada", balance: 2_000)) }
    for _ in 0..<2 {
      let request = CreateConcertRequest(
        name: "Spring",
        holdTTLMs: 20_000,
        seatsPerUserMax: UInt32(random.draw(from: 0...6)),
        cancelUntilMs: house.now + Int64(random.draw(from: 0...600_000))
      )
      dates.append(try house.date(seats: 12, request))
    }
    concerts = dates.map(\.concertID)
  }

  /// Has callers do so many things, up to four at once.
  mutating func run(steps: Int) throws {
    for _ in 0..<steps {
      let running = (0..<random.draw(from: 1...4)).map { _ in start(draw()) }
      for one in running { note(try house.loop.finish(one, advancing: .seconds(60))) }
      passTime()
    }
  }

  private func start(_ step: @escaping Step) -> Running<Effect> {
    house.loop.start {
      do {
        return try await step()
      } catch let failure as RPCFailure {
        guard let refusal = failure.refusal else { throw failure }
        return .refused(refusal)
      }
    }
  }

  private mutating func note(_ effect: Effect) {
    switch effect {
    case .user(let id): users.append(id)
    case .concert(let id): concerts.append(id)
    case .date(let date): dates.append(date)
    case .held(let user, let ids): held.append((user, ids))
    case .paid(let user, let ids): paid.append((user, ids))
    case .nothing: break
    case .refused(let name): refusals[name, default: 0] += 1
    }
  }

  private mutating func passTime() {
    switch random.draw(from: 0..<20) {
    case 0: house.pass(milliseconds: Int64(random.draw(from: 1...30_000)))
    case 1: house.jump(milliseconds: Int64(random.draw(from: 4_000...90_000)))
    case 2...10: house.moveClock(milliseconds: Int64(random.draw(from: 0...900)))
    default: break
    }
  }
}

// MARK: - What callers do

extension RandomSale {
  private mutating func draw() -> Step {
    switch random.draw(from: 0..<40) {
    case 0: register()
    case 1: delete()
    case 2...5: charge()
    case 6...16: hold()
    case 17...20: release()
    case 21...28: pay()
    case 29...32: cancel()
    case 33...35: again()
    default: runTheSale()
    }
  }

  private mutating func one<Element>(of all: [Element]) -> Element {
    all[random.draw(from: all.indices)]
  }

  /// Someone who acts for a user, with a key of their own now and then.
  private mutating func acting(for user: String) -> Guest {
    guard random.isOne(in: 2) else { return house.app(for: user) }
    keys += 1
    return house.app(for: user, [(Metadata.Key.idempotencyKey, "key-\(keys)")])
  }

  private mutating func keep(_ step: @escaping Step) -> Step {
    repeatable.append(step)
    return step
  }

  private mutating func again() -> Step {
    repeatable.isEmpty ? charge() : one(of: repeatable)
  }

  private func register() -> Step {
    let app = house.app
    return { .user(try await app.users.register(.init(name: "Bob")).user?.id ?? "") }
  }

  private mutating func delete() -> Step {
    guard users.count > 4 else { return register() }
    let user = one(of: users)
    let app = acting(for: user)
    return keep {
      _ = try await app.users.delete(.init(userID: user))
      return .nothing
    }
  }

  private mutating func charge() -> Step {
    let app = acting(for: one(of: users))
    let amount = random.isOne(in: 10) ? Int64.max - 5_000 : Int64(random.draw(from: 1...700))
    return keep {
      _ = try await app.wallets.charge(.init(amount: amount))
      return .nothing
    }
  }

  private mutating func hold() -> Step {
    let user = one(of: users)
    let app = acting(for: user)
    var request = HoldRequest(dateID: one(of: dates).id)
    if random.isOne(in: 3) {
      request.bestAvailable = UInt32(random.draw(from: 1...4))
    } else {
      let first = UInt32(random.draw(from: 1...12))
      request.seatNumbers = Array(first...first + UInt32(random.draw(from: 0...2)))
    }
    let wanted = request
    return keep {
      let held = try await app.reservations.hold(wanted)
      return .held(by: user, held.reservations.map(\.id))
    }
  }

  private mutating func release() -> Step {
    guard !held.isEmpty else { return hold() }
    let (user, ids) = one(of: held)
    let app = acting(for: user)
    let some = Array(ids.prefix(random.draw(from: 1...ids.count)))
    return keep {
      _ = try await app.reservations.release(.init(reservationIDs: some))
      return .nothing
    }
  }

  private mutating func pay() -> Step {
    guard !held.isEmpty else { return hold() }
    let (user, ids) = random.isOne(in: 3) ? one(of: held) : held[held.count - 1]
    let app = acting(for: random.isOne(in: 12) ? one(of: users) : user)
    let some = Array(ids.reversed().prefix(random.draw(from: 1...ids.count)))
    return keep {
      _ = try await app.payments.pay(.init(reservationIDs: some))
      return .paid(by: user, some)
    }
  }

  private mutating func cancel() -> Step {
    guard !paid.isEmpty else { return pay() }
    let (user, ids) = one(of: paid)
    let app = acting(for: user)
    let id = one(of: ids)
    return keep {
      _ = try await app.reservations.cancel(.init(reservationID: id))
      return .nothing
    }
  }

  /// What operators do.
  private mutating func runTheSale() -> Step {
    let desk = house.operator.operators
    let date = one(of: dates)
    let now = house.now
    switch random.draw(from: 0..<5) {
    case 0:
      return {
        _ = try await desk.cancelDate(.init(dateID: date.id))
        return .nothing
      }
    case 1:
      let request = house.dateRequest(of: one(of: concerts), seats: 12, price: 150)
      return { .date(try await desk.addDate(request)) }
    case 2:
      var moved = date
      moved.bookingEndsMs = min(moved.closesMs, moved.bookingEndsMs + 60_000)
      let request = UpdateDateRequest(date: moved)
      return {
        _ = try await desk.updateDate(request)
        return .nothing
      }
    case 3:
      let changed = Concert(
        id: one(of: concerts),
        name: "Summer",
        holdTTLMs: 15_000,
        cancelUntilMs: now + 100_000
      )
      return {
        _ = try await desk.updateConcert(.init(concert: changed))
        return .nothing
      }
    default:
      let concert = one(of: concerts)
      return {
        _ = try await desk.deleteConcert(.init(concertID: concert))
        return .concert(try await desk.createConcert(.init(name: "Autumn")).id)
      }
    }
  }
}
