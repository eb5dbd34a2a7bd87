import Foundation
import LoadCommand
import Measuring
import Reports
import Scenarios
import Testing
import UsherCommand

@Suite("Plans and records")
struct RecordTests {
  @Test("A plan that was printed is the same when it is read", arguments: Scenario.Model.allCases)
  func roundTrip(model: Scenario.Model) async throws {
    let desk = try Desk()
    #expect(await desk.run(["scenario", model.rawValue]) == .done)
    let printed = desk.answer
    #expect(try Scenario(reading: Array(printed.utf8), file: "plan") == Scenario.usual(model))
    let plan = try desk.write("plan.json", printed)
    #expect(await desk.run(["scenario", model.rawValue, "--scenario", plan]) == .done)
    #expect(desk.answer == printed)
  }

  @Test("Flags change a plan, those that say one thing before those that set any")
  func flags() async throws {
    let desk = try Desk()
    let flags = [
      "--people", "70", "--seed", "9", "--warm-up", "2s", "--time-limit", "30s",
      "--arrive", "10/s for 5s", "--arrive", "all at once", "--expect", "p99(hold)<50ms",
      "--set", "sale.inside_max=7", "--set", "crowd.patience=1s to 2s", "--set", "name=spring",
    ]
    #expect(await desk.run(["scenario", "onsale"] + flags) == .done)
    let scenario = try Scenario(reading: Array(desk.answer.utf8), file: "plan")
    var wanted = Scenario.onsale
    wanted.people = 70
    wanted.seed = 9
    wanted.warmUp = .seconds(2)
    wanted.timeLimit = .seconds(30)
    wanted.arrivals = [.constant(perSecond: 10, for: .seconds(5)), .atOnce(nil)]
    // What is typed replaces the plan's goal for the same thing, and no other.
    wanted.goals.removeAll { $0.subject == "hold" }
    #expect(!wanted.goals.isEmpty)
    wanted.goals.append(try Goal(parsing: "p99(hold)<50ms"))
    wanted.sale.insideMax = 7
    wanted.crowd.patience = .seconds(1) ... .seconds(2)
    wanted.name = "spring"
    #expect(scenario == wanted)
  }

