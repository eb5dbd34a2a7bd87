@testable import Rehearsal
import Scenarios
import Testing
import UsherAPI

@Suite("The way of one person")
struct JourneyTests {
  private static let offer = Journey.Offer(concerts: ["c"], balance: 500)

  /// A person with those traits and no others.
  private func journey(_ change: (inout CrowdPlan) -> Void = { _ in }) -> Journey {
    var crowd = CrowdPlan()
    crowd.watchShare = .none
    crowd.noShowShare = .none
    crowd.impatientShare = .none
    crowd.lostTabShare = .none
    crowd.reconnectShare = .none
    crowd.doubleSubmitSameKeyShare = .none
    crowd.doubleSubmitNewKeyShare = .none
    crowd.lapseShare = .none
    crowd.bestAvailableShare = .none
    crowd.seatsEach = 2...2
    crowd.browse = .seconds(1) ... .seconds(1)
    crowd.choose = .seconds(2) ... .seconds(2)
    crowd.pay = .seconds(3) ... .seconds(3)
    crowd.patience = .seconds(9) ... .seconds(9)
    crowd.reconnectAfter = .seconds(7) ... .seconds(7)
    change(&crowd)
    return Journey(Person(0, of: crowd, seed: 1))
  }

  private func place(_ state: TicketState, _ change: (inout Place) -> Void = { _ in }) -> Place {
    var place = Place()
    place.state = state
    place.askAgainMs = 250
    change(&place)
    return place
  }

  private func entered(_ state: TicketState) -> Journey.News {
    var answer = EnterResponse()
    answer.place = place(state)
    return .entered(answer)
  }

  private static let dates: Journey.News = .dates([date("full", free: 0), date("d", free: 9)])
  private static let seats: Journey.News = .seats([seat(1, .sold), seat(2, .free), seat(3, .free)])

  private static func date(_ id: String, free: UInt32) -> ConcertDate {
    var date = ConcertDate()
    date.id = id
    date.seatsFree = free
    return date
  }

  private static func seat(_ number: UInt32, _ state: SeatState) -> Seat {
    var seat = Seat()
    seat.number = number
    seat.state = state
    return seat
  }

  private static func hold(_ ids: String...) -> Journey.News {
    var answer = HoldResponse()
    answer.reservations = ids.map { Reservation(id: $0) }
    return .held(answer)
  }

  /// Tells a journey everything in turn, and answers what it did last.
  private func last(_ journey: inout Journey, _ news: Journey.News...) -> [Deed] {
    news.reduce([]) { _, news in journey.hear(news, Self.offer) }
  }

  /// Someone who is inside, and thinks about what there is.
  private func inside(_ change: (inout CrowdPlan) -> Void = { _ in }) -> Journey {
    var journey = journey(change)
    _ = last(&journey, .arrived, entered(.active))
    return journey
  }

  @Test("Someone arrives, waits, asks, claims, looks around, chooses, pays, and is done")
  func bought() {
    var journey = journey()
    #expect(last(&journey, .arrived) == [.enter])
    #expect(last(&journey, entered(.waiting)) == [.wait(250_000_000, .askAgain)])
    #expect(journey.isWaiting)
    #expect(last(&journey, .alarm(.askAgain)) == [.check])
    #expect(last(&journey, .told(place(.admitted))) == [.claim])
    #expect(last(&journey, .told(place(.active))) == [.wait(1_000_000_000, .thought)])
    #expect(last(&journey, .alarm(.thought)) == [.listDates(concert: "c")])
    #expect(last(&journey, Self.dates) == [.listSeats(date: "d")])
    #expect(last(&journey, Self.seats) == [.wait(2_000_000_000, .thought)])
    #expect(last(&journey, .alarm(.thought)) == [.hold(date: "d", seats: [2, 3], best: 0)])
    #expect(last(&journey, Self.hold("a", "b")) == [.wait(3_000_000_000, .thought)])
    #expect(last(&journey, .alarm(.thought)) == [.charge(500)])
    #expect(last(&journey, .charged) == [.pay(reservations: ["a", "b"])])
    #expect(last(&journey, .paid(PayResponse())) == [.tryDeadToken(date: "d")])
    #expect(last(&journey, .tokenTried) == [.finish(.bought)])
    #expect(journey.isDone)
    #expect(last(&journey, .arrived, .tokenTried, .alarm(.thought)) == [])
  }

  @Test("Where nothing is charged, one pays at once")
  func noCharge() {
    var journey = inside()
    _ = last(&journey, .alarm(.thought), Self.dates, Self.seats, .alarm(.thought), Self.hold("a"))
    let free = Journey.Offer(concerts: ["c"])
    #expect(journey.hear(.alarm(.thought), free) == [.pay(reservations: ["a"])])
  }

