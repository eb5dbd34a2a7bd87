internal import Arguments
internal import Foundation
internal import Reports
internal import Scenarios
internal import UsherCommand

extension Order {
  static let compare = Order(
    name: "compare",
    summary: "Shows two runs side by side, and whether they differ by more than chance.",
    parameters: "A.json B.json",
    examples: ["usher-load compare monday.json today.json"],
    flags: LoadFlags.run.filter { $0.name == "json" },
    notes: ["Runs that cannot be compared are told as such, and end in 1.", ""]
  ) { settings in
    guard settings.words.count == 2 else {
      throw UsageError(
        "usher-load compare takes two records",
        hint: "a run writes one with --result FILE."
      )
    }
    let records = try settings.words.map { path throws in try RunRecord.read(from: path) }
    let comparison = RunComparison(records[0], records[1])
    if settings.flags.has("json") {
      settings.console.answer(String(decoding: try comparison.json(), as: UTF8.self))
    } else {
      for line in comparison.lines(width: Machine.terminalWidth) { settings.console.answer(line) }
    }
    return comparison.refusal == nil ? .done : .failed
  }

  static let report = Order(
    name: "report",
    summary: "Makes a run's report again from its record.",
    parameters: "RECORD.json",
    examples: [
      "usher-load report today.json", "usher-load report today.json --html report.html",
      "usher-load report today.json --html report.html --before monday.json",
    ],
    flags: LoadFlags.run.filter { ["html", "csv", "json", "before"].contains($0.name) }
  ) { settings in
    guard settings.words.count == 1 else { throw UsageError("usher-load report takes one record") }
    let record = try RunRecord.read(from: settings.words[0])
    try settings.checkOutputs(besides: [settings.words[0], settings.flags["before"]])
    return try settings.tell(record)
  }

  static let scenario = Order(
    name: "scenario",
    summary: "Prints a plan with all that can be set, to be changed and given with --scenario.",
    parameters: "[onsale|poll|soak|call]",
    examples: ["usher-load scenario onsale > spring.json"],
    flags: LoadFlags.plan
  ) { settings in
    let name = settings.words.first ?? "onsale"
    guard let model = Scenario.Model(rawValue: name), settings.words.count < 2 else {
      let names = Scenario.Model.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("there is no plan \"\(name)\"", hint: "there are \(names).")
    }
    let scenario = try settings.scenario(model)
    try scenario.check()
    settings.console.answer(scenario.json)
    return .done
  }
}
