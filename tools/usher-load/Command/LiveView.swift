internal import Arguments
internal import Rehearsal
internal import Scenarios
internal import Threads
internal import UsherCommand

/// Shows how a run goes: on a terminal a few lines that are written over, elsewhere a line now and then.
final class LiveView: Sendable {
  private struct State {
    var linesShown = 0
    var lastLine: Double = -.infinity
    var before: Glance?
    /// How many of the server's silences were told, and of their ends.
    var silencesTold = 0
  }

  /// How many seconds lie between the lines where no terminal is.
  private static let lineInterval = 5.0

  private let scenario: Scenario
  private let seed: UInt64
  private let console: Console
  private let isQuiet: Bool
  private let keys: LiveKeys
  private let report: (@Sendable (Rehearsed) -> String)?
  private let state = Guarded(State())

  /// A view of a run. `report` writes a report of what there is, and says what it did.
  init(
    of scenario: Scenario,
    seed: UInt64,
    on console: Console,
    isQuiet: Bool,
    report: (@Sendable (Rehearsed) -> String)? = nil
  ) {
    self.scenario = scenario
    self.seed = seed
    self.console = console
    self.isQuiet = isQuiet
    self.report = report
    keys = LiveKeys(of: console)
  }

  /// Runs `body`, while whoever looks on may press keys.
  func during<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    defer { end() }
    return isQuiet ? try await body() : try await keys.during(body)
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

  func show(_ glance: Glance) {
    guard !isQuiet else { return }
    if keys.takeReportWanted() { reportNow(glance) }
    let isTerminal = console.remarksToTerminal
    let shown = state.withLock { state -> [String] in
      let lines = LiveLines(glance, before: state.before, scenario, seed: seed, keys: hint)
      state.before = glance
      if isTerminal {
        let all = lines.all
        let up = state.linesShown > 0 ? "\u{1B}[\(state.linesShown)A" : ""
        state.linesShown = all.count
        return all.enumerated().map {
          ($0.offset == 0 ? up : "") + "\u{1B}[2K" + Self.cut($0.element)
        }
      }
      // Told at once, for whoever looks on may want to see after the server.
      let silences = lines.silences(after: state.silencesTold)
      state.silencesTold = glance.sale?.silences.count ?? 0
      guard glance.seconds - state.lastLine >= Self.lineInterval else { return silences }
      state.lastLine = glance.seconds
      return silences + [lines.one]
    }
    for line in shown { console.remark(line) }
  }

  /// Which keys there are.
  private var hint: String {
    guard keys.areHeard else { return "Ctrl-C stops" }
    return report == nil ? "q stops" : "q stops · r reports now"
  }

  private func reportNow(_ glance: Glance) {
    guard let report else { return }
    // Unstructured: what is shown and what is measured go on meanwhile, on threads of their own.
    Task.detached { [self] in
      let done = report(glance.soFar())
      // Below it the lines begin anew.
      end()
      console.remark(done)
    }
  }

  /// Leaves what was shown last.
  private func end() { state.withLock { $0.linesShown = 0 } }

  /// As much of a line as fits into one of the terminal's, which would else take two.
  private static func cut(_ line: String) -> String {
    String(line.prefix(max(20, Machine.terminalWidth - 1)))
  }
}
