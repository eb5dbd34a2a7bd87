internal import Measuring
internal import RPCCore
internal import Scenarios
internal import UsherAPI
internal import UsherClient
internal import Wire

/// Someone who is there: carries out what their journey says, over a connection, and tells it what came
/// of it.
final class Visitor {
  /// Why someone is woken.
  enum Purpose {
    case journey(Deed.Alarm)
    /// A call that failed is made again, under the key that it had.
    case again(Deed, key: String, tries: Int)
    /// A watching that broke is begun again.
    case watchBroke
  }

  /// How often anyone tries one thing.
  private static let triesMax = 30
  /// How long an answer is waited for.
  private static let patience = Duration.seconds(10)

  unowned let crowd: Crowd
  private var journey: Journey
  private let user: PreparedSale.User
  private let arrived: UInt64
  private var lines: Lines
  private let lineNumber: Int
  private var queueToken = ""
  private var entryToken = ""
  private var place: (ticket: String, number: UInt64)?
  private var lastOffset: UInt64 = 0
  private var watch: Channel.OpenCall?
  /// Which watching is the present one: what others still say is not heard.
  private var watchNumber = 0
  private var twins: Twins?
  private var keys = OpenKeys()
  /// How often the connection was cut on purpose: what that ends is no failure.
  private var cuts = 0
  private var wasToldOfTurn = false

  init(_ person: Person, of crowd: Crowd, line: Int, planned: UInt64) {
    self.crowd = crowd
    journey = Journey(person)
    user = crowd.plan.sale.users[person.number / crowd.plan.parts]
    arrived = planned
    // Whoever's connection is to break has one that is nobody else's.
    lines = person.reconnectsAfter == nil ? crowd.lines : crowd.lines.alone()
    lineNumber = line
  }

  var number: Int { journey.person.number }

  func begin() { hear(.arrived, planned: arrived) }

  func woke(_ purpose: Purpose, planned: UInt64) {
    guard !journey.isDone else { return }
    switch purpose {
    case .journey(let alarm): hear(.alarm(alarm), planned: planned)
    case .again(let deed, let key, let tries): call(deed, key: key, tries: tries, planned: planned)
    case .watchBroke: hear(.watchBroke, planned: planned)
    }
  }

  /// The run is over.
  func drop() {
    stopWatching()
    crowd.facts.unanswered += keys.close(of: user.id)
    if journey.person.reconnectsAfter != nil { lines.close() }
  }

  private func hear(_ news: Journey.News, planned: UInt64) {
    for deed in journey.hear(news, crowd.offer) { carryOut(deed, planned: planned) }
  }

  private func carryOut(_ deed: Deed, planned: UInt64) {
    switch deed {
    case .watch: beginWatching(planned: planned)
    case .stopWatching: stopWatching()
    case .cut:
      watchNumber += 1
      watch = nil
      cuts += 1
      lines.cut(lineNumber)
    case .wait(let nanoseconds, let alarm):
      crowd.wake(self, for: .journey(alarm), at: crowd.stage.now &+ nanoseconds)
    case .finish(let end):
      drop()
      crowd.finished(self, end)
    case .pay where journey.person.doubleSubmit != .none && twins == nil:
      payTwice(deed, planned: planned)
    default: call(deed, key: crowd.makeKey(), tries: 1, planned: planned)
    }
  }
}

// MARK: - Calls

