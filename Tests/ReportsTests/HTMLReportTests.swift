import Foundation
import Measuring
import Reports
import Testing

@Suite struct HTMLReportTests {
  private static let sale = OnSale.record()

  /// A run of which every word is an attack.
  private static var hostile: RunRecord {
    let words =
      "</script><script>window.taken = true</script><img src=x onerror=\"taken=1\">'&{{style}}"
    var record = sale
    record.sentence = words
    record.facts.name = words
    record.facts.scenario = words
    record.facts.commandLine = words
    record.verdicts[0].isKept = false
    record.verdicts[0].promise = words
    record.verdicts[0].cases = [.init(sentence: words, offset: 7)]
    record.goals[0].goal = words
    record.generator.complaints = [words]
    for index in record.steps.indices {
      let name = record.steps[index].name
      record.steps[index].name = name + words
      record.steps[index].failures.append(.init(name: words, count: 3, isError: true))
      record.timeline.steps[name + words] = record.timeline.steps.removeValue(forKey: name)
    }
    record.timeline.answers[words] = record.timeline.answers["OK"]
    record.timeline.answers["__proto__"] = record.timeline.answers["OK"]
    record.people?.funnel.append(.init(name: words, count: 3))
    record.people?.ends.append(.init(name: words, count: 9_000))
    record.marks.append(.init(atMs: 12_000, text: words))
    return record
  }

  private static var invalid: RunRecord {
    var record = sale
    record.outcome = .invalid
    record.sentence = "The generator began 4,712 of 5,000 arrivals: the run says little."
    record.generator.achieved = 4_712
    record.generator.complaints = ["it began 94.2 % of what was planned, and 99 % are wanted"]
    return record
  }

  /// Seats of eight dates, whose changes are few enough to be followed by hand: one was held twice, one
  /// was sold before the start, and one left its first changes out.
  private static var halls: RunRecord {
    var record = RunRecord(facts: .init(), outcome: .passed, sentence: "All is well.")
    record.facts.model = "onsale"
    record.timeline.windows = 10
    record.timeline.server.memoryBytes = [3, nil, nil, 5, 4, 4, 4, 4, 4, nil]
    var people = PeopleRecord()
    people.seats = (0..<14).map { SeatRecord(date: $0, number: 1) }
    people.seats[0].changes = [
      .init(atMs: 1_000, .held), .init(atMs: 3_000, .free), .init(atMs: 5_000, .held),
      .init(atMs: 7_000, .sold),
    ]
    people.seats[0].holds = 2
    people.seats[1].changes = [.init(atMs: -500, .sold)]
    people.seats[13].changes = [.init(atMs: 2_000, .sold)]
    people.seatsTotal = 15
    people.seatsSold = 4
    people.seatsThinned = 1
    // A hundred waits of a second, and one of which was promised and waited far more.
    people.waits = (0..<100).map {
      .init(ahead: $0, lowMs: 500, likelyMs: 1_000 + $0, highMs: 2_000, waitedMs: 1_000)
    }
    people.waits.append(
      .init(ahead: 101, lowMs: 9_000, likelyMs: 90_000, highMs: 99_000, waitedMs: 95_000)
    )
    people.waitsTotal = 101
    people.promisesKept = 101
    record.people = people
    return record
  }

  /// Calls at two rates, ten windows each: the slower of a hundred at p99 and twice that at most.
  private static var climbing: RunRecord {
    var record = RunRecord(facts: .init(), outcome: .passed, sentence: "All is well.")
    record.facts.model = "call"
    record.generator.planned = 6_000
    record.goals = [.init(goal: "p99(call)<9ms", measured: "5 ms", isMet: true, fewSamples: 900)]
    var step = StepRecord(name: "call", method: "usher.v1.Health/Check")
    step.response.add(1_000_000, times: 5_000)
    record.steps = [step]
    record.timeline.windows = 20
    var windows = StepTimeline()
    // At the higher rate every tenth call fails, and is no answer in OK.
    windows.count = Array(repeating: 99, count: 10) + Array(repeating: 450, count: 10)
    windows.failed = Array(repeating: 0, count: 10) + Array(repeating: 50, count: 10)
    windows.p50Us = Array(repeating: 900, count: 20)
    windows.p99Us = Array(repeating: 2_000, count: 20)
    windows.maxUs = Array(repeating: 4_000, count: 20)
    record.timeline.steps["call"] = windows
    var times = Histogram(digitBits: 7)
    times.add(1_000_000, times: 1_000)
    record.rates = [
      .init(fromMs: 0, toMs: 10_000, planned: 990, response: times, errors: 0),
      .init(fromMs: 10_000, toMs: 20_000, planned: 5_000, response: times, errors: 500),
    ]
    return record
  }

