package import Measuring
internal import Spelling

/// All that is kept of a run: what its report, its lines and its comparison with another are made of.
///
/// Durations are nanoseconds where a name does not say otherwise, times are milliseconds since the
/// run's start.
package struct RunRecord: Codable, Sendable {
  /// The version of this form.
  package var format = RunRecord.formatKnown
  package var facts: RunFacts
  package var outcome: Outcome
  /// One sentence that says why.
  package var sentence: String
  package var verdicts: [VerdictRecord] = []
  package var goals: [GoalRecord] = []
  package var generator = GeneratorRecord()
  package var steps: [StepRecord] = []
  /// What was answered at each rate of the plan, where a run has only calls and begins them by a plan.
  package var rates: [RateRecord] = []
  package var timeline = Timeline()
  /// What became of the people; nil where a run has only calls.
  package var people: PeopleRecord?
  /// What happened while it ran, that explains what is seen.
  package var marks: [Mark] = []

  package init(facts: RunFacts, outcome: Outcome, sentence: String) {
    self.facts = facts
    self.outcome = outcome
    self.sentence = sentence
  }

  /// How a run ended, from the best to the worst that can be said of one.
  package enum Outcome: String, Codable, Sendable {
    case passed
    /// A goal was not met.
    case short
    /// The generator did not do what was planned, so that what was measured means little.
    case invalid
    /// The server broke a promise.
    case broken
    /// It was ended before its time.
    case interrupted
    /// It goes on: this is how far it was.
    case underWay
    /// It could not go on.
    case failed
  }

  /// Something that happened, at a moment.
  package struct Mark: Codable, Sendable {
    package var atMs: Int64
    package var text: String

    package init(atMs: Int64, text: String) {
      self.atMs = atMs
      self.text = text
    }
  }
}

/// What a run was, so that it can be repeated.
package struct RunFacts: Codable, Sendable {
  package var name = ""
  /// `call`, `onsale`, `poll` or `soak`.
  package var model = ""
  package var seed: UInt64 = 0
  package var commandLine = ""
  /// Milliseconds since 1970.
  package var startedMs: Int64 = 0
  /// How long it took, and how much of that at its beginning was not counted.
  package var seconds: Double = 0
  package var warmUpSeconds: Double = 0
  package var program = ""
  package var address = ""
  package var server = ""
  package var store = ""
  package var machine = ""
  package var workers = 1
  /// How many events the log had before any of it, which the audit is of too.
  package var eventsBefore: UInt64 = 0
  /// The scenario as JSON, all defaults filled in.
  package var scenario = ""

  package init() {}
}