extension Visitor {
  private func call(_ deed: Deed, key: String, tries: Int, planned: UInt64) {
    let sale = crowd.plan.sale
    switch deed {
    case .enter:
      let request = EnterRequest(gate: sale.gate, priority: journey.person.isPriority)
      make(GateMethods.enter, request, deed, key, tries, planned) { (answer: EnterResponse) in
        self.entered(answer)
        return .entered(answer)
      }
    case .check:
      make(GateMethods.check, CheckRequest(), deed, key, tries, planned, token: queueToken) {
        self.told($0)
      }
    case .claim:
      make(GateMethods.claim, ClaimRequest(), deed, key, tries, planned, token: queueToken) {
        (place: Place) in
        self.note(place)
        return .claimed(place)
      }
    case .leave:
      make(GateMethods.leave, LeaveRequest(), deed, key, tries, planned, token: queueToken) {
        (place: Place) in
        self.crowd.facts.left.append(place.ticketID)
        return .left
      }
    case .listDates(let concert):
      let request = ListDatesRequest(concertID: concert)
      make(ConcertMethods.listDates, request, deed, key, tries, planned, token: entryToken) {
        (answer: ListDatesResponse) in .dates(answer.dates)
      }
    case .listSeats(let date):
      let request = ListSeatsRequest(dateID: date)
      make(ConcertMethods.listSeats, request, deed, key, tries, planned, token: entryToken) {
        (answer: ListSeatsResponse) in .seats(answer.seats)
      }
    case .hold(let date, let seats, let best):
      let request = HoldRequest(dateID: date, seatNumbers: seats, bestAvailable: best)
      make(ReservationMethods.hold, request, deed, key, tries, planned, token: entryToken) {
        (answer: HoldResponse) in
        self.held(answer)
        return .held(answer)
      }
    default: callOfMoney(deed, key, tries, planned)
    }
  }

  private func callOfMoney(_ deed: Deed, _ key: String, _ tries: Int, _ planned: UInt64) {
    switch deed {
    case .charge(let amount):
      let request = ChargeRequest(amount: amount, description: "for the rehearsal")
      make(WalletMethods.charge, request, deed, key, tries, planned) { (answer: ChargeResponse) in
        if let entry = answer.entry { self.crowd.facts.charged.append(entry.id) }
        return .charged
      }
    case .pay(let reservations):
      let request = PayRequest(reservationIDs: reservations)
      make(PaymentMethods.pay, request, deed, key, tries, planned, token: entryToken) {
        (answer: PayResponse) in
        self.note(answer)
        self.paid()
        return .paid(answer)
      }
    case .cancel(let reservation):
      let request = CancelRequest(reservationID: reservation)
      make(ReservationMethods.cancel, request, deed, key, tries, planned) {
        (_: CancelResponse) in
        self.crowd.facts.refunded.append(reservation)
        return .cancelled
      }
    case .tryDeadToken(let date): tryDeadToken(date, key, planned)
    default: break
    }
  }

  /// Makes a call, measures it, and lets the journey hear what `news` makes of the answer. What failed
  /// for no reason of the sale's is tried again after a while.
  private func make<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ deed: Deed,
    _ key: String,
    _ tries: Int,
    _ planned: UInt64,
    token: String = "",
    _ news: @escaping (Response) -> Journey.News
  ) {
    send(method, request, deed, key, planned, token) {
      [self] (result: Result<Response, RPCFailure>) in
      guard !journey.isDone else { return }
      let now = crowd.stage.now
      switch result {
      case .success(let answer): hear(news(answer), planned: now)
      case .failure(let failure) where Answers.isPassing(failure):
        guard tries < Self.triesMax else { return hear(.gaveUp, planned: now) }
        tryAgain(deed, key: key, tries: tries + 1, after: failure)
      case .failure(let failure):
        if case .pay = deed, let other = twins?.takeUnanswered() {
          return call(deed, key: other, tries: 1, planned: now)
        }
        hear(.refused(Answers.name(of: failure)), planned: now)
      }
    }
  }

  private func tryAgain(_ deed: Deed, key: String, tries: Int, after failure: RPCFailure) {
    let pause = retryPause(after: Answers.retryAfterNanoseconds(failure))
    crowd.wake(self, for: .again(deed, key: key, tries: tries), at: crowd.stage.now + pause)
  }

  /// How long this person waits before trying again, where the server asked for `asked`.
  private func retryPause(after asked: UInt64?) -> UInt64 {
    max(asked ?? 0, journey.drawRetryPause())
  }

  /// Makes a call once and measures it.
  private func send<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ deed: Deed,
    _ key: String,
    _ planned: UInt64,
    _ token: String,
    then: @escaping (Result<Response, RPCFailure>) -> Void
  ) {
    guard let step = deed.step else { return }
    lines.withLine(lineNumber) { [self] line in
      let sent = crowd.stage.now
      let known = crowd.facts.offsetMost
      let cutsBefore = cuts
      if method.effects != .none { keys.sent(key, for: step, knowing: known) }
      func ended(_ result: Result<Answer<Response>, RPCFailure>) {
        let moments = StepMeasure.Moments(planned: planned, sent: sent, ended: crowd.stage.now)
        switch result {
        case .success(let answer):
          keys.made(key)
          see(answer.trailers)
          crowd.succeeded(step, method, moments)
          then(.success(answer.message))
        case .failure(let failure):
          if Answers.isRefusal(failure) {
            keys.refused(key, knowing: known)
          } else {
            keys.lost(key)
          }
          if cuts == cutsBefore { crowd.failed(step, method, moments, failure) }
          then(.failure(failure))
        }
      }
      switch line {
      case .success(let channel):
        let options = crowd.options(
          for: method,
          as: user,
          showing: token,
          key: key,
          atLeast: lastOffset,
          timeout: Self.patience,
          byShop: isForShop(method)
        )
        channel.call(method, request, options: options, then: ended)
      case .failure(let failure): ended(.failure(failure))
      }
    }
  }

  /// Nobody gives themselves money or goes ahead of the line: the shop does that for them.
  private func isForShop(_ method: MethodDescriptor) -> Bool {
    method == WalletMethods.charge || method == GateMethods.enter && journey.person.isPriority
  }

  private func see(_ trailers: Metadata) {
    guard let offset = trailers[Metadata.Key.offset].flatMap({ UInt64($0) }) else { return }
    lastOffset = max(lastOffset, offset)
    crowd.facts.offsetMost = max(crowd.facts.offsetMost, offset)
  }
}

