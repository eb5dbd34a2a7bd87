import Domain
import Ledger
import TestSupport

/// Gives a ledger one command after the other, and remembers what it was told.
struct Customer: Sendable {
  enum Act: Sendable {
    case charge(Int64)
    case hold(UInt32)
    case pay([ReservationID])
    case release([ReservationID])
    case cancel(ReservationID)
  }

  let user: UserID
  let date: DateID
  var random: SeededGenerator
  private(set) var balance: Int64 = 0
  private(set) var entryCount = 0
  private(set) var states: [ReservationID: Reservation.State] = [:]
  private(set) var offset: UInt64 = 0
  /// What was asked when power went.
  private var unanswered: (act: Act, key: String)?
  private var askedCount = 0

  init(user: UserID, date: DateID, seed: UInt64) {
    self.user = user
    self.date = date
    random = SeededGenerator(seed: seed)
  }

  /// Asks for this many things, or until the store fails. Answers whether it has not.
  mutating func ask(_ count: Int, of ledger: Ledger) async -> Bool {
    guard await askAgain(of: ledger) else { return false }
    for _ in 0..<count {
      askedCount += 1
      let act = next()
      guard await ask(act, "\(user) \(askedCount)", ledger) else { return false }
    }
    return true
  }

  /// Asks again what was not answered.
  mutating func askAgain(of ledger: Ledger) async -> Bool {
    guard let (act, key) = unanswered else { return true }
    unanswered = nil
    return await ask(act, key, ledger)
  }

  private mutating func ask(_ act: Act, _ key: String, _ ledger: Ledger) async -> Bool {
    do throws(NotDone) {
      try await run(act, key, ledger)
      return true
    } catch {
      switch error {
      case .refused(let refusal) where [.outcomeUnknown, .storeDown].contains(refusal.reason):
        unanswered = (act, key)
        return false
      case .refused, .deadlinePassed, .withdrawn: return true
      }
    }
  }

  private mutating func run(_ act: Act, _ key: String, _ ledger: Ledger) async throws(NotDone) {
    switch act {
    case .charge(let amount):
      let command = Charge(user: user, amount: amount, description: "")
      _ = try await give(command, key, ledger)
      move(amount)
    case .hold(let count):
      let hold = Hold(user: user, date: date, choice: .best(count))
      note(try await give(hold, key, ledger).reservations)
    case .pay(let ids):
      let paid = try await give(Pay(user: user, reservations: ids), key, ledger)
      for line in paid.lines { states[line.key.reservation] = .paid }
      move(-paid.payment.total)
    case .release(let ids):
      note(try await give(Release(user: user, reservations: ids), key, ledger))
    case .cancel(let id):
      let outcome = try await give(Cancel(user: user, reservation: id), key, ledger)
      note([outcome.reservation])
      move(outcome.refunded)
    }
  }

  private mutating func give<C: RepeatableCommand>(
    _ command: C,
    _ key: String,
    _ ledger: Ledger
  ) async throws(NotDone) -> C.Outcome {
    let key = Repeat.Key(text: key, caller: user.of(), method: "\(C.self)")
    let done = try await ledger.submit(Once(command, key: key, digest: []))
    offset = max(offset, done.offset)
    return done.outcome
  }

  private mutating func note(_ reservations: [Reservation]) {
    for reservation in reservations { states[reservation.key.id] = reservation.state }
  }

  private mutating func move(_ amount: Int64) {
    balance += amount
    if amount != 0 { entryCount += 1 }
  }

  private mutating func next() -> Act {
    let pending = states.filter { $0.value == .pending }.keys.sorted { $0.low < $1.low }
    let paid = states.filter { $0.value == .paid }.keys.sorted { $0.low < $1.low }
    if balance < 500 { return .charge(Int64(random.draw(from: 400...4_000))) }
    switch random.draw(from: 0..<6) {
    case 0...2 where !pending.isEmpty: return .pay(Array(pending.prefix(3)))
    case 3 where !pending.isEmpty: return .release([pending[0]])
    case 4 where paid.count > 2: return .cancel(paid[random.draw(from: 0..<paid.count)])
    case 5: return .charge(1)
    default: return .hold(UInt32(random.draw(from: 1...3)))
    }
  }
}

extension Customer {
  /// What is wrong with a state, by what this one was told.
  func mistakes(in snapshot: any Snapshot) throws(StoreFailure) -> [String] {
    var mistakes: [String] = []
    func expect<Value: Equatable>(_ found: Value, _ told: Value, _ what: String) {
      if found != told { mistakes.append("\(what): found \(found), told \(told)") }
    }
    let entries: [Entry] = try snapshot.newest(of: user, before: nil, state: nil, max: 10_000)
    let wallet: Wallet? = try snapshot.row(user)
    expect(wallet?.balance ?? 0, balance, "a balance")
    expect(entries.map(\.amount).reduce(0, +), balance, "the sum of entries")
    expect(entries.count, entryCount, "the count of entries")
    let rows: [Reservation] = try snapshot.newest(of: user, before: nil, state: nil, max: 10_000)
    let found = Dictionary(
      rows.map { ($0.key.id, $0.state) },
      uniquingKeysWith: { first, _ in first }
    )
    expect(found, states, "reservations")
    if snapshot.head.offset < offset {
      mistakes.append("the log ends at \(snapshot.head.offset), and \(offset) was told")
    }
    return mistakes
  }
}

/// What is wrong with a state by itself: something of it was half done.
func contradictions(in snapshot: any Snapshot) throws(StoreFailure) -> [String] {
  var mistakes: [String] = []
  let log = try snapshot.log(from: 1, max: 100_000)
  let offsets = (1...UInt64(max(log.count, 1))).map { offset in
    withUnsafeBytes(of: offset.bigEndian) { Array($0) }
  }
  if !log.isEmpty, log != offsets { mistakes.append("the log has a gap") }
  if UInt64(log.count) != snapshot.head.offset { mistakes.append("the log is not the head's") }
  let seats: [TakenSeat] = try snapshot.page(after: nil, max: 100_000)
  let rows: [Reservation] = try snapshot.page(after: nil, max: 100_000)
  let live = rows.filter { $0.state == .pending || $0.state == .paid }
  if Set(seats.map(\.reservation)) != Set(live.map(\.key.id)) || seats.count != live.count {
    mistakes.append("\(seats.count) seats are taken by \(live.count) reservations")
  }
  let lines: [PaymentLine] = try snapshot.page(after: nil, max: 100_000)
  let paid = rows.filter { $0.state == .paid }.map(\.key.id)
  if Set(lines.filter { $0.state == .paid }.map(\.key.reservation)) != Set(paid) {
    mistakes.append("lines and paid reservations differ")
  }
  let wallets: [Wallet] = try snapshot.page(after: nil, max: 100_000)
  let entries: [Entry] = try snapshot.page(after: nil, max: 100_000)
  for wallet in wallets {
    let sum = entries.filter { $0.key.user == wallet.user }.map(\.amount).reduce(0, +)
    if sum != wallet.balance { mistakes.append("a balance is not the sum of its entries") }
  }
  return mistakes
}
