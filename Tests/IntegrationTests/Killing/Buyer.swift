import RPCCore
import TestSupport
import UsherAPI
import Wire

/// Something that a buyer asks for, and the key it asks with.
struct Ask: Sendable {
  enum Act: Sendable {
    case register
    case charge(Int64)
    case hold(UInt32)
    case pay([String])
    case release([String])
    case cancel(String)
  }

  let act: Act
  let key: String
}

/// One who buys, one call at a time, and remembers every answer: what they were told has to be so for
/// ever.
struct Buyer: Sendable {
  let name: String
  let date: String
  var random: SeededGenerator

  private(set) var user = ""
  private(set) var balance: Int64 = 0
  private(set) var entryCount = 0
  private(set) var states: [String: ReservationState] = [:]
  private(set) var payments: Set<String> = []
  /// The highest offset of the log that an answer spoke of.
  private(set) var offset: UInt64 = 0
  /// What was asked and answered, with the ids of the answer.
  private(set) var answered: [(ask: Ask, ids: [String])] = []
  /// What was asked when the server went away.
  private(set) var unanswered: Ask?
  private var askedCount = 0

  init(name: String, date: String, seed: UInt64) {
    self.name = name
    self.date = date
    random = SeededGenerator(seed: seed)
  }

  /// Asks for one thing after the other until the server is gone. `told` hears of every answer.
  mutating func buy(from shop: ShopCalls, told: @Sendable () -> Void) async throws {
    while try await ask(next(), shop) { told() }
  }

  /// Asks again what nobody answered. Twice: the second answer says what the first said.
  mutating func askAgain(_ shop: ShopCalls) async throws -> [String] {
    var mistakes: [String] = []
    if let lost = unanswered {
      unanswered = nil
      guard try await ask(lost, shop) else { return ["\(name) was not answered again"] }
    }
    for (ask, ids) in answered.suffix(4) {
      let again = try await shop.run(ask.act, for: self, key: ask.key)
      if again.ids != ids { mistakes.append("\(name): \(ask) made \(ids), and then \(again.ids)") }
    }
    return mistakes
  }

  /// Whether the server was there to answer.
  private mutating func ask(_ ask: Ask, _ shop: ShopCalls) async throws -> Bool {
    do {
      let answer = try await shop.run(ask.act, for: self, key: ask.key)
      remember(ask, answer)
      return true
    } catch let failure as RPCFailure {
      // Someone else had the seats, or there were none: nothing has happened.
      if failure.code == .failedPrecondition { return true }
      unanswered = ask
      guard failure.code == .unavailable || failure.isOutcomeUnknown else { throw failure }
      return false
    }
  }

  private mutating func remember(_ ask: Ask, _ answer: ShopCalls.Answered) {
    answered.append((ask, answer.ids))
    offset = max(offset, answer.offset)
    if let id = answer.user { user = id }
    if let payment = answer.payment { payments.insert(payment) }
    for (id, state) in answer.states { states[id] = state }
    balance += answer.moved
    if answer.moved != 0 { entryCount += 1 }
  }

  /// What to ask for now.
  private mutating func next() -> Ask {
    askedCount += 1
    return Ask(act: nextAct(), key: "\(name)-\(askedCount)")
  }

  private mutating func nextAct() -> Ask.Act {
    guard !user.isEmpty else { return .register }
    // Sorted, so that a seed draws the same.
    let pending = states.filter { $0.value == .pending }.keys.sorted()
    let paid = states.filter { $0.value == .paid }.keys.sorted()
    if balance < 500 || random.isOne(in: 5) { return .charge(Int64(random.draw(from: 1...400))) }
    switch random.draw(from: 0..<6) {
    case 0...2 where !pending.isEmpty: return .pay(Array(pending.prefix(3)))
    case 3 where !pending.isEmpty: return .release([pending[0]])
    case 4 where paid.count > 3: return .cancel(paid[random.draw(from: 0..<paid.count)])
    case _ where pending.count > 6: return .release(Array(pending.prefix(4)))
    default: return .hold(UInt32(random.draw(from: 1...3)))
    }
  }
}
