package import Measuring

/// What a run came to, as those who made the calls know it: adds up over loops and processes without
/// losing anything.
package struct Results: Sendable, Codable {
  /// Something that happened to the generator, in nanoseconds since the start.
  package struct Mark: Sendable, Codable, Hashable {
    package let moment: UInt64
    package let text: String
    /// How often it happened at about that moment.
    package internal(set) var times = 1

    /// What is told of it.
    package var sentence: String { times > 1 ? "\(text) (\(times) times)" : text }

    /// Whether the same happened shortly before.
    func follows(_ other: Mark) -> Bool {
      text == other.text && moment - min(moment, other.moment) < 2_000_000_000
    }
  }

  static let marksMax = 100

  package internal(set) var steps: [String: StepMeasure] = [:]
  package internal(set) var punctuality = Punctuality()
  package internal(set) var counts = CrowdCounts()
  package internal(set) var facts = Facts()
  package internal(set) var timeToSeat = Histogram()
  package internal(set) var marks: [Mark] = []
  package internal(set) var health = Health()
  /// Why what was measured means little, beside what can be seen from the measures.
  package internal(set) var complaints: [String] = []

  package init() {}

  /// Adds what others came to.
  package mutating func merge(_ other: Results) {
    for (name, measure) in other.steps {
      if steps[name] == nil { steps[name] = measure } else { steps[name]?.merge(measure) }
    }
    punctuality.merge(other.punctuality)
    counts.merge(other.counts)
    facts.merge(other.facts)
    timeToSeat.merge(other.timeToSeat)
    for mark in other.marks { self.mark(mark) }
    health.merge(other.health)
    complaints += other.complaints
  }

  /// Notes what happened; the same again soon after is the same.
  mutating func mark(_ mark: Mark) {
    if let index = marks.lastIndex(where: { mark.follows($0) }) {
      marks[index].times += mark.times
    } else if marks.count < Self.marksMax {
      let place = marks.lastIndex { $0.moment <= mark.moment }.map { $0 + 1 } ?? 0
      marks.insert(mark, at: place)
    }
  }

  mutating func complain(_ sentence: String) { complaints.append(sentence) }

  /// The same but for what grows with the crowd: enough to look on.
  var withoutFacts: Results {
    var results = self
    results.facts = Facts()
    return results
  }
}