  @Test("The plans of the commands' examples are plans", arguments: Scenario.Model.allCases)
  func examples(model: Scenario.Model) async throws {
    let desk = try Desk()
    #expect(await desk.run([model.rawValue, "--help"]) == .done)
    let examples = desk.answer.split(separator: "\n")
      .filter { $0.contains("  usher-load \(model.rawValue)") && !$0.contains("[flags]") }
    #expect(!examples.isEmpty)
    for example in examples {
      let words = example.split(separator: "'", omittingEmptySubsequences: false).enumerated()
        .flatMap { index, part in
          index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
      let flags = ["--people", "--arrive", "--set", "--expect", "--time-limit"]
      let plan = words.indices.filter { flags.contains(words[$0]) }
        .flatMap { [words[$0], words[$0 + 1]] }
      #expect(await desk.run(["scenario", model.rawValue] + plan) == .done, "\(desk.remark)")
    }
  }

  /// A run with that end, of a step with such times.
  private func record(
    _ outcome: RunRecord.Outcome = .passed,
    milliseconds: UInt64 = 5
  ) -> RunRecord {
    var facts = RunFacts()
    facts.name = "spring"
    facts.model = "onsale"
    facts.seconds = 60
    var record = RunRecord(facts: facts, outcome: outcome, sentence: "It is as it is.")
    var hold = StepRecord(name: "hold", method: "usher.v1.ReservationService/Hold")
    for number in UInt64(1)...400 { hold.response.add(milliseconds * 1_000_000 + number * 10_000) }
    record.steps = [hold]
    return record
  }

  private func write(_ record: RunRecord, _ name: String, on desk: Desk) throws -> String {
    try desk.write(name, String(decoding: try record.json(), as: UTF8.self))
  }

  @Test(
    "The exit code is how the run ended",
    arguments: [
      (.passed, .done), (.short, .short), (.invalid, .invalid), (.broken, .broken),
      (.interrupted, .interrupted), (.failed, .failed),
    ] as [(RunRecord.Outcome, ExitCode)]
  )
  func exitCodes(outcome: RunRecord.Outcome, code: ExitCode) async throws {
    let desk = try Desk()
    let path = try write(record(outcome), "run.json", on: desk)
    #expect(await desk.run(["report", path]) == code)
    #expect(desk.answer.contains("It is as it is."))
  }

  @Test("A report is made again from a record, in each of its forms")
  func report() async throws {
    let desk = try Desk()
    let path = try write(record(), "run.json", on: desk)
    let files = ["--html", desk.path("run.html"), "--csv", desk.path("run")]
    #expect(await desk.run(["report", path] + files) == .done)
    #expect(desk.answers.last == "report \(desk.path("run.html"))")
    #expect(try desk.read("run.html").contains("It is as it is."))
    #expect(try desk.read("run-steps.csv").contains("hold"))
    #expect(!(try desk.read("run-timeline.csv")).isEmpty)
    #expect(await desk.run(["report", path, "--json"]) == .done)
    #expect(try RunRecord(json: Data(desk.answer.utf8)).steps[0].response.count == 400)
  }

  @Test("A record is not overwritten by what is made of it, and a link stays one")
  func overwriting() async throws {
    let desk = try Desk()
    let path = try write(record(), "run.json", on: desk)
    let before = try desk.read("run.json")
    try FileManager.default.createSymbolicLink(
      atPath: desk.path("other.json"),
      withDestinationPath: path
    )
    for name in ["run.json", "other.json"] {
      #expect(await desk.run(["report", path, "--html", desk.path(name)]) == .usage)
      #expect(desk.remark.contains("for something else too"))
    }
    #expect(try desk.read("run.json") == before)
    try FileManager.default.createSymbolicLink(
      atPath: desk.path("page.html"),
      withDestinationPath: desk.path("far.html")
    )
    _ = try desk.write("far.html", "nothing yet")
    #expect(await desk.run(["report", path, "--html", desk.path("page.html")]) == .done)
    #expect(try desk.read("far.html").contains("It is as it is."))
  }

  @Test("What one file lacks is no reason to lose the others")
  func others() async throws {
    let desk = try Desk()
    let path = try write(record(), "run.json", on: desk)
    let broken = try desk.write("broken.json", "{")
    let files = ["--before", broken, "--html", desk.path("run.html"), "--csv", desk.path("run")]
    #expect(await desk.run(["report", path] + files) == .failed)
    #expect(desk.remark.contains("broken.json"))
    #expect(try desk.read("run-steps.csv").contains("hold"))
  }

  @Test("Two runs are compared, and a difference that is none is not called one")
  func compare() async throws {
    let desk = try Desk()
    let fast = try write(record(milliseconds: 5), "fast.json", on: desk)
    let slow = try write(record(milliseconds: 50), "slow.json", on: desk)
    #expect(await desk.run(["compare", fast, slow]) == .done)
    let differ = desk.answer
    #expect(differ.contains("hold"))
    #expect(await desk.run(["compare", fast, fast]) == .done)
    #expect(desk.answer != differ)
    #expect(await desk.run(["compare", fast, slow, "--json"]) == .done)
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(desk.answer.utf8)) }
  }

  @Test("Runs that cannot be compared are refused, and a script can tell")
  func incomparable() async throws {
    let desk = try Desk()
    let good = try write(record(), "good.json", on: desk)
    let bad = try write(record(.invalid), "bad.json", on: desk)
    for form in [[], ["--json"]] {
      #expect(await desk.run(["compare", good, bad] + form) == .failed)
      #expect(desk.answer.contains("cannot be compared"))
    }
  }

  @Test("A file that is no record, or cannot be read or written, is told by its name")
  func files() async throws {
    let desk = try Desk()
    let other = try desk.write("other.json", #"{"format": 99}"#)
    let good = try write(record(), "run.json", on: desk)
    for arguments in [
      ["report", other], ["report", desk.path("none.json")], ["compare", good, other],
    ] {
      #expect(await desk.run(arguments) == .failed)
      #expect(desk.remark.contains(arguments.last ?? ""), "\(desk.remark)")
    }
    let nowhere = desk.path("none/run.html")
    #expect(await desk.run(["report", good, "--html", nowhere]) == .usage)
    #expect(desk.remark.contains(nowhere), "\(desk.remark)")
  }
}
