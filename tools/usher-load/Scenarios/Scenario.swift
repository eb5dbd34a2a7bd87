/// What a rehearsal does, with nothing left open: who comes when, to what sale, how they behave, and
/// what has to come of it.
///
/// It is a plan alone. It knows no clock and no server, and with its seed all that follows from it is
/// the same on every machine.
public struct Scenario: Sendable, Hashable {
  /// What it is called.
  public var name: String
  /// What kind of run it is.
  public var model: Model
  /// What all chance follows from; nil: whoever runs it draws one, and says which.
  public var seed: UInt64?
  /// How many people come in all; with ``Model/call``, the most calls that are made.
  public var people: Int
  /// How they come, one stage after the other. Empty where ``callers`` call in a loop.
  public var arrivals: [ArrivalStage]
  /// With ``Model/call``: so many who each call again as soon as they are answered, instead of arrivals.
  public var callers: Int?
  /// What is sold, and the gate in front of it.
  public var sale: SalePlan
  /// How people behave.
  public var crowd: CrowdPlan
  /// What has to come of it.
  public var goals: [Goal]
  /// How much of the beginning is left out of what is measured.
  public var warmUp: Duration
  /// When the run ends, whatever is still going on.
  public var timeLimit: Duration
  /// With ``Model/call``: what is called.
  public var call: CallPlan?

  /// What kind of run it is.
  public enum Model: String, Sendable, Hashable, CaseIterable {
    /// A crowd comes, waits, chooses, pays or does not.
    case onsale
    /// A crowd waits and asks how far it has come.
    case poll
    /// One method is called over and over.
    case call
    /// A sale that goes on for long.
    case soak
  }

  /// A scenario of all this.
  public init(
    name: String,
    model: Model,
    seed: UInt64? = nil,
    people: Int,
    arrivals: [ArrivalStage],
    callers: Int? = nil,
    sale: SalePlan = SalePlan(),
    crowd: CrowdPlan = CrowdPlan(),
    goals: [Goal] = [],
    warmUp: Duration = .zero,
    timeLimit: Duration,
    call: CallPlan? = nil
  ) {
    self.name = name
    self.model = model
    self.seed = seed
    self.people = people
    self.arrivals = arrivals
    self.callers = callers
    self.sale = sale
    self.crowd = crowd
    self.goals = goals
    self.warmUp = warmUp
    self.timeLimit = timeLimit
    self.call = call
  }
}

extension Scenario {
  /// How many come by the rates of the plan, and no more than may; all who may, where only a recording
  /// tells.
  public var expected: Int {
    let amounts = arrivals.map { $0.amount(ofAll: people) }
    guard !amounts.contains(nil) else { return people }
    return Int(min(amounts.reduce(1e-6) { $0 + ($1 ?? 0) }, Double(people)))
  }
}
