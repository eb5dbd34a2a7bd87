extension Scenario {
  /// The most people that one run may have.
  public static let peopleMax = 10_000_000

  /// Those that need no file.
  public static let builtIn: [Scenario] = [.onsale, .poll, .call, .soak]

  /// The built-in scenario of a model: what a file of that model does not say is as there.
  public static func usual(_ model: Model) -> Scenario {
    switch model {
    case .onsale: .onsale
    case .poll: .poll
    case .call: .call
    case .soak: .soak
    }
  }

  /// How so many come where nobody says how: in the same time as the built-in scenario's.
  static func usualArrivals(of model: Model, people: Int) -> [ArrivalStage] {
    let usual = usual(model)
    func scaled(_ rate: Double) -> Double {
      let scaled = rate * (Double(people) / Double(usual.people))
      return min(max(scaled, ArrivalStage.rateMin), ArrivalStage.rateMax)
    }
    return usual.arrivals.map { stage in
      switch stage {
      case .constant(let rate, let time): .constant(perSecond: scaled(rate), for: time)
      case .poisson(let rate, let time): .poisson(perSecond: scaled(rate), for: time)
      default: stage
      }
    }
  }

  /// The usual rehearsal: 5,000 want 600 seats.
  ///
  /// 600 seats go to about 400 who buy one or two. Of those let in nine in ten come, and one in twenty
  /// of them never pays: about 470 admissions, at 20 a second some 24 s, and a few more for the seats
  /// that come back. A stay of two seconds is what 40 inside allow at that rate: that is what claiming,
  /// looking around, choosing and paying take, together with those who hold on to seats and those who
  /// never come.
  public static let onsale = Scenario(
    name: "onsale",
    model: .onsale,
    people: 5_000,
    arrivals: [.poisson(perSecond: 500, for: .seconds(10))],
    goals: [.fewErrors, .soon("hold")],
    timeLimit: .seconds(180)
  )

  /// 100,000 wait, and ask how far they have come as often as they are told to.
  public static let poll = {
    var poll = Scenario(
      name: "poll",
      model: .poll,
      people: 100_000,
      arrivals: [.constant(perSecond: 2_500, for: .seconds(40))],
      goals: [.fewErrors, .soon("check")],
      warmUp: .seconds(45),
      timeLimit: .seconds(120)
    )
    poll.sale.insideMax = 100
    poll.sale.rateCount = 10
    poll.sale.claimTTL = .seconds(60)
    poll.sale.returnGrace = .seconds(120)
    poll.crowd.watchShare = .none
    poll.crowd.impatientShare = .none
    poll.crowd.leaveWhenSoldOut = false
    return poll
  }()

  /// 50 who call one method, each again as soon as they are answered.
  public static let call = Scenario(
    name: "call",
    model: .call,
    people: peopleMax,
    arrivals: [],
    callers: 50,
    goals: [.fewErrors],
    warmUp: .seconds(3),
    timeLimit: .seconds(30),
    call: CallPlan(method: "usher.v1.ConcertService/ListConcerts")
  )

  /// An hour in which ten people a second come to more seats than they buy.
  public static let soak = {
    var soak = Scenario(
      name: "soak",
      model: .soak,
      people: 36_000,
      arrivals: [.poisson(perSecond: 10, for: .seconds(3_600))],
      goals: [.fewErrors, .soon("hold")],
      warmUp: .seconds(60),
      timeLimit: .seconds(3_900)
    )
    soak.sale.dates = 120
    soak.sale.seatsPerDate = 500
    soak.sale.stopWhenSoldOut = false
    soak.crowd.refundShare = .percent(10)
    return soak
  }()

  /// When each of the people comes, if all follows from that seed.
  public func schedule(
    seed: UInt64,
    recordings: [String: RecordedArrivals] = [:]
  ) -> ArrivalSchedule {
    ArrivalSchedule(stages: arrivals, people: people, seed: seed, recordings: recordings)
  }

  /// How long the stages last; nil where a recording tells.
  public var arrivalsLength: Duration? {
    arrivals.reduce(Duration.zero as Duration?) { length, stage in
      guard let length, let more = stage.duration else { return nil }
      return length + more
    }
  }

  /// The files whose arrivals ``schedule(seed:recordings:)`` has to be given, each once.
  public var recordedFiles: [String] {
    arrivals.reduce(into: []) { files, stage in
      if case .recorded(let path) = stage, !files.contains(path) { files.append(path) }
    }
  }

  /// The person of that number, if all follows from that seed.
  public func person(_ number: Int, seed: UInt64) -> Person {
    Person(number, of: crowd, seed: seed)
  }
}

extension Goal {
  static let fewErrors = Goal(
    text: "errors<0.1%",
    measure: .errors,
    subject: nil,
    comparison: .less,
    bound: 0.001
  )

  /// Ninety-nine of a hundred such steps take less than a quarter of a second.
  static func soon(_ step: String) -> Goal {
    Goal(
      text: "p99(\(step))<250ms",
      measure: .percentile(99),
      subject: step,
      comparison: .less,
      bound: 250e6
    )
  }
}
