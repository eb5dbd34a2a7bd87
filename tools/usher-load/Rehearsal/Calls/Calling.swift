internal import Measuring
internal import RPCCore
internal import Wire

/// The calls of one loop.
final class Calling: Player {
  struct Plan {
    let method: MethodDescriptor
    let calls: CallRun.Calls
    /// So many call in a loop of their own; nil: calls are made at the moments of `arrivals`.
    let callers: Int?
    /// How many are made at most.
    let most: Int
    /// Which part of the calls' numbers is this loop's own.
    let part: Part
    let arrivals: AnyIterator<Arrivals.Arrival>
    let counted: UInt64
    let end: UInt64
  }

  /// How long an answer is waited for.
  private static let patience = Duration.seconds(10)
  private static let retryPause: UInt64 = 100_000_000

  private let stage: Stage
  private let plan: Plan
  private let lines: Lines
  // What every call touches is not checked for overlapping access: one loop does all of it, and neither
  // calls back here.
  @exclusivity(unchecked)
  private var measure: StepMeasure
  /// What happened that was not planned.
  private var incidents = Results()
  private var arrivals: Arrivals
  private var waker: (any Waker)?
  private var loops: [CallerLoop] = []
  private var begun = 0
  private var open = 0
  private var openMost = 0
  private(set) var isOver = false
  private let done: () -> Void
  /// Callers who wait a while after a failure.
  @exclusivity(unchecked)
  private var alarms = Alarms<CallerLoop?>()

  init(on stage: Stage, _ plan: Plan, lines: Lines, done: @escaping () -> Void) {
    self.stage = stage
    self.plan = plan
    self.lines = lines
    self.done = done
    measure = StepMeasure(name: "call", method: String(plan.method.path.dropFirst()))
    let isByPlan = plan.callers == nil
    arrivals = Arrivals(isByPlan ? plan.arrivals : AnyIterator { nil }, counted: plan.counted)
    lines.lost = { [weak self] in self?.mark("a connection was lost: \($0)") }
  }

  var results: Results {
    var results = incidents
    results.steps = ["call": measure]
    results.punctuality = arrivals.punctuality
    results.health.connections = lines.tally.most
    results.health.living = UInt64(openMost)
    return results
  }

  func begin() {
    waker = stage.waker { [weak self] in self?.wake() }
    if let callers = plan.callers {
      guard callers > 0 else { return end() }
      // Those of one connection are made, and so stand in memory, one behind the other: their answers
      // come together.
      loops = (0..<lines.count).flatMap { line in
        stride(from: line, to: callers, by: lines.count).map { CallerLoop($0, of: self) }
      }
      alarms.set(at: 0, nil)
    }
    // Not now: the start is yet to come, and whatever is sent before it is measured short.
    waker?.set(at: stage.moment(0))
  }

  func end() {
    guard !isOver else { return }
    isOver = true
    waker?.close()
    arrivals.miss(before: min(stage.now, plan.end))
    // What is open ends with its connection, and whoever waited for long enough says so.
    lines.close()
    for loop in loops { loop.leave() }
    loops = []
    alarms = Alarms()
    done()
  }

  private func wake() {
    guard !isOver else { return }
    let now = stage.now
    guard now < plan.end else { return end() }
    while let arrival = arrivals.take(dueAt: now) {
      call(arrival.number, planned: arrival.moment)
    }
    while let (_, loop) = alarms.take(dueAt: stage.now) {
      if let loop { loop.call() } else { for loop in loops { loop.call() } }
    }
    settle()
  }

  private func settle() {
    guard !isOver else { return }
    if plan.callers == nil, arrivals.nextMoment == nil, open == 0 { return end() }
    if plan.callers != nil, begun >= plan.most, open == 0 { return end() }
    let next = min(arrivals.nextMoment ?? .max, alarms.next ?? .max, plan.end)
    waker?.set(at: stage.moment(next))
  }

  fileprivate func mark(_ text: String) {
    if !isOver { incidents.mark(Results.Mark(moment: stage.now, text: text)) }
  }
}

// MARK: - One call

extension Calling {
  private func call(_ number: Int, planned: UInt64) {
    arrivals.began(planned: planned, at: stage.now)
    begun += 1
    open += 1
    openMost = max(openMost, open)
    lines.withLine(begun) { [self] line in
      let sent = stage.now
      switch line {
      case .failure(let failure): ended(.failure(failure), planned: planned, sent: sent)
      case .success(let channel):
        guard let call = plan.calls.call(number) else {
          return ended(.failure(Self.noRequest), planned: planned, sent: sent)
        }
        let options = CallOptions(timeout: Self.patience, metadata: call.metadata)
        if plan.method.kind == .unary {
          channel.call(plan.method, call.request, options: options) {
            [self] (result: Result<Answer<EncodedMessage>, RPCFailure>) in
            ended(result.map { _ in }, planned: planned, sent: sent)
          }
        } else {
          channel.stream(plan.method, call.request, options: options) { (_: EncodedMessage) in
          } ended: { [self] result in
            ended(result.map { _ in }, planned: planned, sent: sent)
          }
        }
      }
    }
  }

