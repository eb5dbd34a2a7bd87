package import Measuring

/// What a run came to, as those who made the calls know it: adds up over loops and processes without
/// losing anything.
package struct Results: Sendable, Codable {
  /// Something that happened to the generator, in nanoseconds since the start.
  package struct Mark: Sendable, Codable, Hashable {
    package let moment: UInt64
    package let text: String
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
    marks = Array((marks + other.marks).sorted { $0.moment < $1.moment }.prefix(Self.marksMax))
    health.merge(other.health)
    complaints += other.complaints
  }

  mutating func complain(_ sentence: String) { complaints.append(sentence) }

  /// The same but for what grows with the crowd: enough to look on.
  var withoutFacts: Results {
    var results = self
    results.facts = Facts()
    return results
  }
}
