/// How far how many have come.
package struct CrowdCounts: Sendable, Codable, Hashable {
  /// Each is counted once for every milestone.
  package enum Milestone: String, Sendable, Codable, CaseIterable {
    case came, entered
    case letIn = "let in"
    case held, paid
  }

  package private(set) var milestones: [Milestone: UInt64] = [:]
  package private(set) var ends: [String: UInt64] = [:]

  package init() {}

  mutating func reached(_ milestone: Milestone) { milestones[milestone, default: 0] += 1 }
  mutating func ended(_ end: Deed.End) { ends[end.rawValue, default: 0] += 1 }

  package subscript(milestone: Milestone) -> UInt64 { milestones[milestone] ?? 0 }
  /// How many are done, one way or the other.
  package var done: UInt64 { ends.values.reduce(0, +) }

  package mutating func merge(_ other: CrowdCounts) {
    milestones.merge(other.milestones, uniquingKeysWith: +)
    ends.merge(other.ends, uniquingKeysWith: +)
  }
}