  private func ended(_ result: Result<Void, RPCFailure>, planned: UInt64, sent: UInt64) {
    open -= 1
    var failure: RPCFailure?
    if case .failure(let why) = result { failure = why }
    count(failure, StepMeasure.Moments(planned: planned, sent: sent, ended: stage.now))
    if open == 0 { settle() }
  }

  /// What is made of a template for one number may be no request, though it was for others.
  private static let noRequest = RPCFailure(.invalidArgument, "the template made no request")

  private func count(_ failure: RPCFailure?, _ moments: StepMeasure.Moments) {
    guard let failure else { return measure.succeeded(moments, counted: plan.counted) }
    guard !isOver || Answers.isOverdue(moments) else { return }
    let name = isOver ? Answers.unanswered : Answers.name(of: failure)
    // Whoever only calls expects to be answered.
    measure.failed(moments, as: name, isError: true, counted: plan.counted)
  }
}

// MARK: - Callers in a loop

/// One who calls again as soon as they are answered.
///
/// A call that is open when all is over still ends, once its connection does: until then it keeps its
/// caller, and that the others.
private final class CallerLoop {
  private let number: Int
  private let calling: Calling
  private var repeated: RepeatedCall?
  private var channel: Channel?
  private var sent: UInt64 = 0

  init(_ number: Int, of calling: Calling) {
    self.number = number
    self.calling = calling
  }

  /// Lets go of what keeps this caller, who calls no more.
  func leave() { repeated = nil }

  func call() { call(at: calling.now) }

  func call(at now: UInt64) {
    if let channel, channel.whyClosed == nil, let repeated {
      guard calling.mayBegin() else { return }
      sent = now
      return channel.make(repeated)
    }
    calling.withLine(number) { [self] line in
      switch line {
      case .success(let channel):
        self.channel = channel
        begin()
      case .failure(let failure):
        guard calling.mayBegin() else { return }
        sent = calling.now
        calling.answered(failure, sent: sent, self)
      }
    }
  }

  private func begin() {
    guard !calling.isOver else { return }
    switch calling.calls {
    case .one(let call):
      guard calling.method.kind == .unary else { return callOnce(call) }
      let options = CallOptions(timeout: calling.patience, metadata: call.metadata)
      repeated = RepeatedCall(PreparedCall(calling.method, call.request, options: options)) {
        [self] _, failure in
        calling.answered(failure, sent: sent, self)
      }
      self.call()
    case .each(let make):
      let call = make(calling.takeNumber())
      guard let call else { return calling.madeNoRequest(self) }
      callOnce(call)
    }
  }

  private func callOnce(_ call: CallRun.Call) {
    guard calling.mayBegin(), let channel else { return }
    sent = calling.now
    let options = CallOptions(timeout: calling.patience, metadata: call.metadata)
    if calling.method.kind == .unary {
      channel.call(calling.method, call.request, options: options) {
        [self] (result: Result<Answer<EncodedMessage>, RPCFailure>) in
        ended(result.map { _ in })
      }
    } else {
      channel.stream(calling.method, call.request, options: options) { (_: EncodedMessage) in
      } ended: { [self] in
        ended($0.map { _ in })
      }
    }
  }

  private func ended(_ result: Result<Void, RPCFailure>) {
    if case .failure(let failure) = result {
      calling.answered(failure, sent: sent, self)
    } else {
      calling.answered(nil, sent: sent, self)
    }
  }
}

extension Calling {
  fileprivate var calls: CallRun.Calls { plan.calls }
  fileprivate var method: MethodDescriptor { plan.method }
  fileprivate var patience: Duration { Self.patience }
  fileprivate var now: UInt64 { stage.now }

  fileprivate func withLine(
    _ number: Int,
    _ then: @escaping (Result<Channel, RPCFailure>) -> Void
  ) {
    lines.withLine(number, then)
  }

  /// What is made of a template for one number may be no request, though it was for others.
  fileprivate func madeNoRequest(_ loop: CallerLoop) {
    guard mayBegin() else { return }
    answered(Self.noRequest, sent: now, loop)
  }

  fileprivate func takeNumber() -> Int { begun * plan.part.count + plan.part.index }

  /// Counts one more call, if there may be one.
  fileprivate func mayBegin() -> Bool {
    guard !isOver, begun < plan.most else { return false }
    begun += 1
    open += 1
    openMost = max(openMost, open)
    return true
  }

  fileprivate func answered(_ failure: RPCFailure?, sent: UInt64, _ loop: CallerLoop) {
    open -= 1
    let now = stage.now
    count(failure, StepMeasure.Moments(planned: sent, sent: sent, ended: now))
    guard !isOver else { return }
    if failure == nil, now < plan.end {
      // The clock is not looked at again for what follows at once.
      loop.call(at: now)
    } else {
      // Whoever fails does not hammer.
      alarms.set(at: now + (failure == nil ? 0 : Self.retryPause), loop)
    }
    if open == 0 || failure != nil { settle() }
  }
}