  @Test("Whoever refunds gives the first seat back")
  func refunded() {
    var journey = inside { $0.refundShare = .percent(100) }
    _ = last(&journey, .alarm(.thought), Self.dates, Self.seats, .alarm(.thought))
    _ = last(&journey, Self.hold("a", "b"), .alarm(.thought), .charged)
    #expect(last(&journey, .paid(PayResponse())) == [.cancel(reservation: "a")])
    #expect(last(&journey, .cancelled, .tokenTried) == [.finish(.refunded)])
  }

  @Test("A no-show says nothing when the turn comes")
  func noShow() {
    var journey = journey { $0.noShowShare = .percent(100) }
    #expect(last(&journey, .arrived, entered(.admitted)) == [.finish(.noShow)])
  }

  @Test("Whoever lets a hold lapse is gone once it is held")
  func lapse() {
    var journey = inside { $0.lapseShare = .percent(100) }
    _ = last(&journey, .alarm(.thought), Self.dates, Self.seats, .alarm(.thought))
    #expect(last(&journey, Self.hold("a")) == [.finish(.letHoldLapse)])
  }

  @Test("The impatient leave while they wait, and not once they are inside")
  func patience() {
    var waiting = journey { $0.impatientShare = .percent(100) }
    let deeds = last(&waiting, .arrived, entered(.waiting))
    #expect(deeds == [.wait(9_000_000_000, .patienceIsOver), .wait(250_000_000, .askAgain)])
    #expect(last(&waiting, .alarm(.patienceIsOver)) == [.leave])
    #expect(last(&waiting, .alarm(.askAgain)) == [])
    #expect(last(&waiting, .left, .tokenTried) == [.finish(.lostPatience)])
    var inside = inside { $0.impatientShare = .percent(100) }
    #expect(last(&inside, .alarm(.patienceIsOver)) == [])
  }

  @Test("One leaves a line for seats that are all sold, not merely held or unknown")
  func soldOut() {
    func waiting(_ stock: Stock) -> [Deed] {
      var journey = journey()
      return last(
        &journey,
        .arrived,
        entered(.waiting),
        .told(place(.waiting) { $0.stock = stock })
      )
    }
    #expect(waiting(Stock(known: true, free: 0, held: 0, sold: 9)) == [.leave])
    #expect(waiting(Stock(known: true, free: 0, held: 1, sold: 9)) == [])
    #expect(waiting(Stock(known: true, free: 1, held: 0, sold: 9)) == [])
    #expect(waiting(Stock(known: false, free: 0, held: 0, sold: 9)) == [])
    var inside = inside()
    #expect(last(&inside, .alarm(.thought), .dates([Self.date("full", free: 0)])) == [.leave])
    #expect(last(&inside, .left, .tokenTried) == [.finish(.soldOut)])
  }

  @Test("Whoever was too slow for a seat looks again, as often as they try")
  func taken() {
    var journey = inside()
    var offer = Self.offer
    offer.triesMax = 2
    _ = last(&journey, .alarm(.thought), Self.dates, Self.seats, .alarm(.thought))
    #expect(journey.hear(.refused("SEAT_TAKEN"), offer) == [.wait(1_000_000_000, .thought)])
    _ = last(&journey, .alarm(.thought), Self.dates, Self.seats, .alarm(.thought))
    #expect(journey.hear(.refused("NOT_ENOUGH_SEATS"), offer) == [.leave])
    #expect(last(&journey, .refused("TICKET_ENDED")) == [.finish(.seatsTaken)])
  }

  @Test("What a sale refuses ends a turn, what it does not is a failure")
  func refusals() {
    for (name, end) in [
      ("HOLD_EXPIRED", Deed.End.turnOver), ("TICKET_ENDED", .turnOver), ("INTERNAL", .failed),
    ] {
      var journey = inside()
      #expect(last(&journey, .alarm(.thought), .refused(name)) == [.finish(end)])
    }
    var poor = inside()
    #expect(last(&poor, .alarm(.thought), .refused("SEAT_LIMIT")) == [.leave])
    #expect(last(&poor, .left, .tokenTried) == [.finish(.turnedAway)])
    var stranger = journey()
    #expect(last(&stranger, .arrived, .refused("GATE_NOT_OPEN")) == [.finish(.turnedAway)])
    var unlucky = journey()
    #expect(last(&unlucky, .arrived, .gaveUp) == [.finish(.failed)])
    var late = journey()
    #expect(last(&late, .arrived, entered(.expired)) == [.finish(.turnOver)])
  }

