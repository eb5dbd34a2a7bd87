import Measuring
import Reports

/// A run of one step that is small enough to be worked out by hand.
enum Small {
  /// A hundred holds that took 1 ms to 100 ms from their planned moment and 1 ms from sending, over
  /// 50 s; beside them 30 refusals and 70 errors.
  static var record: RunRecord {
    var facts = RunFacts()
    facts.name = "small"
    facts.model = "call"
    facts.seconds = 60
    facts.warmUpSeconds = 10
    var record = RunRecord(facts: facts, outcome: .passed, sentence: "All is well.")
    var step = StepRecord(name: "hold", method: "usher.v1.ReservationService/Hold")
    for value in UInt64(1)...100 {
      step.response.add(value * 1_000_000)
      step.service.add(1_000_000)
    }
    step.failures = [
      .init(name: "SEAT_TAKEN", count: 30, isError: false),
      .init(name: "UNAVAILABLE", count: 70, isError: true),
    ]
    record.steps = [step]
    return record
  }

  /// A step whose calls took these times, in microseconds.
  static func record(_ times: some Sequence<UInt64>, refused: UInt64 = 0) -> RunRecord {
    var record = Small.record
    var step = StepRecord(name: "hold", method: "Hold")
    for time in times { step.response.add(time * 1_000) }
    if refused > 0 { step.failures = [.init(name: "NO", count: refused, isError: false)] }
    record.steps = [step]
    return record
  }
}