// MARK: - What the server said

extension Visitor {
  private func entered(_ answer: EnterResponse) {
    queueToken = answer.queueToken
    lastOffset = max(lastOffset, answer.offset)
    let told = answer.place ?? Place()
    if !told.entryToken.isEmpty { entryToken = told.entryToken }
    if let place {
      crowd.facts.returned.append(
        Facts.Returned(
          user: user.id,
          ticket: place.ticket,
          number: place.number,
          newTicket: told.ticketID,
          newNumber: told.number
        )
      )
      self.place = (told.ticketID, told.number)
      return
    }
    place = (told.ticketID, told.number)
    crowd.counts.reached(.entered)
    let isInside = told.state == .active
    hearOfTurn(told.state)
    let wait = told.wait ?? Wait()
    crowd.facts.entered.append(
      Facts.Entered(
        user: user.id,
        ticket: told.ticketID,
        number: told.number,
        ahead: told.ahead,
        lowMs: wait.lowMs,
        likelyMs: wait.likelyMs,
        highMs: wait.highMs,
        isInside: isInside
      )
    )
  }

  private func told(_ place: Place) -> Journey.News {
    note(place)
    return .told(place)
  }

  private func note(_ place: Place) {
    hearOfTurn(place.state)
    if place.state == .active, !place.entryToken.isEmpty { entryToken = place.entryToken }
  }

  /// Whoever is let in is counted once, whether they come or not.
  private func hearOfTurn(_ state: TicketState) {
    guard !wasToldOfTurn, state == .admitted || state == .active else { return }
    wasToldOfTurn = true
    crowd.counts.reached(.letIn)
  }

  private func held(_ answer: HoldResponse) {
    if !answer.entryToken.isEmpty { entryToken = answer.entryToken }
    crowd.counts.reached(.held)
    crowd.facts.held += answer.reservations.map(\.id)
  }

  private func paid() {
    crowd.counts.reached(.paid)
    crowd.timeToSeat.add(crowd.stage.now - min(arrived, crowd.stage.now))
  }

  private func note(_ answer: PayResponse) {
    guard let payment = answer.payment else { return }
    crowd.facts.paid.append(
      Facts.Paid(
        payment: payment.id,
        user: payment.userID,
        total: payment.total,
        reservations: payment.lines.map(\.reservationID)
      )
    )
  }
}

// MARK: - What is tried to break a promise

extension Visitor {
  /// Sends one payment twice at once, as an impatient finger does.
  private func payTwice(_ deed: Deed, planned: UInt64) {
    guard case .pay(let reservations) = deed else { return }
    let request = PayRequest(reservationIDs: reservations)
    let key = crowd.makeKey()
    let keys = [key, journey.person.doubleSubmit == .sameKey ? key : crowd.makeKey()]
    twins = Twins(under: keys)
    for key in keys {
      send(PaymentMethods.pay, request, deed, key, planned, entryToken) {
        [self] (result: Result<PayResponse, RPCFailure>) in
        twins?.ended(key, result)
        if case .success(let answer) = result { note(answer) }
        if let twins, twins.areOver { paidTwice(twins, deed) }
      }
    }
  }

