internal import Scenarios
internal import UsherAPI

/// One person's way through a sale: what they do when they hear something.
///
/// It knows no clock, no connection and no chance: the person's traits are drawn beforehand, times come
/// in as alarms that it asked for, and what servers answer comes in as news. So the same person who is
/// told the same does the same.
struct Journey {
  /// What someone hears.
  enum News {
    case arrived
    case entered(EnterResponse)
    /// By asking or by watching.
    case told(Place)
    /// In answer to a claim.
    case claimed(Place)
    case dates([ConcertDate])
    case seats([Seat])
    case held(HoldResponse)
    case charged
    case paid(PayResponse)
    case cancelled
    case left
    case tokenTried
    /// The deed under way was refused, by that name.
    case refused(String)
    /// The watching ended, though nobody wanted that.
    case watchBroke
    /// The deed under way failed as often as anyone tries.
    case gaveUp
    case alarm(Deed.Alarm)
  }

  /// What is for sale, as everyone knows it.
  struct Offer {
    var concerts: [String] = []
    var balance: Int64 = 0
    var leavesWhenSoldOut = true
    var triesMax = 1
  }

  private enum Phase: Hashable {
    case outside, entering, waiting, claiming, inside, leaving(Deed.End), probing(Deed.End), done
  }

  /// What comes next once someone inside has thought.
  private enum Next: Hashable {
    case browse, choose, pay
  }

  private(set) var person: Person
  private var phase = Phase.outside
  private var next = Next.browse
  private var isWatching = false
  /// Whether an alarm is set to ask again: another tab sets no second one.
  private var willAskAgain = false
  private var wasEntered = false
  private var isBackFromLostTab = false
  private var dateTries = 0
  private var seatTries = 0
  private var dates: [String] = []
  private var date: String?
  /// What is to be held once it was thought over.
  private var chosen: Deed?
  private var held: [String] = []
  private var wasLetIn = false

  init(_ person: Person) { self.person = person }

  /// How long this person waits before trying again, in nanoseconds.
  mutating func drawRetryPause() -> UInt64 { nanoseconds(person.retryPause()) }

  var isDone: Bool { phase == .done }
  /// Whether someone stands in the line.
  var isWaiting: Bool { phase == .waiting }

  /// Takes a piece of news, and answers what to do now.
  mutating func hear(_ news: News, _ offer: Offer) -> [Deed] {
    guard phase != .done else { return [] }
    switch news {
    case .arrived:
      phase = .entering
      return [.enter]
    case .entered(let answer): return entered(answer.place ?? Place(), offer)
    case .told(let place): return told(place, offer)
    case .claimed(let place):
      // Whoever missed a turn is in the line again, and may have the next turn in the same moment.
      if phase == .claiming { phase = .waiting }
      return told(place, offer)
    case .dates(let found): return choose(among: found, offer)
    case .seats(let found): return pick(from: found, offer)
    case .held(let hold): return heldSeats(hold, offer)
    case .charged: return [.pay(reservations: held)]
    case .paid: return paid()
    case .cancelled: return probe(.refunded)
    case .left:
      guard case .leaving(let end) = phase else { return [] }
      return probe(end)
    case .tokenTried:
      guard case .probing(let end) = phase else { return [] }
      return finish(end)
    case .refused(let name): return refused(name, offer)
    case .watchBroke:
      isWatching = false
      return phase == .waiting ? lookOn() : []
    case .gaveUp: return finish(.failed)
    case .alarm(let alarm): return alarmed(alarm, offer)
    }
  }
}

// MARK: - The line

extension Journey {
  private mutating func entered(_ place: Place, _ offer: Offer) -> [Deed] {
    var deeds: [Deed] = []
    if !wasEntered {
      wasEntered = true
      if let patience = person.patience {
        deeds.append(.wait(nanoseconds(patience), .patienceIsOver))
      }
      if case .waiting(let after)? = person.lostTab {
        deeds.append(.wait(nanoseconds(after), .tabIsLost))
      }
      if let after = person.reconnectsAfter {
        deeds.append(.wait(nanoseconds(after), .connectionIsLost))
      }
    }
    if wasLetIn, place.state == .active {
      // Back from a lost tab, one goes on where one was.
      return deeds + think()
    }
    phase = .waiting
    return deeds + told(place, offer)
  }

  private mutating func told(_ place: Place, _ offer: Offer) -> [Deed] {
    guard phase == .waiting || phase == .claiming else { return [] }
    switch place.state {
    case .waiting:
      phase = .waiting
      if offer.leavesWhenSoldOut, isSoldOut(place) { return leave(.soldOut) }
      if person.watches { return isWatching ? [] : lookOn() }
      guard !willAskAgain else { return [] }
      willAskAgain = true
      return [.wait(UInt64(max(place.askAgainMs, 1)) * 1_000_000, .askAgain)]
    case .admitted:
      guard phase == .waiting else { return [] }
      // Whoever does not come says nothing; the tab is just left open.
      if person.isNoShow { return finish(.noShow) }
      return claim()
    case .missed: return claim()
    case .active:
      wasLetIn = true
      phase = .inside
      next = .browse
      return stopWatching() + think()
    default: return finish(.turnOver)
    }
  }

  private func isSoldOut(_ place: Place) -> Bool {
    guard let stock = place.stock, stock.known else { return false }
    return stock.free == 0 && stock.held == 0 && stock.sold > 0
  }

  private mutating func lookOn() -> [Deed] {
    guard person.watches else { return [.check] }
    isWatching = true
    return [.watch]
  }