/// What the audit says of one promise.
package struct VerdictRecord: Codable, Sendable, Hashable {
  package var name: String
  /// The promise, in words.
  package var promise: String
  package var found: UInt64
  package var wanted: UInt64
  package var isKept: Bool
  /// How many facts it rests on, and what they are. With none it says nothing.
  package var facts: UInt64
  package var factsAre: String
  package var cases: [Case]
  package var casesTotal: UInt64

  package struct Case: Codable, Sendable, Hashable {
    package var sentence: String
    /// The event that it shows at.
    package var offset: UInt64?

    package init(sentence: String, offset: UInt64?) {
      self.sentence = sentence
      self.offset = offset
    }
  }

  package init(
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
package struct GoalRecord: Codable, Sendable, Hashable {
  /// The goal as it was given: `p99(hold)<50ms`.
  package var goal: String
  /// What was measured, with its unit; nil where nothing was.
  package var measured: String?
  package var isMet: Bool
  /// How many values it was judged on, where so few are beyond the percentile that they say little.
  package var fewSamples: UInt64?

  package init(goal: String, measured: String?, isMet: Bool, fewSamples: UInt64? = nil) {
    self.goal = goal
    self.measured = measured
    self.isMet = isMet
    self.fewSamples = fewSamples
  }

  /// ` on 100 samples`, where that has to be said.
  package var caveat: String { fewSamples.map { " on \($0.of("sample"))" } ?? "" }
}

/// How the generator itself did.
package struct GeneratorRecord: Codable, Sendable {
  /// What the plan asked to be begun, and what was.
  package var planned: UInt64 = 0
  package var achieved: UInt64 = 0
  /// How long after its moment each was begun.
  package var lateness = Histogram()
  /// Processor time over time: 1 is one core.
  package var processorShare: Double = 0
  package var coresMax = 1
  package var memoryBytes: UInt64 = 0
  package var bytesPerPerson: UInt64 = 0
  package var connections: UInt64 = 0
  /// What it ran out of, or fell behind in, in sentences. Any of them marks the run.
  package var complaints: [String] = []

  package init() {}
}

/// All calls of one kind.
package struct StepRecord: Codable, Sendable {
  /// The step of the journey: `hold`.
  package var name: String
  /// The method it calls.
  package var method: String
  /// Those answered in OK, from the planned moment, and from that of sending.
  package var response = Histogram()
  package var service = Histogram()
  /// Those that failed or were refused, from the moment of sending.
  package var failed = Histogram()
  /// What failed, by the name of the refusal or else of the status.
  package var failures: [Failure] = []

  package init(name: String, method: String) {
    self.name = name
    self.method = method
  }

  package struct Failure: Codable, Sendable, Hashable {
    package var name: String
    package var count: UInt64
    /// Whether it is something that a sale does not say when all is well: a lost connection, an
    /// overload. A seat that is taken is none.
    package var isError: Bool

    package init(name: String, count: UInt64, isError: Bool) {
      self.name = name
      self.count = count
      self.isError = isError
    }
  }
}

/// What was when. Every column has a value for each window, or none at all.
package struct Timeline: Codable, Sendable {
  package var windowMs: Int64 = 1_000
  package var windows = 0
  /// People, or calls, that were to begin and did.
  package var planned: [UInt64] = []
  package var arrived: [UInt64] = []
  package var lateMaxUs: [UInt64] = []
  /// The line as the log tells it, at each window's end.
  package var waiting: [UInt64] = []
  package var inside: [UInt64] = []
  /// The most inside at any moment of the window, and how many were allowed; 0 is no limit.
  package var insideMost: [UInt64] = []
  package var insideLimit: UInt64 = 0
  package var admitted: [UInt64] = []
  /// The most admissions in any span of the rate's interval that ends in the window.
  package var admittedMost: [UInt64] = []
  package var rateLimit: UInt64 = 0
  package var rateIntervalMs: Int64 = 0
  package var left: [UInt64] = []
  package var missed: [UInt64] = []
  package var seatsFree: [UInt64] = []
  package var seatsHeld: [UInt64] = []
  package var seatsSold: [UInt64] = []
  package var steps: [String: StepTimeline] = [:]
  /// Answers per window by name: `OK`, and what failed by its refusal or status.
  package var answers: [String: [UInt64]] = [:]
  package var server = ServerTimeline()

  package init() {}
}

/// One step's calls over time.
package struct StepTimeline: Codable, Sendable {
  /// Of those answered in OK, from the planned moment, in microseconds.
  package var count: [UInt64] = []
  package var p50Us: [UInt64] = []
  package var p99Us: [UInt64] = []
  package var maxUs: [UInt64] = []
  package var failed: [UInt64] = []
  /// For each window, pairs of a bucket's number and its count, of histograms in nanoseconds.
  package var heat: [[[UInt64]]] = []
  package var heatDigitBits = 4

  package init() {}
}

/// What the server says of itself over time; nil where nothing was heard of it in a window.
package struct ServerTimeline: Codable, Sendable {
  package var commitP50Us: [UInt64?] = []
  package var commitP99Us: [UInt64?] = []
  package var batchMost: [UInt64?] = []
  package var queued: [UInt64?] = []
  package var memoryBytes: [UInt64?] = []
  package var lagMs: [UInt64?] = []

  package init() {}
}

/// What became of the people.
package struct PeopleRecord: Codable, Sendable {
  /// The steps of the journey in order, and how many got so far.
  package var funnel: [Stage] = []
  /// Why those who did not buy did not, by reason.
  package var ends: [Stage] = []
  /// From arriving to owning a seat.
  package var timeToSeat = Histogram()
  /// From entering to being let in.
  package var timeInLine = Histogram()
  /// What some were promised and how long it took.
  package var waits: [WaitRecord] = []
  package var waitsTotal: UInt64 = 0
  /// Of all of them, whose wait was within the promise.
  package var promisesKept: UInt64 = 0
  /// For each who was admitted, the place's number and which admission it was; thinned evenly.
  package var admissions: [[UInt64]] = []
  package var admissionsTotal: UInt64 = 0
  package var inversions: UInt64 = 0
  package var seats: [SeatRecord] = []
  /// How many seats there are, those that are not kept among ``seats`` too, and how many were sold at
  /// the end.
  package var seatsTotal: UInt64 = 0
  package var seatsSold: UInt64 = 0
  /// How many of ``seats`` changed so often that their first changes are left out.
  package var seatsThinned: UInt64 = 0

  package init() {}

  package struct Stage: Codable, Sendable, Hashable {
    package var name: String
    package var count: UInt64

    package init(name: String, count: UInt64) {
      self.name = name
      self.count = count
    }
  }
}

/// What someone was told when they took their place, and how long they really waited.
package struct WaitRecord: Codable, Sendable, Hashable {
  package var ahead: UInt64
  package var lowMs: UInt64
  package var likelyMs: UInt64
  package var highMs: UInt64
  package var waitedMs: UInt64

  package init(ahead: UInt64, lowMs: UInt64, likelyMs: UInt64, highMs: UInt64, waitedMs: UInt64) {
    self.ahead = ahead
    self.lowMs = lowMs
    self.likelyMs = likelyMs
    self.highMs = highMs
    self.waitedMs = waitedMs
  }
}
