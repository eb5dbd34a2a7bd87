import Foundation
import Measuring
import Reports
import Testing

@Suite struct RunRecordTests {
  @Test func `A record that was written reads as it was`() throws {
    var record = RunRecord(facts: RunFacts(), outcome: .passed, sentence: "all is well")
    var step = StepRecord(name: "hold", method: "usher.v1.ReservationService/Hold")
    for value in UInt64(1)...5_000 { step.response.add(value * 977) }
    record.steps = [step]
    let read = try JSONDecoder().decode(RunRecord.self, from: JSONEncoder().encode(record))
    #expect(read.steps[0].response == step.response)
    #expect(read.outcome == .passed)
  }
}