  private mutating func stopWatching() -> [Deed] {
    guard isWatching else { return [] }
    isWatching = false
    return [.stopWatching]
  }

  private mutating func claim() -> [Deed] {
    phase = .claiming
    return [.claim]
  }

  private mutating func leave(_ end: Deed.End) -> [Deed] {
    phase = .leaving(end)
    return stopWatching() + [.leave]
  }

  private mutating func alarmed(_ alarm: Deed.Alarm, _ offer: Offer) -> [Deed] {
    switch alarm {
    case .patienceIsOver: return phase == .waiting ? leave(.lostPatience) : []
    case .askAgain:
      willAskAgain = false
      return phase == .waiting ? [.check] : []
    case .tabIsLost:
      guard phase == .waiting else { return [] }
      return stopWatching() + [.enter]
    case .connectionIsLost:
      // Between two questions nobody notices.
      guard phase == .waiting else { return [] }
      isWatching = false
      return [.cut] + lookOn()
    case .thought: return phase == .inside ? step(offer) : []
    }
  }
}

// MARK: - Inside

extension Journey {
  private mutating func think() -> [Deed] {
    let time =
      switch next {
      case .browse: person.browse
      case .choose: person.choose
      case .pay: person.pay
      }
    return [.wait(nanoseconds(time), .thought)]
  }

  private mutating func step(_ offer: Offer) -> [Deed] {
    if losesTab() { return [.enter] }
    switch next {
    case .browse:
      guard !offer.concerts.isEmpty else { return leave(.soldOut) }
      return [.listDates(concert: offer.concerts[person.date(of: offer.concerts.count)])]
    // While one thinks, others take what one saw.
    case .choose: return chosen.map { [$0] } ?? again(offer)
    case .pay: return pay(offer)
    }
  }

  /// Whether this is the step at whose beginning the tab is lost, the first time.
  private mutating func losesTab() -> Bool {
    guard !isBackFromLostTab, case .beginning(let step)? = person.lostTab else { return false }
    let isHere =
      switch (step, next) {
      case (.browse, .browse), (.choose, .choose), (.pay, .pay): true
      default: false
      }
    isBackFromLostTab = isHere
    return isHere
  }

  private mutating func choose(among found: [ConcertDate], _ offer: Offer) -> [Deed] {
    dates = found.filter { $0.seatsFree > 0 }.map(\.id)
    guard !dates.isEmpty else { return leave(.soldOut) }
    let picked = dates[person.date(of: dates.count, attempt: dateTries)]
    date = picked
    dateTries += 1
    return [.listSeats(date: picked)]
  }

  private mutating func pick(from seats: [Seat], _ offer: Offer) -> [Deed] {
    let free = seats.filter { $0.state == .free }.map(\.number)
    guard let date, !free.isEmpty else { return again(offer) }
    if person.asksBestAvailable {
      let count = min(person.seatCount, free.count)
      chosen = .hold(date: date, seats: [], best: UInt32(count))
    } else {
      chosen = .hold(date: date, seats: person.pick(person.seatCount, from: free), best: 0)
    }
    next = .choose
    return think()
  }

  private mutating func heldSeats(_ hold: HoldResponse, _ offer: Offer) -> [Deed] {
    held = hold.reservations.map(\.id)
    if person.lapses { return finish(.letHoldLapse) }
    next = .pay
    return think()
  }

  private mutating func pay(_ offer: Offer) -> [Deed] {
    offer.balance > 0 ? [.charge(offer.balance)] : [.pay(reservations: held)]
  }

  private mutating func paid() -> [Deed] {
    guard person.refunds, let first = held.first else { return probe(.bought) }
    return [.cancel(reservation: first)]
  }

  /// Someone was quicker, so one looks again, and at another date where this one has nothing left.
  private mutating func again(_ offer: Offer) -> [Deed] {
    seatTries += 1
    guard seatTries < offer.triesMax else { return leave(.seatsTaken) }
    dates = []
    next = .browse
    return think()
  }

  private mutating func refused(_ name: String, _ offer: Offer) -> [Deed] {
    switch phase {
    case .leaving(let end), .probing(let end): return finish(end)
    case .entering: return finish(.turnedAway)
    default: break
    }
    switch name {
    case "SEAT_TAKEN", "NOT_ENOUGH_SEATS": return again(offer)
    case "NOTHING_BOOKABLE":
      // For the dates, nothing is left at all; for one date's seats, another may have some.
      return dates.isEmpty ? leave(.soldOut) : again(offer)
    case "INSUFFICIENT_BALANCE", "SEAT_LIMIT": return leave(.turnedAway)
    case "NOT_ADMITTED" where phase == .claiming:
      // Told otherwise before: one asks again, after a while.
      phase = .waiting
      willAskAgain = true
      return [.wait(1_000_000_000, .askAgain)]
    default: return finish(Answers.belongsToSales(name) ? .turnOver : .failed)
    }
  }

  /// What a turn was good for is worth nothing now, and that is tried.
  private mutating func probe(_ end: Deed.End) -> [Deed] {
    phase = .probing(end)
    return [.tryDeadToken(date: date)]
  }

  private mutating func finish(_ end: Deed.End) -> [Deed] {
    let last = stopWatching()
    phase = .done
    return last + [.finish(end)]
  }

  private func nanoseconds(_ duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    let whole = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return whole.overflow ? .max / 4 : whole.partialValue + UInt64(attoseconds / 1_000_000_000)
  }
}
