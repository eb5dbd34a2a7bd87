internal import Audit
internal import UsherAPI

/// Holds what people were told against the log: each thing that was acknowledged has to be there, and
/// once, and nothing else may have happened to them.
struct Acknowledged {
  private struct Told {
    let what: String
    var times = 0
    var lastOffset: UInt64?
  }

  private var told: [String: Told] = [:]
  private let facts: Facts
  /// How often the money of a reservation was paid.
  private var payments: [String: Int] = [:]
  private var untold: Untold
  /// Whose tickets are.
  private var owners: [String: String] = [:]
  /// Dates whose seats are given back by whoever runs the sale.
  private var calledOff: Set<String> = []
  /// Where in the log tickets began and ended.
  private var begun: [String: UInt64] = [:]
  private var ended: [String: UInt64] = [:]
  private var twice: [Judgement.Case] = []
  private var twiceTotal: UInt64 = 0

  init(_ facts: Facts) {
    self.facts = facts
    untold = Untold(facts)
    for one in facts.returned {
      told["ticket \(one.newTicket)"] = Told(what: "place \(one.newNumber)")
    }
    for one in facts.entered { told["ticket \(one.ticket)"] = Told(what: "place \(one.number)") }
    for one in facts.held { told["hold \(one)"] = Told(what: "the hold of \(one)") }
    for one in facts.charged { told["entry \(one)"] = Told(what: "charge \(one)") }
    for one in facts.refunded { told["refund \(one)"] = Told(what: "the refund of \(one)") }
    for one in facts.left { told["leaving \(one)"] = Told(what: "the leaving of \(one)") }
    for one in facts.paid {
      told["payment \(one.payment)"] = Told(what: "payment \(one.payment) of \(one.user)")
    }
  }

  /// Takes the next event of the log.
  mutating func take(_ event: Event) {
    switch event.what {
    case .ticketEntered(let entered):
      saw("ticket \(entered.ticketID)", of: entered.userID, by: .enter, event)
      begun[entered.ticketID] = event.offset
      owners[entered.ticketID] = entered.userID
    case .ticketMoved(let moved) where [.done, .expired, .left].contains(moved.to):
      ended[moved.ticketID] = event.offset
      if moved.to == .left {
        saw("leaving \(moved.ticketID)", of: owners[moved.ticketID] ?? "", by: .leave, event)
      }
    case .dateChanged(let date) where date.deletedMs > 0: calledOff.insert(date.id)
    case .seatsHeld(let held):
      // One call's doing, however many seats it has.
      for reservation in held.reservations.dropFirst() { saw("hold \(reservation.id)", event) }
      guard let first = held.reservations.first else { return }
      saw("hold \(first.id)", of: first.userID, by: .hold, event)
    case .paid(let payment):
      saw("payment \(payment.id)", of: payment.userID, by: .pay, event)
      for line in payment.lines { paidAgain(line, event) }
    case .refunded(let ended):
      let reservation = ended.reservation ?? Reservation()
      let name = "refund \(reservation.id)"
      if calledOff.contains(reservation.dateID) { return saw(name, event) }
      saw(name, of: reservation.userID, by: .cancel, event)
    case .walletMoved(let moved):
      guard let entry = moved.entry, entry.kind == .charge else { return }
      saw("entry \(entry.id)", of: moved.userID, by: .charge, event)
    default: break
    }
  }

  /// Something happened that a step of this user's asks for.
  private mutating func saw(
    _ name: String,
    of user: String,
    by step: Deed.Step,
    _ event: Event
  ) {
    untold.happened(
      name,
      to: user,
      by: step,
      isTold: told[name] != nil,
      at: event.offset
    )
    saw(name, event)
  }

  private mutating func saw(_ name: String, _ event: Event) {
    guard var one = told[name] else { return }
    one.times += 1
    one.lastOffset = event.offset
    told[name] = one
    if one.times > 1 { happenedAgain("\(one.what) happened \(one.times) times", event) }
  }

  private mutating func paidAgain(_ line: PaymentLine, _ event: Event) {
    let times = payments[line.reservationID, default: 0] + 1
    payments[line.reservationID] = times
    if times > 1 { happenedAgain("\(line.reservationID) was paid \(times) times", event) }
  }

  private mutating func happenedAgain(_ sentence: String, _ event: Event) {
    twiceTotal += 1
    if twice.count < Judgement.casesMax {
      twice.append(Judgement.Case(sentence: sentence, offset: event.offset))
    }
  }

  /// What comes of it when the whole log was seen.
  var judgements: [Judgement] {
    let count = UInt64(told.count)
    let lost = told.values.filter { $0.times == 0 }.map(\.what).sorted()
    return [
      Judgement(
        .acknowledgedLost,
        facts: count,
        broken: UInt64(lost.count),
        cases: lost.map { Judgement.Case(sentence: "\($0) is not in the log", offset: nil) }
      ),
      Judgement(.acknowledgedTwice, facts: count, broken: twiceTotal, cases: twice),
      untold.judgement,
      Judgement(.keysAnsweredTwice, facts.keysRepeated),
      placesLost,
      Judgement(.deadTokens, facts.deadTokens),
    ]
  }
}

extension Acknowledged {
  /// Whoever comes back has the place that they had, unless it had ended: then they have a new one.
  private var placesLost: Judgement {
    let lost = facts.returned.filter { one in
      guard one.newTicket != one.ticket else { return one.newNumber != one.number }
      guard let end = ended[one.ticket], let begin = begun[one.newTicket] else { return true }
      return begin < end
    }
    let cases = lost.map { one in
      Judgement.Case(
        sentence: "\(one.user) had place \(one.number) and came back to \(one.newNumber)",
        offset: begun[one.newTicket]
      )
    }
    return Judgement(
      .placesLost,
      facts: UInt64(facts.returned.count),
      broken: UInt64(lost.count),
      cases: cases
    )
  }
}

/// What is said of one promise.
package struct Judgement: Sendable, Hashable {
  package struct Case: Sendable, Hashable {
    package let sentence: String
    package let offset: UInt64?
  }

  static let casesMax = 3

  package let name: String
  package let promise: String
  package let found: UInt64
  package let wanted: UInt64
  package let facts: UInt64
  package let factsAre: String
  package let cases: [Case]
  package let casesTotal: UInt64

  package var isKept: Bool { casesTotal == 0 && found == wanted }

  init(_ promise: Promise, facts: UInt64, broken: UInt64, cases: [Case]) {
    name = promise.rawValue
    self.promise = promise.sentence
    found = broken
    wanted = 0
    self.facts = facts
    factsAre = promise.facts
    self.cases = Array(cases.prefix(Self.casesMax))
    casesTotal = broken
  }

  init(_ promise: Promise, _ trial: Facts.Trial) {
    let cases = trial.cases.map { Case(sentence: $0, offset: nil) }
    self.init(promise, facts: trial.count, broken: trial.broken, cases: cases)
  }

  /// What an audit of log and tables says.
  init(_ verdict: Verdict) {
    name = verdict.check.rawValue
    promise = verdict.check.promise
    found = verdict.found
    wanted = verdict.wanted
    facts = verdict.facts
    factsAre = verdict.check.facts
    cases = verdict.cases.map { Case(sentence: $0.sentence, offset: $0.offset) }
    casesTotal = verdict.casesTotal
  }
}
