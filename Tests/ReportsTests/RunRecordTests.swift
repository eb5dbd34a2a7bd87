import Foundation
import Measuring
import Reports
import Testing

@Suite struct RunRecordTests {
  private static let folder = FileManager.default.temporaryDirectory

  private func refusal(of json: String) -> String {
    do {
      _ = try RunRecord(json: Data(json.utf8))
      return "it was read"
    } catch {
      return error.description
    }
  }

  @Test func `A record that was written to a file reads as it was`() throws {
    let path = Self.folder.appending(path: "usher-record-\(UUID().uuidString).json").path
    let record = OnSale.record()
    try record.write(to: path)
    let read = try RunRecord.read(from: path)
    try FileManager.default.removeItem(atPath: path)
    #expect(try read.json() == record.json())
    #expect(read.steps[3].response == record.steps[3].response)
    #expect(read.people?.seats == record.people?.seats)
    #expect(read.verdicts == record.verdicts)
  }

  @Test func `Names are in snake case and in order, and a run's own names stay as they are`() throws
  {
    var record = RunRecord(facts: .init(), outcome: .passed, sentence: "all is well")
    record.facts.seed = .max
    record.timeline.steps["holdSeat"] = StepTimeline()
    record.timeline.answers["SEAT_TAKEN"] = [1]
    record.timeline.answers["a_b"] = [2]
    let text = String(decoding: try record.json(), as: UTF8.self)
    #expect(text.hasPrefix(#"{"facts":{"address":"","command_line":"""#))
    #expect(text.contains(#""answers":{"SEAT_TAKEN":[1],"a_b":[2]}"#))
    #expect(text.contains(#""steps":{"holdSeat":{"#))
    #expect(text.contains(#""p50_us":[]"#))
    #expect(text.contains("18446744073709551615"))
    let read = try RunRecord(json: Data(text.utf8))
    #expect(read.timeline.steps.keys.sorted() == ["holdSeat"])
    #expect(read.timeline.answers == ["SEAT_TAKEN": [1], "a_b": [2]])
    #expect(read.facts.seed == .max)
  }

  @Test func `What is no record, or of another version, or damaged, is refused in a sentence`() {
    for other in ["", "[]", "{}", "nothing", #"{"format":1}"#] {
      #expect(refusal(of: other) == "this is not the record of a run of usher-load")
    }
    #expect(
      refusal(of: #"{"format":3,"facts":{"model":"onsale"},"new":[]}"#)
        == "the record has format 3, and this program reads format 2; read it with the version of "
        + "usher-load that wrote it"
    )
    #expect(
      refusal(of: #"{"format":2,"facts":{"model":"onsale"}}"#)
        == "the record is damaged: facts lacks name"
    )
  }

  @Test func `A record of absurd numbers ends no report`() throws {
    var record = OnSale.record()
    record.facts.startedMs = .max
    record.facts.seconds = .nan
    record.facts.warmUpSeconds = .infinity
    record.generator.processorShare = .infinity
    record.generator.planned = .max
    record.steps[0].failures = [
      .init(name: "A", count: .max, isError: false), .init(name: "A", count: .max, isError: true),
    ]
    record.steps[0].response.add(.max, times: 100_000)
    record.timeline.windows = .max
    record.timeline.windowMs = .max
    record.timeline.rateIntervalMs = .min
    record.people?.waitsTotal = .max
    record.people?.promisesKept = .max
    record.people?.timeToSeat.add(.max, times: 9_000)
    let read = try RunRecord(json: record.json())
    #expect(read.facts.seconds.isNaN)
    #expect(!TextReport(read).lines(width: 80).isEmpty)
    #expect(!(try HTMLReport(read, before: OnSale.record()).html).isEmpty)
    #expect(CSVReport(read).timeline.count > CSVReport(read).steps.count)
    #expect(!read.histogramFiles.isEmpty)
    #expect(!RunComparison(OnSale.record(), read).lines(width: 80).isEmpty)
  }

  @Test func `A file that is not there is named`() {
    let refusal = #expect(throws: RecordFileError.self) {
      try RunRecord.read(from: "/nowhere/run.json")
    }
    #expect(refusal?.description == "/nowhere/run.json is not there")
  }
}
