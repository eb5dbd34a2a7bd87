internal import Arguments
internal import Foundation
internal import Measuring
internal import Rehearsal
internal import Scenarios
internal import Threads
internal import UsherCommand

/// Shows how a run goes: on a terminal a few lines that are written over, elsewhere a line now and then.
final class LiveView: Sendable {
  private struct State {
    var linesShown = 0
    var lastLine: Double = -.infinity
    var before: Rehearsal.Glance?
    /// How many of the server's silences were told, and of their ends.
    var silencesTold = 0
  }

  /// How many seconds lie between the lines where no terminal is.
  private static let lineInterval = 5.0

  private let scenario: Scenario
  private let seed: UInt64
  private let console: Console
  private let isQuiet: Bool
  private let state = Guarded(State())

  init(of scenario: Scenario, seed: UInt64, on console: Console, isQuiet: Bool) {
    self.scenario = scenario
    self.seed = seed
    self.console = console
    self.isQuiet = isQuiet
  }

  func show(_ progress: Rehearsal.Progress) {
    guard !isQuiet else { return }
    switch progress {
    case .making(let what): console.remark("making \(what)")
    case .judging:
      end()
      console.remark("judging by the log")
    case .playing(let glance): show(glance)
    }
  }

  /// Leaves what was shown last.
  func end() { state.withLock { $0.linesShown = 0 } }

  private func show(_ glance: Rehearsal.Glance) {
    let isTerminal = console.remarksToTerminal
    let lines = state.withLock { state -> [String] in
      defer { state.before = glance }
      if isTerminal {
        let lines = LiveLines(glance, before: state.before, scenario, seed: seed).all
        let up = state.linesShown > 0 ? "\u{1B}[\(state.linesShown)A" : ""
        state.linesShown = lines.count
        return lines.enumerated().map {
          ($0.offset == 0 ? up : "") + "\u{1B}[2K" + Self.cut($0.element)
        }
      }
      let lines = LiveLines(glance, before: state.before, scenario, seed: seed)
      // Told at once, for whoever looks on may want to see after the server.
      let silences = lines.silences(after: state.silencesTold)
      state.silencesTold = glance.silences.count
      guard glance.seconds - state.lastLine >= Self.lineInterval else { return silences }
      state.lastLine = glance.seconds
      return silences + [lines.one]
    }
    for line in lines { console.remark(line) }
  }

  /// As much of a line as fits into one of the terminal's, which would else take two.
  private static func cut(_ line: String) -> String {
    String(line.prefix(max(20, Machine.terminalWidth - 1)))
  }
}

/// A glance in words.
struct LiveLines {
  private static let barWidth = 30

  private let glance: Rehearsal.Glance
  private let before: Rehearsal.Glance?
  private let scenario: Scenario
  private let seed: UInt64

  init(_ glance: Rehearsal.Glance, before: Rehearsal.Glance?, _ scenario: Scenario, seed: UInt64) {
    self.glance = glance
    self.before = before
    self.scenario = scenario
    self.seed = seed
  }

  private var results: Results { glance.results }
  private var came: UInt64 { results.counts[.came] }
  private var done: UInt64 { results.counts.done }
  private var toCome: UInt64 { UInt64(scenario.people) - min(UInt64(scenario.people), came) }

  /// All of it, for a terminal.
  var all: [String] {
    [
      "rehearsal \"\(scenario.name)\" · seed \(seed) · \(scenario.people.grouped) people   "
        + "\(clock(glance.seconds)) of at most \(clock(scenario.timeLimit / .seconds(1))) · Ctrl-C stops",
      "people  \(bar)  done \(done.grouped) · here \((came - min(came, done)).grouped)"
        + " · to come \(toCome.grouped)",
      "arrive  plan \(results.punctuality.planned.grouped)  came \(came.grouped)"
        + "  late p99 \(milliseconds(results.punctuality.lateness.value(atShare: 0.99)))"
        + "  generator \(processor) cpu",
      "line    \(glance.waiting.grouped) waiting  \(glance.inside.grouped) inside\(limit)"
        + "  \(glance.admitted.grouped) let in (\(rate(\.admitted))/s)",
    ] + steps + [
      "seats   \(free.grouped) free · \(glance.held.grouped) held · \(glance.sold.grouped) sold",
      "audit   \(audit)",
    ]
  }

  /// The most of it, in one line.
  var one: String {
    "\(clock(glance.seconds))  came \(came) of \(scenario.people) · \(glance.waiting) waiting · "
      + "\(glance.inside) inside · \(glance.admitted) let in · \(glance.sold) of \(glance.seats) sold · "
      + "audit \(audit)"
  }

  /// When the server was silent and when it answered again, but for the first so many, a line each.
  func silences(after told: Int) -> [String] {
    glance.silences.dropFirst(told).map { "\(clock(Double($0.moment) / 1e9))  \($0.sentence)" }
  }

  private var bar: String {
    let people = Double(max(scenario.people, 1))
    let doneWidth = Int(Double(done) / people * Double(Self.barWidth))
    let cameWidth = Int(Double(came) / people * Double(Self.barWidth))
    let marks = (0..<Self.barWidth).map { place -> Character in
      place < doneWidth ? "#" : place < cameWidth ? "|" : " "
    }
    return "[\(String(marks))]"
  }

  private var limit: String {
    scenario.sale.insideMax > 0 ? " of \(scenario.sale.insideMax.grouped)" : ""
  }

  private var free: UInt64 { glance.seats - min(glance.seats, glance.held + glance.sold) }

  private var processor: String {
    guard glance.seconds > 0 else { return "0%" }
    let share = Double(results.health.processorNanoseconds) / 1e9 / glance.seconds
    return "\(Int((share * 100).rounded()))%"
  }

  private var steps: [String] {
    ["enter", "hold", "pay"].compactMap { name in
      guard let step = results.steps[name] else { return nil }
      let past = before?.results.steps[name]?.count ?? 0
      let perSecond = Double(step.count - min(step.count, past)) / interval
      let refused = step.failures.sorted { $0.value.count > $1.value.count }.prefix(3)
        .map { "\($0.key) \($0.value.count.grouped)" }.joined(separator: ", ")
      return name.padding(toLength: 8, withPad: " ", startingAt: 0)
        + "\(Int(perSecond.rounded()))/s  p50 \(milliseconds(step.response.value(atShare: 0.5)))"
        + "  p99 \(milliseconds(step.response.value(atShare: 0.99)))"
        + "  max \(milliseconds(step.response.max))"
        + (refused.isEmpty ? "" : "  refused: \(refused)")
    }
  }

  private var audit: String {
    let broken = glance.judgements.filter { !$0.isKept }
    guard let first = broken.first else {
      return "\(glance.judgements.count) of \(glance.judgements.count) ok so far"
    }
    return "BROKEN: \(first.promise)"
  }

  private var interval: Double { max(0.1, glance.seconds - (before?.seconds ?? 0)) }

  private func rate(_ value: (Rehearsal.Glance) -> UInt64) -> Int {
    let now = value(glance)
    return Int((Double(now - min(now, before.map(value) ?? 0)) / interval).rounded())
  }

  private func milliseconds(_ nanoseconds: UInt64) -> String {
    let tenths = (nanoseconds + 50_000) / 100_000
    return tenths >= 1_000 ? "\(tenths / 10) ms" : "\(tenths / 10).\(tenths % 10) ms"
  }

  private func clock(_ seconds: Double) -> String {
    let whole = Int(max(0, min(seconds, 1e9)))
    let parts = [whole / 60, whole % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
    return parts.joined(separator: ":")
  }
}
