/// What was looked at so far, and what was found.
struct Findings {
  private struct Tally {
    var facts: UInt64 = 0
    var cases: [Verdict.Case] = []
    var casesTotal: UInt64 = 0
    /// What was counted, where a check compares two counts; else cases are counted, and none wanted.
    var counts: (found: UInt64, wanted: UInt64)?
  }

  private var tallies: [Check: Tally] = [:]

  /// Something was looked at.
  mutating func looked(_ check: Check, times count: Int = 1) {
    tallies[check, default: Tally()].facts += UInt64(count)
  }

  /// Something is not as it should be.
  mutating func add(_ check: Check, at offset: UInt64?, _ sentence: String) {
    var tally = tallies[check] ?? Tally()
    tally.casesTotal += 1
    if tally.cases.count < Verdict.casesMax {
      tally.cases.append(Verdict.Case(sentence: sentence, offset: offset))
    }
    tallies[check] = tally
  }

  /// What a check has counted, and what it should have.
  mutating func counted(_ check: Check, found: Int, wanted: Int) {
    tallies[check, default: Tally()].counts = (UInt64(found), UInt64(wanted))
  }

  /// One verdict for each of those checks.
  func verdicts(of checks: [Check] = Check.allCases) -> [Verdict] {
    checks.map { check in
      let tally = tallies[check] ?? Tally()
      return Verdict(
        check: check,
        found: tally.counts?.found ?? tally.casesTotal,
        wanted: tally.counts?.wanted ?? 0,
        cases: tally.cases,
        casesTotal: tally.casesTotal,
        facts: tally.facts
      )
    }
  }
}
