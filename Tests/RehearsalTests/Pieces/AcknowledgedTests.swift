@testable import Rehearsal
import Testing
import UsherAPI

@Suite("What was acknowledged, held against the log")
struct AcknowledgedTests {
  private static var facts: Facts {
    var facts = Facts()
    facts.entered = [.inside("t", as: "u")]
    facts.held = ["r"]
    facts.charged = ["e"]
    facts.paid = [Facts.Paid(payment: "p", user: "u", total: 5, reservations: ["r"])]
    facts.refunded = ["r"]
    facts.left = ["t"]
    return facts
  }

  private static let log: [Event.What] = [
    .ticketEntered(TicketEntered(ticketID: "t", userID: "u")),
    .seatsHeld(SeatsHeld(reservations: [reservation("r")])),
    .walletMoved(charge("e")),
    .paid(Payment(id: "p", userID: "u", lines: [PaymentLine(reservationID: "r")])),
    .refunded(ReservationEnded(reservation: reservation("r"))),
    .ticketMoved(TicketMoved(ticketID: "t", to: .left)),
  ]

  private static func reservation(_ id: String) -> Reservation {
    Reservation(id: id, userID: "u", dateID: "d")
  }

  private static func charge(_ id: String) -> WalletMoved {
    WalletMoved(userID: "u", entry: Entry(id: id, kind: .charge))
  }

  private func judge(_ facts: Facts, _ log: [Event.What]) -> [String: Judgement] {
    var acknowledged = Acknowledged(facts)
    for (index, what) in log.enumerated() {
      var event = Event(offset: UInt64(index) + 1)
      event.what = what
      acknowledged.take(event)
    }
    return Dictionary(uniqueKeysWithValues: acknowledged.judgements.map { ($0.name, $0) })
  }

  @Test("All that is in the log once is there, and is what the verdicts rest on")
  func kept() {
    let judgements = judge(Self.facts, Self.log)
    #expect(judgements.values.allSatisfy { $0.isKept })
    #expect(judgements["acknowledged-lost"]?.facts == 6)
    #expect(judgements["acknowledged-twice"]?.facts == 6)
  }

  @Test("Whatever is missing is told, one case for each", arguments: 0..<6)
  func lost(missing: Int) {
    var log = Self.log
    log.remove(at: missing)
    let judgements = judge(Self.facts, log)
    #expect(judgements["acknowledged-lost"]?.found == 1)
    let what = [
      "place 1", "the hold of r", "charge e", "payment p of u", "the refund of r",
      "the leaving of t",
    ]
    let told = judgements["acknowledged-lost"]?.cases.map(\.sentence)
    #expect(told == ["\(what[missing]) is not in the log"])
    #expect(judgements["acknowledged-twice"]?.isKept == true)
  }

  @Test("Whatever comes twice is told where it came again", arguments: 0..<6)
  func twice(again: Int) {
    let judgements = judge(Self.facts, Self.log + [Self.log[again]])
    #expect(judgements["acknowledged-twice"]?.isKept == false)
    #expect(judgements["acknowledged-twice"]?.cases.first?.offset == 7)
    #expect(judgements["acknowledged-lost"]?.isKept == true)
  }

  @Test("What another payment or entry says is the same again counts too")
  func underAnotherName() {
    let payment = Payment(id: "other", lines: [PaymentLine(reservationID: "r")])
    let paid = judge(Self.facts, Self.log + [.paid(payment)])["acknowledged-twice"]
    #expect(paid?.cases.map(\.sentence) == ["r was paid 2 times"])
  }

  @Test("No more cases are told than anyone reads, and all are counted")
  func manyCases() {
    var facts = Facts()
    facts.held = (1...9).map { "r\($0)" }
    let lost = judge(facts, [])["acknowledged-lost"]
    #expect(lost?.found == 9)
    #expect(lost?.casesTotal == 9)
    #expect(lost?.cases.count == 3)
  }

  @Test("Whoever comes back to a place of their own that had not ended has lost it")
  func places() {
    func returned(_ ticket: String, _ number: UInt64) -> Facts {
      var facts = Facts()
      facts.returned = [
        Facts.Returned(user: "u", ticket: "t", number: 1, newTicket: ticket, newNumber: number)
      ]
      return facts
    }
    let entered: [Event.What] = [.ticketEntered(TicketEntered(ticketID: "t"))]
    let again: [Event.What] = [.ticketEntered(TicketEntered(ticketID: "new"))]
    func moved(to state: TicketState) -> [Event.What] {
      [.ticketMoved(TicketMoved(ticketID: "t", to: state))]
    }
    func isKept(_ facts: Facts, _ log: [Event.What]) -> Bool? {
      judge(facts, log)["places-lost"]?.isKept
    }
    #expect(isKept(returned("t", 1), entered) == true)
    #expect(isKept(returned("t", 2), entered) == false)
    #expect(isKept(returned("new", 2), entered + again) == false)
    #expect(isKept(returned("new", 2), entered + moved(to: .missed) + again) == false)
    #expect(isKept(returned("new", 2), entered + again + moved(to: .expired)) == false)
    for state in [TicketState.expired, .left, .done] {
      #expect(isKept(returned("new", 2), entered + moved(to: state) + again) == true)
    }
    // A ticket that the log has never heard of is no place.
    #expect(isKept(returned("new", 2), entered + moved(to: .expired)) == false)
  }

  @Test("What the loops of a run were told adds up")
  func merged() {
    var (one, other) = (Self.facts, Self.facts)
    one.deadTokens.tried(nil)
    for number in 1...4 { other.deadTokens.tried("case \(number)") }
    other.offsetMost = 7
    one.merge(other)
    #expect(one.entered.count == 2)
    #expect(one.held == ["r", "r"])
    #expect(one.charged.count == 2)
    #expect(one.paid.count == 2)
    #expect(one.refunded == ["r", "r"])
    #expect(one.deadTokens.count == 5)
    #expect(one.deadTokens.broken == 4)
    #expect(one.deadTokens.cases == ["case 1", "case 2", "case 3"])
    #expect(one.offsetMost == 7)
  }
}
