public import Measuring

/// All that is kept of a run: what its report, its lines and its comparison with another are made of.
///
/// Durations are nanoseconds where a name does not say otherwise, times are milliseconds since the
/// run's start.
public struct RunRecord: Codable, Sendable {
  /// The version of this form.
  public var format = 1
  public var facts: RunFacts
  public var outcome: Outcome
  /// One sentence that says why.
  public var sentence: String
  public var verdicts: [VerdictRecord] = []
  public var goals: [GoalRecord] = []
  public var generator = GeneratorRecord()
  public var steps: [StepRecord] = []
  public var timeline = Timeline()
  /// What became of the people; nil where a run has only calls.
  public var people: PeopleRecord?
  /// What happened while it ran, that explains what is seen.
  public var marks: [Mark] = []

  public init(facts: RunFacts, outcome: Outcome, sentence: String) {
    self.facts = facts
    self.outcome = outcome
    self.sentence = sentence
  }

  /// How a run ended, from the best to the worst that can be said of one.
  public enum Outcome: String, Codable, Sendable {
    case passed
    /// A goal was not met.
    case short
    /// The generator did not do what was planned, so that what was measured means little.
    case invalid
    /// The server broke a promise.
    case broken
    /// It was ended before its time.
    case interrupted
    /// It could not go on.
    case failed
  }

  /// Something that happened, at a moment.
  public struct Mark: Codable, Sendable {
    public var atMs: Int64
    public var text: String

    public init(atMs: Int64, text: String) {
      self.atMs = atMs
      self.text = text
    }
  }
}

/// What a run was, so that it can be repeated.
public struct RunFacts: Codable, Sendable {
  public var name = ""
  /// `call`, `onsale`, `poll` or `soak`.
  public var model = ""
  public var seed: UInt64 = 0
  public var commandLine = ""
  /// Milliseconds since 1970.
  public var startedMs: Int64 = 0
  /// How long it took, and how much of that at its beginning was not counted.
  public var seconds: Double = 0
  public var warmUpSeconds: Double = 0
  public var program = ""
  public var address = ""
  public var server = ""
  public var store = ""
  public var machine = ""
  public var workers = 1
  /// The scenario as JSON, all defaults filled in.
  public var scenario = ""

  public init() {}
}

/// What the audit says of one promise.
public struct VerdictRecord: Codable, Sendable, Hashable {
  public var name: String
  /// The promise, in words.
  public var promise: String
  public var found: UInt64
  public var wanted: UInt64
  public var isKept: Bool
  /// How many facts it rests on, and what they are. With none it says nothing.
  public var facts: UInt64
  public var factsAre: String
  public var cases: [Case]
  public var casesTotal: UInt64

  public struct Case: Codable, Sendable, Hashable {
    public var sentence: String
    /// The event that it shows at.
    public var offset: UInt64?

    public init(sentence: String, offset: UInt64?) {
      self.sentence = sentence
      self.offset = offset
    }
  }

  public init(
    name: String,
    promise: String,
    found: UInt64,
    wanted: UInt64,
    isKept: Bool,
    facts: UInt64,
    factsAre: String,
    cases: [Case] = [],
    casesTotal: UInt64 = 0
  ) {
    self.name = name
    self.promise = promise
    self.found = found
    self.wanted = wanted
    self.isKept = isKept
    self.facts = facts
    self.factsAre = factsAre
    self.cases = cases
    self.casesTotal = casesTotal
  }
}

/// Whether a goal that was set was met.
public struct GoalRecord: Codable, Sendable, Hashable {
  /// The goal as it was given: `p99(hold)<50ms`.
  public var goal: String
  /// What was measured, with its unit; nil where nothing was.
  public var measured: String?
  public var isMet: Bool

  public init(goal: String, measured: String?, isMet: Bool) {
    self.goal = goal
    self.measured = measured
    self.isMet = isMet
  }
}

/// How the generator itself did.
public struct GeneratorRecord: Codable, Sendable {
  /// What the plan asked to be begun, and what was.
  public var planned: UInt64 = 0
  public var achieved: UInt64 = 0
  /// How long after its moment each was begun.
  public var lateness = Histogram()
  /// Processor time over time: 1 is one core.
  public var processorShare: Double = 0
  public var coresMax = 1
  public var memoryBytes: UInt64 = 0
  public var bytesPerPerson: UInt64 = 0
  public var connections: UInt64 = 0
  /// What it ran out of, or fell behind in, in sentences. Any of them marks the run.
  public var complaints: [String] = []

  public init() {}
}

/// All calls of one kind.
public struct StepRecord: Codable, Sendable {
  /// The step of the journey: `hold`.
  public var name: String
  /// The method it calls.
  public var method: String
  /// Those answered in OK, from the planned moment, and from that of sending.
  public var response = Histogram()
  public var service = Histogram()
  /// Those that failed or were refused, from the moment of sending.
  public var failed = Histogram()
  /// What failed, by the name of the refusal or else of the status.
  public var failures: [Failure] = []

