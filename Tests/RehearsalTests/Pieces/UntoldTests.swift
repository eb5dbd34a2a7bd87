@testable import Rehearsal
import Testing
import UsherAPI

@Suite("What happened to people, held against what they were told")
struct UntoldTests {
  /// How a call under a key ended, which went out when that offset was the highest that was known.
  enum Try: Sendable {
    case told
    case lost(knowing: UInt64)
    case refused(knowing: UInt64)
    /// The run was over before it was answered.
    case open(knowing: UInt64)
  }

  /// What came of some calls, and where in the log what they asked for was done.
  struct Story: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// By keys.
    let calls: [[Try]]
    /// At which offsets it was done without anyone being told.
    var untoldAt: [UInt64] = []
    /// Where it was done once too often.
    var brokenAt: [UInt64] = []

    init(_ name: String, _ calls: [Try]..., untoldAt: [UInt64] = [], brokenAt: [UInt64] = []) {
      testDescription = name
      self.calls = calls
      self.untoldAt = untoldAt
      self.brokenAt = brokenAt
    }
  }

  static let stories = [
    Story("told", [.told]),
    Story("told, and done twice", [.told], untoldAt: [7], brokenAt: [7]),
    Story("refused", [.refused(knowing: 5)]),
    Story("refused, and done", [.refused(knowing: 5)], untoldAt: [7], brokenAt: [7]),
    Story("lost, and not done", [.lost(knowing: 5)]),
    Story("lost, and done", [.lost(knowing: 5)], untoldAt: [7]),
    Story(
      "lost, and done before it was asked for",
      [.lost(knowing: 7)],
      untoldAt: [7],
      brokenAt: [7]
    ),
    Story("lost, and done twice", [.lost(knowing: 5)], untoldAt: [7, 9], brokenAt: [9]),
    Story("lost twice, and done once", [.lost(knowing: 5), .lost(knowing: 8)], untoldAt: [7]),
    Story(
      "lost twice, and done twice",
      [.lost(knowing: 5), .lost(knowing: 8)],
      untoldAt: [7, 9],
      brokenAt: [9]
    ),
    Story("lost, then told of what was done", [.lost(knowing: 5), .told]),
    Story("lost, then told of another", [.lost(knowing: 5), .told], untoldAt: [7], brokenAt: [7]),
    Story("lost, then refused, and not done", [.lost(knowing: 5), .refused(knowing: 8)]),
    Story(
      "lost, then refused though it was done",
      [.lost(knowing: 5), .refused(knowing: 8)],
      untoldAt: [8],
      brokenAt: [8]
    ),
    Story(
      "lost, then refused, then done by the first",
      [.lost(knowing: 5), .refused(knowing: 8)],
      untoldAt: [9]
    ),
    Story("refused, then told", [.refused(knowing: 5), .told]),
    Story(
      "refused, then lost, and done",
      [.refused(knowing: 5), .lost(knowing: 8)],
      untoldAt: [9]
    ),
    Story("open at the end, and done", [.open(knowing: 5)], untoldAt: [7]),
    Story(
      "refused beside one that is open, and done",
      [.open(knowing: 5), .refused(knowing: 6)],
      untoldAt: [7]
    ),
    Story(
      "two keys lost, and both done",
      [.lost(knowing: 5)],
      [.lost(knowing: 6)],
      untoldAt: [7, 9]
    ),
    Story(
      "two keys lost, and one done twice",
      [.lost(knowing: 5)],
      [.lost(knowing: 8)],
      untoldAt: [6, 7],
      brokenAt: [7]
    ),
  ]

  /// The steps of which something comes that has an id of its own.
  static let steps: [Deed.Step] = [.enter, .hold, .charge, .pay, .cancel]

  @Test(
    "Nothing is done but what was told, or what a lost answer can have told",
    arguments: stories
  )
  func story(story: Story) {
    for step in Self.steps {
      let judgement = judge(story, step)
      #expect(judgement?.cases.map(\.offset) == story.brokenAt, "\(step)")
      #expect(judgement?.found == UInt64(story.brokenAt.count), "\(step)")
      // They have entered before.
      let told = story.calls.count { $0.contains { if case .told = $0 { true } else { false } } }
      #expect(judgement?.facts == UInt64(1 + told + story.untoldAt.count), "\(step)")
    }
  }

  private func judge(_ story: Story, _ step: Deed.Step) -> Judgement? {
    var facts = Facts()
    facts.entered = [.inside("place")]
    var keys = OpenKeys()
    var events = [event(1, .enter, "place")]
    for (index, tries) in story.calls.enumerated() {
      let key = "key \(index)"
      for one in tries {
        switch one {
        case .told:
          keys.sent(key, for: step, knowing: 0)
          keys.made(key)
          tell(&facts, step, key)
          events.append(event(20, step, key))
        case .lost(let offset):
          keys.sent(key, for: step, knowing: offset)
          keys.lost(key)
        case .refused(let offset):
          keys.sent(key, for: step, knowing: offset)
          keys.refused(key, knowing: offset)
        case .open(let offset): keys.sent(key, for: step, knowing: offset)
        }
      }
    }
    facts.unanswered = keys.close(of: "u")
    events += story.untoldAt.map { event($0, step, "untold \($0)") }
    var acknowledged = Acknowledged(facts)
    for event in events.sorted(by: { $0.offset < $1.offset }) { acknowledged.take(event) }
    return acknowledged.judgements.first { $0.name == "changes-untold" }
  }

  private func tell(_ facts: inout Facts, _ step: Deed.Step, _ id: String) {
    switch step {
    case .enter: facts.entered.append(.inside(id))
    case .hold: facts.held.append(id)
    case .charge: facts.charged.append(id)
    case .pay: facts.paid.append(Facts.Paid(payment: id, user: "u", total: 1, reservations: [id]))
    case .cancel: facts.refunded.append(id)
    default: break
    }
  }

  /// What the log says where a step was done.
  private func event(_ offset: UInt64, _ step: Deed.Step, _ id: String, of user: String = "u")
    -> Event
  {
    let reservation = Reservation(id: id, userID: user, dateID: "d")
    var event = Event(offset: offset)
    event.what =
      switch step {
      case .enter: .ticketEntered(TicketEntered(ticketID: id, userID: user))
      case .hold:
        .seatsHeld(SeatsHeld(reservations: [reservation, Reservation(id: id + "'", userID: user)]))
      case .charge: .walletMoved(WalletMoved(userID: user, entry: Entry(id: id, kind: .charge)))
      case .pay: .paid(Payment(id: id, userID: user, lines: [PaymentLine(reservationID: id)]))
      case .cancel: .refunded(ReservationEnded(reservation: reservation))
      default: .ticketMoved(TicketMoved(ticketID: id, to: .left))
      }
    return event
  }

  @Test("A lost answer to one step excuses no other, and of another person none")
  func others() {
    var facts = Facts()
    facts.entered = [.inside("t"), .inside("t2", as: "u2")]
    facts.unanswered = [Facts.Unanswered(user: "u", step: .hold, after: 0)]
    var acknowledged = Acknowledged(facts)
    acknowledged.take(event(1, .charge, "e"))
    acknowledged.take(event(2, .hold, "r2", of: "u2"))
    acknowledged.take(event(3, .hold, "r"))
    let judgement = acknowledged.judgements.first { $0.name == "changes-untold" }
    #expect(
      judgement?.cases.map(\.sentence) == [
        "u was never told of entry e, and has no call open that may have made it",
        "u2 was never told of hold r2, and has no call open that may have made it",
      ]
    )
  }

  @Test("What happens to those who are none of the crowd is nobody's here")
  func strangers() {
    var acknowledged = Acknowledged(Facts())
    for (offset, step) in Self.steps.enumerated() {
      acknowledged.take(event(UInt64(offset) + 1, step, "x", of: "stranger"))
    }
    let judgement = acknowledged.judgements.first { $0.name == "changes-untold" }
    #expect(judgement?.isKept == true)
    #expect(judgement?.facts == 0)
  }

  @Test("Whoever was refused when they left, or left of no doing of their own, has not left")
  func left() {
    func broken(_ change: (inout Facts) -> Void) -> [UInt64?]? {
      var facts = Facts()
      facts.entered = [.inside("t")]
      change(&facts)
      var acknowledged = Acknowledged(facts)
      acknowledged.take(event(1, .enter, "t"))
      acknowledged.take(event(2, .leave, "t"))
      let judgement = acknowledged.judgements.first { $0.name == "changes-untold" }
      return judgement?.cases.map(\.offset)
    }
    #expect(broken { _ in } == [2])
    #expect(broken { $0.left = ["t"] } == [])
    func unanswered(after offset: UInt64) -> Facts.Unanswered {
      Facts.Unanswered(user: "u", step: .leave, after: offset)
    }
    #expect(broken { $0.unanswered = [unanswered(after: 1)] } == [])
    #expect(broken { $0.unanswered = [unanswered(after: 2)] } == [2])
  }

  @Test("The refunds of a date that is called off are no answers to anyone")
  func calledOff() {
    var facts = Facts()
    facts.entered = [.inside("t")]
    var acknowledged = Acknowledged(facts)
    var called = Event(offset: 1)
    called.what = .dateChanged(ConcertDate(id: "d", deletedMs: 5))
    acknowledged.take(called)
    acknowledged.take(event(2, .cancel, "r"))
    #expect(acknowledged.judgements.first { $0.name == "changes-untold" }?.isKept == true)
  }
}
