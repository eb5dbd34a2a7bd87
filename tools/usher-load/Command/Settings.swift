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

  /// A whole number that a flag gives, within bounds.
  func count(_ flag: String, in bounds: ClosedRange<Int>) throws -> Int? {
    guard let text = flags[flag] else { return nil }
    guard let count = Int(text), bounds.contains(count) else {
      throw UsageError(
        "--\(flag): \(text) is no number from \(bounds.lowerBound) to \(bounds.upperBound)"
      )
    }
    return count
  }

  /// The plan: a scenario file's, or else the built-in one, and what flags change of it.
  func scenario(_ model: Scenario.Model) throws -> Scenario {
    var scenario = Scenario.usual(model)
    if let path = flags["scenario"] {
      scenario = try Scenario(reading: Self.bytes(of: path), file: path)
      guard scenario.model == model else {
        throw UsageError(
          "\(path) is a plan for usher-load \(scenario.model.rawValue), not for \(model.rawValue)"
        )
      }
    }
    for (flag, key) in [
      ("people", "people"), ("seed", "seed"), ("warm-up", "warm_up"), ("time-limit", "time_limit"),
      ("callers", "callers"),
    ] {
      guard let value = flags[flag] else { continue }
      do throws(UsageError) {
        try scenario.set(key, value)
      } catch {
        throw UsageError("--\(flag): \(error.description)", hint: error.hint)
      }
    }
    for pair in flags.values["set"] ?? [] {
      guard let equals = pair.firstIndex(of: "=") else {
        throw UsageError(
          "--set \(pair): give KEY=VALUE",
          hint: "usher-load scenario lists the keys."
        )
      }
      try scenario.set(String(pair[..<equals]), String(pair[pair.index(after: equals)...]))
    }
    if let stages = flags.values["arrive"] {
      guard !flags.has("callers") else {
        throw UsageError("--callers call in a loop, and --arrive says when: give one of them")
      }
      scenario.arrivals = try stages.flatMap { try ArrivalStage.stages(parsing: $0) }
      scenario.callers = nil
    }
    if let goals = flags.values["expect"] {
      for text in goals {
        let goal = try Goal(parsing: text)
        // Of one thing there is one goal, the one that was typed.
        scenario.goals.removeAll { $0.measure == goal.measure && $0.subject == goal.subject }
        scenario.goals.append(goal)
      }
    }
    return scenario
  }

  /// The recordings that the plan's arrivals name.
  func recordings(of scenario: Scenario) throws -> [String: RecordedArrivals] {
    var recordings: [String: RecordedArrivals] = [:]
    for case .recorded(let path) in scenario.arrivals where recordings[path] == nil {
      recordings[path] = try RecordedArrivals(reading: Self.bytes(of: path), file: path)
    }
    return recordings
  }

  static func bytes(of path: String) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw UsageError("\(path): \(error.localizedDescription)")
    }
  }
}