  public init(name: String, method: String) {
    self.name = name
    self.method = method
  }

  public struct Failure: Codable, Sendable, Hashable {
    public var name: String
    public var count: UInt64
    /// Whether it is something that a sale does not say when all is well: a lost connection, an
    /// overload. A seat that is taken is none.
    public var isError: Bool

    public init(name: String, count: UInt64, isError: Bool) {
      self.name = name
      self.count = count
      self.isError = isError
    }
  }
}

/// What was when. Every column has a value for each window, or none at all.
public struct Timeline: Codable, Sendable {
  public var windowMs: Int64 = 1_000
  public var windows = 0
  /// People, or calls, that were to begin and did.
  public var planned: [UInt64] = []
  public var arrived: [UInt64] = []
  public var lateMaxUs: [UInt64] = []
  /// The line as the log tells it, at each window's end.
  public var waiting: [UInt64] = []
  public var inside: [UInt64] = []
  /// The most inside at any moment of the window, and how many were allowed; 0 is no limit.
  public var insideMost: [UInt64] = []
  public var insideLimit: UInt64 = 0
  public var admitted: [UInt64] = []
  /// The most admissions in any span of the rate's interval that ends in the window.
  public var admittedMost: [UInt64] = []
  public var rateLimit: UInt64 = 0
  public var rateIntervalMs: Int64 = 0
  public var left: [UInt64] = []
  public var missed: [UInt64] = []
  public var seatsFree: [UInt64] = []
  public var seatsHeld: [UInt64] = []
  public var seatsSold: [UInt64] = []
  public var steps: [String: StepTimeline] = [:]
  /// Answers per window by name: `OK`, and what failed by its refusal or status.
  public var answers: [String: [UInt64]] = [:]
  public var server = ServerTimeline()

  public init() {}
}

/// One step's calls over time.
public struct StepTimeline: Codable, Sendable {
  /// Of those answered in OK, from the planned moment, in microseconds.
  public var count: [UInt64] = []
  public var p50Us: [UInt64] = []
  public var p99Us: [UInt64] = []
  public var maxUs: [UInt64] = []
  public var failed: [UInt64] = []
  /// For each window, pairs of a bucket's number and its count, of histograms in nanoseconds.
  public var heat: [[[UInt64]]] = []
  public var heatDigitBits = 4

  public init() {}
}

/// What the server says of itself over time.
public struct ServerTimeline: Codable, Sendable {
  public var commitP50Us: [UInt64] = []
  public var commitP99Us: [UInt64] = []
  public var batchMost: [UInt64] = []
  public var queued: [UInt64] = []
  public var memoryBytes: [UInt64] = []
  public var lagMs: [UInt64] = []

  public init() {}
}

/// What became of the people.
public struct PeopleRecord: Codable, Sendable {
  /// The steps of the journey in order, and how many got so far.
  public var funnel: [Stage] = []
  /// Why those who did not buy did not, by reason.
  public var ends: [Stage] = []
  /// From arriving to owning a seat.
  public var timeToSeat = Histogram()
  /// From entering to being let in.
  public var timeInLine = Histogram()
  /// What some were promised and how long it took.
  public var waits: [WaitRecord] = []
  public var waitsTotal: UInt64 = 0
  /// Of all of them, whose wait was within the promise.
  public var promisesKept: UInt64 = 0
  /// For each who was admitted, the place's number and which admission it was; thinned evenly.
  public var admissions: [[UInt64]] = []
  public var admissionsTotal: UInt64 = 0
  public var inversions: UInt64 = 0
  public var seats: [SeatRecord] = []

  public init() {}

  public struct Stage: Codable, Sendable, Hashable {
    public var name: String
    public var count: UInt64

    public init(name: String, count: UInt64) {
      self.name = name
      self.count = count
    }
  }
}

/// What someone was told when they took their place, and how long they really waited.
public struct WaitRecord: Codable, Sendable, Hashable {
  public var ahead: UInt64
  public var lowMs: UInt64
  public var likelyMs: UInt64
  public var highMs: UInt64
  public var waitedMs: UInt64

  public init(ahead: UInt64, lowMs: UInt64, likelyMs: UInt64, highMs: UInt64, waitedMs: UInt64) {
    self.ahead = ahead
    self.lowMs = lowMs
    self.likelyMs = likelyMs
    self.highMs = highMs
    self.waitedMs = waitedMs
  }
}

/// A seat's life.
public struct SeatRecord: Codable, Sendable, Hashable {
  /// Which date of the sale, from 0, and the seat's number there.
  public var date: Int
  public var number: UInt32
  /// When it was held first, and when it was sold; nil where it was not.
  public var heldMs: Int64?
  public var soldMs: Int64?
  public var holds: UInt32

  public init(date: Int, number: UInt32, heldMs: Int64?, soldMs: Int64?, holds: UInt32) {
    self.date = date
    self.number = number
    self.heldMs = heldMs
    self.soldMs = soldMs
    self.holds = holds
  }
}
