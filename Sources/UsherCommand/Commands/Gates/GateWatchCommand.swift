internal import Arguments
internal import Spelling
internal import UsherAPI

extension Command {
  static let gateWatch = Command(
    name: "gate watch",
    summary: "Shows a gate's line a second, until Ctrl-C: one that lives on a terminal.",
    parameters: "NAME",
    examples: [
      "usher gate watch spring", "usher gate watch spring --count 60 --every 5s > line.txt",
    ],
    flags: [
      Flag("every", "DURATION", isSetting: false, help: "how long from one line to the next (1s)"),
      Flag("count", "N", isSetting: false, help: "end after so many lines"),
    ],
    notes: [
      "Rates are of the time since the line before. With --json each line is a Gate.",
      "Needs operator.key.",
    ],
    wordsMax: 1
  ) { invocation in
    try await invocation.watchGate()
  }
}

extension Invocation {
  fileprivate func watchGate() async throws -> ExitCode {
    let name = try gateName()
    let pause = try flags.milliseconds("every") ?? 1_000
    let linesMax = try flags.number("count", of: Int.self) ?? .max
    try await operating(on: name, goesOn: true) { session in
      var before: GateSample?
      var shown = 0
      while shown < linesMax {
        if shown > 0 { try await ContinuousClock().sleep(for: .milliseconds(pause)) }
        let sample = try await session.sample(name)
        try show(sample, before)
        before = sample
        shown += 1
      }
    }
    return .done
  }

  private func show(_ sample: GateSample, _ before: GateSample?) throws {
    let lines = [sample.line(since: before).printable]
    // On a terminal each line takes the place of the one before.
    let lives = before != nil && console.answersToTerminal && !style.isPlain
    try answer(sample.gate, lives ? lines.map { "\u{1B}[1A\u{1B}[2K\($0)" } : lines)
  }
}

/// A gate at a moment of the server's time.
private struct GateSample: Sendable {
  let gate: Gate
  let at: Int64

  func line(since before: GateSample?) -> String {
    var parts = [
      Moments.text(at, now: at), gate.standing, "\(gate.waiting.grouped) waiting",
      "\(gate.inside.grouped) inside (\(gate.admittedUnclaimed.grouped) not yet claimed)",
    ]
    if let before, before.at < at {
      parts.append(rate(of: \.admittedTotal, since: before) + " admitted/s")
      parts.append(rate(of: \.doneTotal, since: before) + " paid/s")
    }
    if let wait = gate.wait { parts.append("wait \(wait.short)") }
    if let stock = gate.stock, stock.known { parts.append("\(stock.free.grouped) free") }
    return parts.joined(separator: " · ")
  }

  /// With one digit behind the point.
  private func rate(of total: KeyPath<Gate, UInt64>, since before: GateSample) -> String {
    let (then, now) = (before.gate[keyPath: total], gate[keyPath: total])
    let tenths = (now > then ? now - then : 0) * 10_000 / UInt64(at - before.at)
    return "\((tenths / 10).grouped).\(tenths % 10)"
  }
}

extension Wait {
  /// Without its range: the line is read again in a second.
  fileprivate var short: String {
    guard likelyMs > 0 || highMs > 0 else { return reason.text ?? "none" }
    return "\(Moments.span(Int64(lowMs))) to \(Moments.span(Int64(highMs)))"
  }
}

extension OperatorSession {
  /// The gate, and what time it is there: of one answer, so that rates are right.
  fileprivate func sample(_ name: String) async throws -> GateSample {
    let stats = try await desk.stats(StatsRequest(), options: options)
    if let gate = stats.gates.first(where: { $0.name == name }) {
      return GateSample(gate: gate, at: stats.timeMs)
    }
    // The server says itself that there is none.
    let gate = try await desk.getGate(GetGateRequest(name: name), options: options)
    return GateSample(gate: gate, at: try await now())
  }
}
