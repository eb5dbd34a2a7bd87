/// Whether what was planned was begun, and when.
package struct Punctuality: Sendable, Codable, Mergeable {
  /// How long after its moment each was begun.
  package private(set) var lateness = Histogram()
  package private(set) var planned: UInt64 = 0
  package private(set) var begun: UInt64 = 0
  package private(set) var windows = Windows<Window>()

  /// A window of time.
  package struct Window: Mergeable, Codable {
    package var planned: UInt64 = 0
    package var begun: UInt64 = 0
    package var lateMost: UInt64 = 0

    package init() {}

    package mutating func merge(_ other: Window) {
      planned += other.planned
      begun += other.begun
      lateMost = max(lateMost, other.lateMost)
    }
  }

  package init() {}

  /// Something was to begin.
  package mutating func plan(at moment: UInt64) {
    planned += 1
    windows.count(at: moment) { $0.planned += 1 }
  }

  /// Something that was to begin at `planned` has. How late what was planned before `counted` began is
  /// seen over time alone.
  package mutating func begin(planned: UInt64, at now: UInt64, counted: UInt64 = 0) {
    let late = now - min(planned, now)
    begun += 1
    if planned >= counted { lateness.add(late) }
    windows.count(at: now) {
      $0.begun += 1
      $0.lateMost = max($0.lateMost, late)
    }
  }

  /// Something that follows from another was done so long after its moment.
  package mutating func follow(planned: UInt64, at now: UInt64, counted: UInt64 = 0) {
    let late = now - min(planned, now)
    if planned >= counted { lateness.add(late) }
    windows.count(at: now) { $0.lateMost = max($0.lateMost, late) }
  }

  package mutating func merge(_ other: Punctuality) {
    lateness.merge(other.lateness)
    planned += other.planned
    begun += other.begun
    windows.merge(other.windows)
  }
}