  @Test("A turn that was missed is claimed late, and a claim that comes too early waits on")
  func claims() {
    var journey = journey()
    #expect(last(&journey, .arrived, entered(.missed)) == [.claim])
    #expect(last(&journey, .refused("NOT_ADMITTED")) == [.wait(1_000_000_000, .askAgain)])
    #expect(journey.isWaiting)
  }

  @Test("A turn that comes with the answer to a late claim is claimed, once")
  func turnByClaim() {
    var journey = journey()
    #expect(last(&journey, .arrived, entered(.missed)) == [.claim])
    #expect(last(&journey, .claimed(place(.admitted))) == [.claim])
    #expect(last(&journey, .told(place(.admitted))) == [])
    #expect(last(&journey, .claimed(place(.active))) == [.wait(1_000_000_000, .thought)])
  }

  @Test("Whoever watches begins once, stops when inside, and begins again what broke")
  func watching() {
    var journey = journey { $0.watchShare = .percent(100) }
    #expect(last(&journey, .arrived, entered(.waiting)) == [.watch])
    #expect(last(&journey, .told(place(.waiting))) == [])
    #expect(last(&journey, .watchBroke) == [.watch])
    #expect(last(&journey, .told(place(.admitted))) == [.claim])
    let deeds = last(&journey, .told(place(.active)))
    #expect(deeds == [.stopWatching, .wait(1_000_000_000, .thought)])
    #expect(last(&journey, .watchBroke) == [])
  }

  @Test("A connection breaks while one waits, and is made again by looking on")
  func reconnect() {
    var journey = journey {
      $0.reconnectShare = .percent(100)
      $0.watchShare = .percent(100)
    }
    let deeds = last(&journey, .arrived, entered(.waiting))
    #expect(deeds == [.wait(7_000_000_000, .connectionIsLost), .watch])
    #expect(last(&journey, .alarm(.connectionIsLost)) == [.cut, .watch])
    var inside = inside { $0.reconnectShare = .percent(100) }
    #expect(last(&inside, .alarm(.connectionIsLost)) == [])
  }

  @Test("Wherever a tab is lost, one enters again, once, and goes on where one was")
  func lostTabs() {
    var seen: Set<Person.Step> = []
    for number in 0..<40 {
      var crowd = CrowdPlan()
      crowd.lostTabShare = .percent(100)
      crowd.noShowShare = .none
      crowd.impatientShare = .none
      crowd.reconnectShare = .none
      crowd.watchShare = .none
      crowd.lapseShare = .none
      let person = Person(number, of: crowd, seed: 1)
      var journey = Journey(person)
      switch person.lostTab {
      case .waiting:
        seen.insert(.wait)
        let deeds = last(&journey, .arrived, entered(.waiting))
        #expect(deeds.contains { if case .wait(_, .tabIsLost) = $0 { true } else { false } })
        #expect(last(&journey, .alarm(.tabIsLost)) == [.enter])
        // The first tab's question is still to come: this one sets no other.
        #expect(last(&journey, entered(.waiting)) == [])
      case .beginning(let step):
        seen.insert(step)
        _ = last(&journey, .arrived, entered(.active))
        if step != .browse { _ = last(&journey, .alarm(.thought), Self.dates, Self.seats) }
        if step == .pay { _ = last(&journey, .alarm(.thought), Self.hold("a")) }
        #expect(last(&journey, .alarm(.thought)) == [.enter])
        #expect(last(&journey, entered(.active)).count == 1)
        let next: Deed =
          switch step {
          case .browse: .listDates(concert: "c")
          case .choose: .hold(date: "d", seats: [], best: 0)
          default: .charge(500)
          }
        let goesOn = last(&journey, .alarm(.thought))
        // Which seats hangs on the person.
        if case .hold = next {
          #expect(goesOn.first?.step == .hold)
        } else {
          #expect(goesOn == [next])
        }
      case nil: Issue.record("everybody loses a tab here")
      }
    }
    #expect(seen == Set(Person.Step.allCases))
  }

  @Test("Whoever lets the server choose asks for no more seats than are free")
  func bestAvailable() {
    var journey = inside { $0.bestAvailableShare = .percent(100) }
    _ = last(&journey, .alarm(.thought), Self.dates)
    let one: Journey.News = .seats([Self.seat(1, .free), Self.seat(2, .sold)])
    #expect(last(&journey, one, .alarm(.thought)) == [.hold(date: "d", seats: [], best: 1)])
  }

  @Test("Every end has a name of its own, for people")
  func names() {
    #expect(Set(Deed.End.allCases.map(\.rawValue)).count == Deed.End.allCases.count)
    #expect(Deed.End.allCases.allSatisfy { $0.rawValue == $0.rawValue.lowercased() })
    #expect(Deed.Step.allCases.count == Set(Deed.Step.allCases.map(\.rawValue)).count)
  }
}
