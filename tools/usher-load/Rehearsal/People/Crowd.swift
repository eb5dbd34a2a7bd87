internal import Measuring
internal import RPCCore
internal import Scenarios
internal import UsherAPI
internal import UsherClient
internal import Wire

/// The people of one loop: who comes when, who is there, what they are measured by.
final class Crowd: Player {
  /// What a crowd comes with, and comes for.
  struct Plan {
    let scenario: Scenario
    let seed: UInt64
    let sale: PreparedSale
    /// In how many parts the people come, of which the sale's users are one.
    let parts: Int
    /// What the shop shows that charges people's balances for them.
    let appKey: String
    /// Who comes when, in order; the numbers are the people's.
    let arrivals: AnyIterator<Arrivals.Arrival>
    /// When measuring begins and the run ends, in nanoseconds since the start.
    let counted: UInt64
    let end: UInt64
  }

  let stage: Stage
  let plan: Plan
  let lines: Lines
  let offer: Journey.Offer
  private(set) var steps: [Deed.Step: StepMeasure] = [:]
  var counts = CrowdCounts()
  var facts = Facts()
  var timeToSeat = Histogram()
  /// What happened that was not planned.
  private var incidents = Results()

  private var visitors: [Int: Visitor] = [:]
  private var alarms = Alarms<(visitor: Visitor, purpose: Visitor.Purpose)>()
  private var arrivals: Arrivals
  private var waker: (any Waker)?
  private(set) var isOver = false
  private let done: () -> Void

  init(
    on stage: Stage,
    _ plan: Plan,
    lines: Lines,
    done: @escaping () -> Void
  ) {
    self.stage = stage
    self.plan = plan
    self.lines = lines
    self.done = done
    let crowd = plan.scenario.crowd
    offer = Journey.Offer(
      concerts: plan.sale.concerts,
      balance: plan.scenario.sale.balance,
      leavesWhenSoldOut: crowd.leaveWhenSoldOut,
      triesMax: crowd.triesMax
    )
    arrivals = Arrivals(plan.arrivals, counted: plan.counted)
    lines.lost = { [weak self] in self?.mark("a connection was lost: \($0)") }
  }

  /// How many are there.
  var living: Int { visitors.count }

  /// What it came to so far.
  var results: Results {
    var results = incidents
    for (step, measure) in steps { results.steps[step.rawValue] = measure }
    results.punctuality = arrivals.punctuality
    results.counts = counts
    results.facts = facts
    results.timeToSeat = timeToSeat
    results.health.living = UInt64(living)
    results.health.connections = lines.tally.most
    return results
  }

  /// Begins, on the stage's loop.
  func begin() {
    waker = stage.waker { [weak self] in self?.wake() }
    // Not now: the start is yet to come, and whoever comes before it is measured short.
    waker?.set(at: stage.moment(0))
  }

  /// Nobody else comes, and whoever is there is told to go.
  func end() {
    guard !isOver else { return }
    isOver = true
    waker?.close()
    arrivals.miss(before: min(stage.now, plan.end))
    for visitor in visitors.values {
      counts.ended(.unfinished)
      visitor.drop()
    }
    visitors = [:]
    // What is open ends with its connection, and whoever waited for long enough says so.
    lines.close()
    done()
  }

  // MARK: - Time

  private func wake() {
    guard !isOver else { return }
    let now = stage.now
    guard now < plan.end else { return end() }
    while let arrival = arrivals.take(dueAt: now) {
      arrive(arrival.number, planned: arrival.moment)
    }
    while let (moment, alarm) = alarms.take(dueAt: stage.now) {
      arrivals.followed(planned: moment, at: stage.now)
      alarm.visitor.woke(alarm.purpose, planned: moment)
    }
    settle()
  }

  private func arrive(_ number: Int, planned: UInt64) {
    let person = Person(number, of: plan.scenario.crowd, seed: plan.seed)
    // Each who comes to this loop has the next of its connections.
    let line = Int(arrivals.punctuality.begun)
    let visitor = Visitor(person, of: self, line: line, planned: planned)
    visitors[number] = visitor
    counts.reached(.came)
    arrivals.began(planned: planned, at: stage.now)
    visitor.begin()
  }

  func wake(_ visitor: Visitor, for purpose: Visitor.Purpose, at moment: UInt64) {
    alarms.set(at: moment, (visitor, purpose))
    if moment <= nextMoment { setWaker() }
  }

  private var nextMoment: UInt64 { min(alarms.next ?? .max, arrivals.nextMoment ?? .max, plan.end) }

  private func setWaker() {
    if !isOver { waker?.set(at: stage.moment(nextMoment)) }
  }

  /// After something happened: either all is done, or what comes next is waited for.
  private func settle() {
    guard !isOver else { return }
    if arrivals.nextMoment == nil, visitors.isEmpty { return end() }
    setWaker()
  }

  /// Someone is done.
  func finished(_ visitor: Visitor, _ end: Deed.End) {
    guard visitors.removeValue(forKey: visitor.number) != nil else { return }
    counts.ended(end)
    settle()
  }

  /// Something happened that nobody rehearsed.
  func mark(_ text: String) {
    if !isOver { incidents.mark(Results.Mark(moment: stage.now, text: text)) }
  }

  // MARK: - What is measured

  func succeeded(_ step: Deed.Step, _ method: MethodDescriptor, _ moments: StepMeasure.Moments) {
    steps[step, default: Self.measure(step, method)].succeeded(moments, counted: plan.counted)
  }

  func failed(
    _ step: Deed.Step,
    _ method: MethodDescriptor,
    _ moments: StepMeasure.Moments,
    _ failure: RPCFailure
  ) {
    guard !isOver || Answers.isOverdue(moments) else { return }
    let name = isOver ? Answers.unanswered : Answers.name(of: failure)
    let isError = !Answers.belongsToSales(name)
    // A dead token is there to be refused.
    if step == .deadToken, !isError { return succeeded(step, method, moments) }
    steps[step, default: Self.measure(step, method)]
      .failed(moments, as: name, isError: isError, counted: plan.counted)
  }

  private static func measure(_ step: Deed.Step, _ method: MethodDescriptor) -> StepMeasure {
    StepMeasure(name: step.rawValue, method: String(method.path.dropFirst()))
  }
}

// MARK: - How they call

extension Crowd {
  /// What goes with someone's call, which they make themselves or the shop makes for them.
  func options(
    for method: MethodDescriptor,
    as user: PreparedSale.User,
    showing token: String,
    key: String,
    atLeast offset: UInt64,
    timeout: Duration?,
    byShop: Bool = false
  ) -> CallOptions {
    var metadata = Metadata()
    do throws(MetadataFault) {
      if byShop {
        try metadata.add(Metadata.Key.authorization, "Bearer \(plan.appKey)")
        try metadata.add(Metadata.Key.user, user.id)
      } else {
        try metadata.add(Metadata.Key.authorization, "Bearer \(user.token)")
      }
      if !token.isEmpty { try metadata.add(Metadata.Key.token, token) }
      if method.effects != .none {
        try metadata.add(Metadata.Key.idempotencyKey, key)
      } else if offset > 0 {
        try metadata.add(Metadata.Key.atLeastOffset, "\(offset)")
      }
    } catch {
      // Tokens that a server made, a number and a key are all within what metadata takes.
      assertionFailure("what a call carries was refused: \(error)")
    }
    return CallOptions(timeout: timeout, metadata: metadata)
  }

  /// A key of its own for one change.
  func makeKey() -> String { IdempotencyKey.make() }
}
