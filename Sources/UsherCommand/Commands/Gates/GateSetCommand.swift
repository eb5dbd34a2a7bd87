internal import Arguments
internal import RPCCore
internal import Spelling
internal import UsherAPI

extension Command {
  static let gateSet = Command(
    name: "gate set",
    summary: "Makes a gate, or changes what is named of it while its line moves.",
    parameters: "NAME",
    examples: [
      "usher gate set spring --inside 12000 --rate 50/1s --session 5m",
      "usher gate set spring --rate 80/1s --dry-run",
      "usher gate set spring --rate 80/1s --reason \"the till keeps up\" --if-revision 14",
      "usher gate set spring --opens 2026-12-01T10:00:00Z --lottery",
    ],
    flags: GateSetting.flags + [
      Flag("dry-run", isSetting: false, help: "only tell what would change, and for whom"),
      .reason, .ifRevision, .key,
    ],
    notes: [
      "Durations are 300ms, 30s, 5m, 1h. What is not named stays as it is: the gate is read, changed",
      "and sent whole, and if someone else changes it in between nothing is done.",
      "Needs operator.key. A dry run ends with 5 if something would change, and with 0 if not.",
    ],
    wordsMax: 1
  ) { invocation in
    try await invocation.setGate()
  }
}

extension Invocation {
  fileprivate func setGate() async throws -> ExitCode {
    let name = try gateName()
    // What cannot be read is told before anyone is asked.
    var draft = GateDraft()
    try GateSetting.change(&draft, by: flags)
    let wanted = try flags.number("if-revision", of: UInt64.self)
    let isDry = flags.has("dry-run")
    return try await operating(on: name) { session in
      let known = try await session.find(name)
      var draft = known.map { GateDraft($0) } ?? GateDraft()
      let before = draft
      try GateSetting.change(&draft, by: flags)
      if let known, draft == before {
        guard GateSetting.all.contains(where: { $0.isNamed(in: flags) }) else {
          throw UsageError("nothing is named that would change", hint: "usher gate set --help")
        }
        try answer(known, [known.headline(at: nil), "  it is like that already"])
        return .done
      }
      let request = SetGateRequest(
        name: name,
        policy: draft.policy,
        opensMs: draft.opensMs,
        lottery: draft.lottery,
        message: draft.message,
        ifRevision: wanted ?? known?.revision ?? 0,
        reason: flags["reason"] ?? "",
        dryRun: isDry
      )
      let response = try await session.desk.setGate(
        request,
        options: isDry ? session.options : session.changing
      )
      let lines = isDry ? dryRun(response, known) : changed(response, known)
      try answer(response, lines.map(\.printable))
      return isDry ? .found : .done
    }
  }

  private func changed(_ response: SetGateResponse, _ known: Gate?) -> [String] {
    guard let gate = response.gate else { return [] }
    guard let known else {
      return [
        gate.headline(at: nil), "  new; next: usher concert create TITLE --gate \(gate.name)",
      ]
    }
    let differences = GateSetting.differences(from: GateDraft(known), to: GateDraft(gate))
    let back = differences.map { $0.setting.typed(GateDraft(known)) }.joined(separator: " ")
    return [gate.headline(at: nil)]
      + differences.map { "  \($0.setting.label): \($0.before) to \($0.after)" }
      + ["  back: usher gate set \(gate.name) \(back)"]
  }

  private func dryRun(_ response: SetGateResponse, _ known: Gate?) -> [String] {
    guard let gate = response.gate else { return [] }
    let before = known.map { GateDraft($0) }
    let after = GateDraft(gate)
    var table = Table("", "now", "then")
    let differences = before.map { GateSetting.differences(from: $0, to: after) }
    for (setting, now, then) in differences ?? [] { table.add("  " + setting.label, now, then) }
    if before == nil {
      for setting in GateSetting.all { table.add("  " + setting.label, "-", setting.value(after)) }
    }
    let typed = GateSetting.all.filter { $0.isNamed(in: flags) }.map { $0.typed(after) }
    let apply =
      ["usher gate set", gate.name] + typed + ["--reason \"…\""]
      + (known.map { ["--if-revision \($0.revision)"] } ?? [])
    return table.lines(toTerminal: true)
      + response.forecast.split(separator: ";").map { "  " + $0.drop { $0 == " " } }
      + ["nothing changed · to apply: \(apply.joined(separator: " "))"]
  }
}

extension OperatorSession {
  /// The gate as it is; nil if there is none.
  fileprivate func find(_ name: String) async throws -> Gate? {
    do throws(RPCFailure) {
      return try await desk.getGate(GetGateRequest(name: name), options: options)
    } catch {
      guard error.refusal == "GATE_NOT_FOUND" else { throw error }
      return nil
    }
  }
}
