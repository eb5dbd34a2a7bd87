import Measuring
@testable import Rehearsal
import Reports
import Scenarios
import Testing

@Suite("What goals are judged by")
struct MeasuredTests {
  /// Ten seconds after a warm-up of two, with a hundred holds of 1 to 100 ms and ten refusals, and a
  /// hundred payments of 1 s.
  private static var record: RunRecord {
    var facts = RunFacts()
    facts.seconds = 12
    facts.warmUpSeconds = 2
    var record = RunRecord(facts: facts, outcome: .passed, sentence: "")
    var (hold, pay) = (StepRecord(name: "hold", method: ""), StepRecord(name: "pay", method: ""))
    for number in UInt64(1)...100 {
      hold.response.add(number * 1_000_000)
      pay.response.add(1_000_000_000)
    }
    hold.failed.add(1_000_000, times: 10)
    hold.failures = [
      StepRecord.Failure(name: "SEAT_TAKEN", count: 8, isError: false),
      StepRecord.Failure(name: "INTERNAL", count: 2, isError: true),
    ]
    record.steps = [hold, pay]
    return record
  }

  private func value(_ text: String, _ record: RunRecord = record, sold: UInt64? = 7) throws
    -> Double?
  {
    let goal = try Goal(parsing: text)
    return Measured(record, sold: sold).value(of: goal.measure, goal.subject)
  }

  @Test("Percentiles are of the step that is named, and of what never happened there is none")
  func percentiles() throws {
    #expect(abs(try #require(try value("p50(hold)<1s")) - 50e6) < 0.1e6)
    #expect(abs(try #require(try value("p99(hold)<1s")) - 99e6) < 0.1e6)
    #expect(try value("max(hold)<1s") == 100e6)
    #expect(try value("max(claim)<1s") == nil)
  }

  @Test("Errors are a share of all calls, and what a sale refuses is none")
  func errors() throws {
    #expect(try value("errors(hold)<1%") == 2.0 / 110)
    #expect(try value("errors<1%") == 2.0 / 210)
    #expect(try value("errors(pay)<1%") == 0)
    #expect(try value("errors(claim)<1%") == nil)
  }

  @Test("Rates are of the time that was measured, without the warm-up")
  func rates() throws {
    #expect(try value("rate(hold)>1/s") == 10)
    #expect(try value("rate>1/s") == 20)
    var short = Self.record
    short.facts.seconds = 2
    #expect(try value("rate>1/s", short) == nil)
  }

  @Test("Of people there are times in line and to a seat, promises kept, and seats sold")
  func people() throws {
    #expect(try value("max(line)<1s") == nil)
    #expect(try value("kept>90%") == nil)
    var record = Self.record
    var people = PeopleRecord()
    people.timeInLine.add(3_000_000_000)
    people.timeToSeat.add(9_000_000_000)
    people.waitsTotal = 8
    people.promisesKept = 6
    record.people = people
    #expect(try value("max(line)<1s", record) == 3e9)
    #expect(try value("max(seat)<1s", record) == 9e9)
    #expect(try value("kept>90%", record) == 0.75)
    #expect(try value("sold>=7", record) == 7)
    #expect(try value("sold>=7", record, sold: nil) == nil)
  }
}