  /// The same by callers in a loop, who have no plan.
  private static var looping: RunRecord {
    var record = climbing
    record.generator.planned = 0
    record.rates = []
    return record
  }

  @Test func `In a browser the page is whole, quiet, readable and harmless`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "usher-pages-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
      do {
        try FileManager.default.removeItem(at: folder)
      } catch {
        Issue.record("the pages are left in \(folder.path): \(error)")
      }
    }
    var bare = RunRecord(facts: .init(), outcome: .interrupted, sentence: "It was ended at once.")
    bare.facts.model = "call"
    let pages = [
      "whole": HTMLReport(Self.sale, before: OnSale.record(seed: 41, slower: 0.8)),
      "bare": HTMLReport(bare, before: bare), "invalid": HTMLReport(Self.invalid),
      "hostile": HTMLReport(Self.hostile, before: Self.hostile),
      "halls": HTMLReport(Self.halls), "climbing": HTMLReport(Self.climbing),
      "looping": HTMLReport(Self.looping),
    ]
    for (name, page) in pages {
      try Data(page.html.utf8).write(to: folder.appending(path: "\(name).html"))
    }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Browser/page_tests.py")
    let browser = Process()
    browser.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    browser.arguments = ["-B", script.path, folder.path]
    if let keep = ProcessInfo.processInfo.environment["USHER_PICTURES"] {
      browser.arguments? += ["--keep", keep]
    }
    let said = Pipe()
    browser.standardError = said
    browser.standardOutput = said
    try browser.run()
    let words = try said.fileHandleForReading.readToEnd() ?? Data()
    browser.waitUntilExit()
    #expect(browser.terminationStatus == 0, "\(String(decoding: words, as: UTF8.self))")
  }

  @Test func `The verdict, the audit and the facts are in the page without any script`() throws {
    let html = try HTMLReport(Self.sale).html
    let text = try #require(html.split(separator: "<script").first)
    #expect(text.contains("PASSED"))
    #expect(text.contains("<th scope=\"row\">sold-once<small>No seat is sold twice.</small></th>"))
    #expect(text.contains("p99(enter)&lt;50ms"))
    #expect(text.contains("<dt>seed</dt><dd>42</dd>"))
  }

  @Test func `Seats are counted whole, also those that the record does not keep`() throws {
    #expect(try HTMLReport(Self.halls).html.contains("<dd>4<small>of 15</small></dd>"))
    #expect(try HTMLReport(Self.sale).html.contains("<dd>600<small>of 600, the last at "))
  }

  @Test func `Rates of a plan are a table, and few samples of a goal are told`() throws {
    let html = try HTMLReport(Self.climbing).html
    #expect(html.contains("At each rate of the plan<small>Answers in OK"))
    #expect(html.contains("<td class=\"number\">99.0</td><td class=\"number\">100</td>"))
    #expect(html.contains(">5 ms<small> on 900 samples</small></td>"))
    #expect(!(try HTMLReport(Self.looping).html).contains("At each rate of the plan"))
  }

  @Test func `A seed of 64 bits is told to the last digit`() throws {
    var record = Self.sale
    record.facts.seed = .max
    #expect(try HTMLReport(record).html.contains("<dd>18446744073709551615</dd>"))
  }

  @Test func `Words of a run end no element of the page`() throws {
    let html = try HTMLReport(Self.hostile).html
    #expect(html.components(separatedBy: "</script>").count - 1 == 3)
    #expect(!html.contains("<img"))
    #expect(!html.contains("onerror=\"taken"))
  }

  @Test func `The first three cases of a broken promise are shown, with their events`() throws {
    var record = Self.sale
    record.verdicts[0].isKept = false
    record.verdicts[0].cases = (1...5).map {
      .init(sentence: "seat \($0) twice", offset: $0 * 1_000)
    }
    record.verdicts[0].casesTotal = 12
    let html = try HTMLReport(record).html
    let text = try #require(html.split(separator: "<script").first)
    #expect(text.contains("<b>event 3,000</b> seat 3 twice"))
    #expect(!text.contains("seat 4 twice"))
    #expect(text.contains("and 9 cases more"))
  }
}
