/// What an audit says of one check.
package struct Verdict: Sendable, Hashable {
  /// How many cases a verdict tells.
  package static let casesMax = 3

  /// One thing that is not as it should be.
  package struct Case: Sendable, Hashable {
    package let sentence: String
    /// The event it shows at, or that last changed what it is about; nil where none has.
    package let offset: UInt64?
  }

  package let check: Check
  /// What there was, and what there should have been.
  package let found: UInt64
  package let wanted: UInt64
  /// The first cases, and how many there are in all.
  package let cases: [Case]
  package let casesTotal: UInt64
  /// How many facts it rests on: with none it says nothing.
  package let facts: UInt64

  package var isOk: Bool { casesTotal == 0 && found == wanted }

  /// The verdict's line, and one for each of its first cases.
  package var lines: [String] {
    let verdict = isOk ? "ok" : "broken"
    let head = "audit \(check.rawValue) \(found) \(wanted) \(verdict) of \(facts) \(check.facts)"
    let told = cases.map { one in
      "  " + (one.offset.map { "at offset \($0): " } ?? "") + one.sentence
    }
    let rest = casesTotal - UInt64(cases.count)
    return [head] + told + (rest > 0 ? ["  and \(rest) more"] : [])
  }
}
