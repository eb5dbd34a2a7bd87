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
