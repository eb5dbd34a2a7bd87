import Measuring
import Reports
import Testing

@Suite struct FilesTests {
  private var record: RunRecord {
    var record = Small.record([1])
    var step = StepRecord(name: "=hold, \"quick\"", method: "Hold")
    // Values that have a bucket of their own
    step.response.add(1_500, times: 100)
    step.failures = [.init(name: "SEAT_TAKEN", count: 3, isError: false)]
    record.steps = [step, StepRecord(name: "pay", method: "Pay")]
    record.timeline.windows = 2
    record.timeline.planned = [7, 8]
    record.timeline.answers = ["OK": [5, 6]]
    return record
  }

  @Test func `Steps are rows, and percentiles with too few calls beyond are empty`() {
    let lines = CSVReport(record).steps.split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(
      lines[0] == "name,method,count,rate_per_s,p50_ms,p90_ms,p99_ms,p99.9_ms,p99.99_ms,max_ms,"
        + "service_p50_ms,service_p99_ms,service_max_ms,failed_SEAT_TAKEN"
    )
    #expect(
      lines[1] == "\"'=hold, \"\"quick\"\"\",Hold,100,2.000,0.001500,0.001500,,,,0.001500,,,,3"
    )
    #expect(lines[2] == "pay,Pay,0,0.000,,,,,,,,,,0")
    #expect(lines.count == 4)
  }

  @Test func `Windows are rows of the columns that the run has`() {
    #expect(CSVReport(record).timeline == "from_ms,planned,answers_OK\r\n0,7,5\r\n1000,8,6\r\n")
  }

  @Test func `A column that is shorter than the run ends in empty cells`() {
    var record = record
    record.timeline.planned = [7]
    #expect(CSVReport(record).timeline.hasSuffix("\r\n1000,,6\r\n"))
  }

  @Test func `Where the server was not heard of, a cell is empty and the data has none`() throws {
    var record = record
    record.timeline.server.queued = [nil, 0]
    #expect(
      CSVReport(record).timeline
        == "from_ms,planned,server_queued,answers_OK\r\n0,7,,5\r\n1000,8,0,6\r\n"
    )
    let json = try record.json()
    #expect(String(decoding: json, as: UTF8.self).contains(#""queued":[null,0]"#))
    #expect(try RunRecord(json: json).timeline.server.queued == [nil, 0])
  }

  @Test func `A histogram is text that plotters read`() {
    var histogram = Histogram()
    histogram.add(1_000, times: 3)
    histogram.add(2_000)
    let lines = HistogramText(histogram).text.split(separator: "\n")
    #expect(lines[0] == "       Value     Percentile TotalCount 1/(1-Percentile)")
    #expect(lines[1] == "       0.001 0.750000000000          3 4.00")
    #expect(lines[2] == "       0.002 1.000000000000          4 inf")
    #expect(lines[4] == "#[Max     =        0.002, Total count    =            4]")
  }

  @Test func `Each step's histogram has a file whose name is harmless`() {
    var record = record
    record.steps[1].name = "../pay"
    #expect(record.histogramFiles.map(\.name) == ["1--hold---quick-.hgrm", "2----pay.hgrm"])
  }
}
