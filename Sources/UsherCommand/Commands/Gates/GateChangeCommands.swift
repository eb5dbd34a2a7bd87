internal import Arguments
internal import Spelling
internal import UsherAPI

/// What can be done to a gate without a word about its policy.
enum GateChange: String, Sendable {
  case pause
  case resume
  case drain

  /// What is true once it is done.
  fileprivate func outcome(_ gate: Gate) -> [String] {
    let name = gate.name
    return switch self {
    case .pause:
      [
        "  \(gate.waiting.grouped) keep their places; \(gate.inside.grouped) inside can finish",
        "  back: usher gate resume \(name)",
      ]
    case .resume:
      ["  \(gate.waiting.grouped) waiting; \(gate.rateReason)", "  back: usher gate pause \(name)"]
    case .drain:
      [
        "  nobody new may stand in line; \(gate.waiting.grouped) waiting are still served",
        "  back: usher gate resume \(name)",
      ]
    }
  }
}

extension Command {
  static let gatePause = changing(
    .pause,
    summary: "Admits nobody until it is resumed; places are kept, and people inside can finish."
  )
  static let gateResume = changing(
    .resume,
    summary: "Goes on after a pause or a drain, and ends the message to those who wait."
  )
  static let gateDrain = changing(
    .drain,
    summary: "Takes nobody new into the line, and serves those who are in it. Asks first.",
    flag: Flag("yes", isSetting: false, help: "do not ask")
  )

  private static func changing(
    _ change: GateChange,
    summary: String,
    flag: Flag? = nil
  ) -> Command {
    Command(
      name: "gate \(change.rawValue)",
      summary: summary,
      parameters: "NAME",
      examples: ["usher gate \(change.rawValue) spring --reason \"payments are slow\""],
      flags: [
        Flag("message", "TEXT", isSetting: false, help: "what those who wait are told"),
        .reason, .ifRevision, .key,
      ] + (flag.map { [$0] } ?? []),
      notes: ["Needs operator.key."],
      wordsMax: 1
    ) { invocation in
      try await invocation.change(change)
    }
  }
}

extension Invocation {
  fileprivate func change(_ change: GateChange) async throws -> ExitCode {
    let name = try gateName()
    let request = ChangeGateRequest(
      name: name,
      message: flags["message"] ?? "",
      ifRevision: try flags.number("if-revision", of: UInt64.self) ?? 0,
      reason: flags["reason"] ?? ""
    )
    if change == .drain, !flags.has("yes") {
      guard try await confirms("drain \(name)? nobody new could stand in line") else {
        console.remark("left as it is")
        return .failed
      }
    }
    let gate = try await operating(on: name) { session in
      switch change {
      case .pause: try await session.desk.pauseGate(request, options: session.changing)
      case .resume: try await session.desk.resumeGate(request, options: session.changing)
      case .drain: try await session.desk.drainGate(request, options: session.changing)
      }
    }
    try answer(gate, ([gate.headline(at: nil)] + change.outcome(gate)).map(\.printable))
    return .done
  }

  /// Asks whoever sits there; the answer is no unless it is yes. In a script nobody can be asked.
  private func confirms(_ question: String) async throws -> Bool {
    guard console.inputIsTerminal, console.remarksToTerminal else {
      throw UsageError("nobody is there to be asked: \(question)", hint: "--yes says yes to it.")
    }
    console.remark("\(question); type yes to do it:")
    let typed = String(decoding: await console.input() ?? [], as: UTF8.self)
    return ["y", "yes"].contains(typed.lowercased().filter { !$0.isWhitespace })
  }
}
