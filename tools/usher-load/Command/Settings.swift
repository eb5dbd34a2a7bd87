internal import Arguments
internal import Foundation
internal import Rehearsal
internal import Reports
internal import Scenarios
internal import Transport
internal import UsherClient
internal import UsherCommand

/// What was typed, read.
struct Settings: Sendable {
  let flags: ParsedArguments
  let words: [String]
  let console: Console
  let style: Style
  let address: SocketAddress
  let keys: Keys
  let commandLine: String

  init(
    _ flags: ParsedArguments,
    words: [String],
    environment: [String: String],
    console: Console,
    commandLine: String
  ) throws {
    self.flags = flags
    self.words = words
    self.console = console
    self.commandLine = commandLine
    style = Style(
      toTerminal: console.answersToTerminal,
      noColor: flags.has("no-color"),
      environment: environment
    )
    keys = Keys(in: flags["data"] ?? environment["USHER_DATA"])
    let named =
      flags["connect"].map { ("--connect", $0) }
      ?? environment["USHER_CONNECT"].map { ("USHER_CONNECT", $0) }
    guard let (name, text) = named else {
      address = UsherClient.defaultAddress
      return
    }
    do throws(SocketFailure) {
      address = try SocketAddress(parsing: text)
    } catch {
      throw UsageError("\(name): \(error.description)", hint: error.hint)
    }
  }

  /// Within which bounds the whole numbers are that flags give.
  private static let bounds = [
    "connections": 1...1_000_000, "loops": 1...256, "workers": 1...1_000,
  ]

  /// The whole number that a flag gives.
  func count(_ flag: String) throws -> Int? {
    guard let text = flags[flag], let bounds = Self.bounds[flag] else { return nil }
    guard let count = Int(text), bounds.contains(count) else {
      throw UsageError(
        "--\(flag): \(text) is no number from \(bounds.lowerBound) to \(bounds.upperBound)"
      )
    }
    return count
  }

  /// The plan: a scenario file's, or else the built-in one, and what flags change of it. All that is
  /// wrong with what was typed for a run is told at once.
  func scenario(_ model: Scenario.Model, calling method: String? = nil) throws -> Scenario {
    var mistakes = Mistakes()
    for flag in Self.bounds.keys.sorted() { try mistakes.gather { _ = try count(flag) } }
    try mistakes.gather { try checkOutputs(besides: [flags["scenario"], flags["before"]]) }
    var scenario = Scenario.usual(model)
    try mistakes.gather { scenario = try read(model) ?? scenario }
    try change(&scenario, &mistakes)
    if model == .call { try changeCall(of: &scenario, to: method, &mistakes) }
    try mistakes.tell()
    if let path = flags["before"] { _ = try RunRecord.read(from: path) }
    return scenario
  }

  /// What a scenario file says; nil where none was named.
  private func read(_ model: Scenario.Model) throws -> Scenario? {
    guard let path = flags["scenario"] else { return nil }
    let scenario = try Scenario(reading: Self.bytes(of: path), file: path)
    guard scenario.model == model else {
      throw UsageError(
        "\(path) is a plan for usher-load \(scenario.model.rawValue), not for \(model.rawValue)"
      )
    }
    return scenario
  }

  private func change(_ scenario: inout Scenario, _ mistakes: inout Mistakes) throws {
    for flag in ["people", "seed", "warm-up", "time-limit", "callers"] {
      guard let value = flags[flag] else { continue }
      try mistakes.gather(in: flag) { try scenario.set(flag, value) }
    }
    for pair in flags.values["set"] ?? [] {
      try mistakes.gather(in: "set") {
        guard let equals = pair.firstIndex(of: "=") else {
          throw UsageError(
            "\(pair): give KEY=VALUE",
            hint: "usher-load scenario lists the keys."
          )
        }
        try scenario.set(String(pair[..<equals]), String(pair[pair.index(after: equals)...]))
      }
    }
    if let texts = flags.values["arrive"] {
      var stages: [ArrivalStage] = []
      for text in texts {
        try mistakes.gather(in: "arrive") { stages += try ArrivalStage.stages(parsing: text) }
      }
      try mistakes.gather {
        guard flags.has("callers") else { return }
        throw UsageError("--callers call in a loop, and --arrive says when: give one of them")
      }
      scenario.arrivals = stages
      scenario.callers = nil
    }
    for text in flags.values["expect"] ?? [] {
      try mistakes.gather(in: "expect") {
        let goal = try Goal(parsing: text)
        // Of one thing there is one goal, the one that was typed.
        scenario.goals.removeAll { $0.measure == goal.measure && $0.subject == goal.subject }
        scenario.goals.append(goal)
      }
    }
  }

  private func changeCall(
    of scenario: inout Scenario,
    to method: String?,
    _ mistakes: inout Mistakes
  ) throws {
    var plan = scenario.call ?? CallPlan(method: "")
    if let method { plan = CallPlan(method: method) }
    if let request = flags["request"] { plan.request = request }
    for text in flags.values["metadata"] ?? [] {
      try mistakes.gather {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
          throw UsageError("--metadata is KEY=VALUE, not \"\(text)\"")
        }
        plan.metadata.append(CallPlan.Pair(name: String(parts[0]), value: String(parts[1])))
      }
    }
    scenario.call = plan
  }

  /// The recordings that the plan's arrivals name.
  func recordings(of scenario: Scenario) throws -> [String: RecordedArrivals] {
    var recordings: [String: RecordedArrivals] = [:]
    for case .recorded(let path) in scenario.arrivals where recordings[path] == nil {
      recordings[path] = try RecordedArrivals(reading: Self.bytes(of: path), file: path)
    }
    return recordings
  }

  /// The files that a run writes.
  private var outputs: [String] {
    let tables = flags["csv"].map { ["\($0)-steps.csv", "\($0)-timeline.csv"] } ?? []
    return tables + [flags["result"], flags["html"]].compactMap(\.self)
  }

  /// Sees before a run that what it comes to can be kept, each in a file of its own and none in one of
  /// `inputs`.
  func checkOutputs(besides inputs: [String?]) throws {
    var mistakes = Mistakes()
    var taken = Set(inputs.compactMap(\.self).map(Self.file))
    for path in outputs {
      try mistakes.gather {
        try Self.checkOutput(path)
        guard taken.insert(Self.file(path)).inserted else {
          throw UsageError("cannot write \(path): it is read, or written, for something else too")
        }
      }
    }
    try mistakes.tell()
  }

  /// The file that a path leads to, whatever links are on the way.
  static func file(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }

  private static func checkOutput(_ path: String) throws {
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw UsageError("cannot write \"\(path)\": it names no file")
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let files = FileManager.default
    if files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw UsageError("cannot write \(path): it is a folder")
    }
    // What is there and no plain file, a device or a pipe, would be replaced by one.
    let there = try? files.attributesOfItem(atPath: file(path))
    guard there == nil || there?[.type] as? FileAttributeType == .typeRegular else {
      throw UsageError("cannot write \(path): it is no plain file")
    }
    guard files.isWritableFile(atPath: folder) else {
      throw UsageError("cannot write \(path): its folder is not there, or may not be written to")
    }
  }

  static func bytes(of path: String) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw UsageError("\(path): \(error.localizedDescription)")
    }
  }
}