  private func paidTwice(_ twins: Twins, _ deed: Deed) {
    guard !journey.isDone else { return }
    twins.judge(for: user.id, in: &crowd.facts.keysRepeated)
    if let first = twins.paid.first {
      paid()
      hear(.paid(first), planned: crowd.stage.now)
    } else if let failure = twins.failures.first(where: Answers.isPassing),
      let key = self.twins?.takeUnanswered()
    {
      tryAgain(deed, key: key, tries: 2, after: failure)
    } else {
      hear(.refused(Answers.name(of: twins.failures[0])), planned: crowd.stage.now)
    }
  }

  /// Shows a token whose turn is over, where it was good before.
  private func tryDeadToken(_ date: String?, _ key: String, _ planned: UInt64) {
    let deed = Deed.tryDeadToken(date: date)
    if let date, !entryToken.isEmpty {
      let request = ListSeatsRequest(dateID: date)
      send(ConcertMethods.listSeats, request, deed, key, planned, entryToken) {
        (result: Result<ListSeatsResponse, RPCFailure>) in
        self.triedDeadToken("seats were listed", result.map { _ in })
      }
    } else {
      send(GateMethods.claim, ClaimRequest(), deed, key, planned, queueToken) {
        (result: Result<Place, RPCFailure>) in
        self.triedDeadToken("a turn was claimed", result.map { _ in })
      }
    }
  }

  private func triedDeadToken(_ what: String, _ result: Result<Void, RPCFailure>) {
    switch result {
    case .success: crowd.facts.deadTokens.tried("\(what) with the token of \(user.id), who is done")
    case .failure(let failure) where Answers.isPassing(failure): break
    case .failure: crowd.facts.deadTokens.tried(nil)
    }
    hear(.tokenTried, planned: crowd.stage.now)
  }
}

// MARK: - Watching

extension Visitor {
  private func beginWatching(planned: UInt64) {
    watchNumber += 1
    let number = watchNumber
    lines.withLine(lineNumber) { [self] line in
      guard number == watchNumber, !journey.isDone else { return }
      let sent = crowd.stage.now
      switch line {
      case .success(let channel): watch(over: channel, number, planned: planned, sent: sent)
      case .failure(let failure): watchEnded(.failure(failure), planned: planned, sent: sent)
      }
    }
  }

  private func watch(over channel: Channel, _ number: Int, planned: UInt64, sent: UInt64) {
    let options = crowd.options(
      for: GateMethods.watch,
      as: user,
      showing: queueToken,
      key: "",
      atLeast: lastOffset,
      timeout: nil
    )
    var isFirst = true
    watch = channel.stream(GateMethods.watch, WatchRequest(), options: options) {
      [self] (place: Place) in
      guard number == watchNumber, !journey.isDone else { return }
      let now = crowd.stage.now
      if isFirst {
        isFirst = false
        let moments = StepMeasure.Moments(planned: planned, sent: sent, ended: now)
        crowd.succeeded(.watch, GateMethods.watch, moments)
      }
      hear(told(place), planned: now)
    } ended: { [self] result in
      guard number == watchNumber, !journey.isDone, !crowd.isOver else { return }
      watch = nil
      watchEnded(result, planned: planned, sent: sent)
    }
  }

  private func watchEnded(
    _ result: Result<Metadata, RPCFailure>,
    planned: UInt64,
    sent: UInt64
  ) {
    let now = crowd.stage.now
    if case .failure(let failure) = result {
      let moments = StepMeasure.Moments(planned: planned, sent: sent, ended: now)
      crowd.failed(.watch, GateMethods.watch, moments, failure)
      guard Answers.isPassing(failure) else {
        return hear(.refused(Answers.name(of: failure)), planned: now)
      }
    }
    crowd.wake(self, for: .watchBroke, at: now + retryPause(after: nil))
  }

  private func stopWatching() {
    watchNumber += 1
    watch?.cancel()
    watch = nil
  }
}
