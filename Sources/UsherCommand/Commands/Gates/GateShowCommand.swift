internal import Arguments
internal import Spelling
internal import UsherAPI

extension Command {
  static let gateShow = Command(
    name: "gate show",
    summary: "Shows a gate: its policy, its line, what binds, how long one waits, what is left.",
    parameters: "NAME",
    examples: ["usher gate show spring", "usher gate show spring --json"],
    notes: ["Needs operator.key. With --json it is the Gate as the server tells it."],
    wordsMax: 1
  ) { invocation in
    let name = try invocation.gateName()
    let (gate, now) = try await invocation.operating(on: name) { session in
      let gate = try await session.desk.getGate(
        GetGateRequest(name: name),
        options: session.options
      )
      return (gate, try await session.now())
    }
    try invocation.answer(gate, gate.description(at: now))
    return .done
  }

  static let gateExplain = Command(
    name: "gate explain",
    summary: "Tells what became of one ticket, event by event.",
    parameters: "TICKET",
    examples: ["usher gate explain 0199c0de-0000-7000-8000-000000000001"],
    notes: ["Needs operator.key. A line is: the event's offset, its time, what happened."],
    wordsMax: 1
  ) { invocation in
    let id = try invocation.onlyWord("a ticket")
    let told = try await invocation.operating { session in
      try await session.desk.explainTicket(
        ExplainTicketRequest(ticketID: id),
        options: session.options
      )
    }
    try invocation.answer(told, told.lines)
    return .done
  }
}

extension ExplainTicketResponse {
  fileprivate var lines: [String] {
    guard let place else { return story.map(\.printable) }
    return ["ticket \(place.ticketID) · \(place.standing)".printable]
      + story.map { "  \($0)".printable }
  }
}

extension OperatorSession {
  /// The server's time.
  func now() async throws -> Int64 {
    try await desk.stats(StatsRequest(), options: options).timeMs
  }
}

extension Invocation {
  /// The gate that the command is about.
  func gateName() throws -> String {
    guard let name = words.first else {
      throw UsageError("which gate?", hint: "usher gate list lists them.")
    }
    return name
  }

  /// The one word that the command cannot do without.
  func onlyWord(_ what: String) throws -> String {
    guard let word = words.first else {
      throw UsageError("\(what) has to be named", hint: "usage: \(command.help.usage)")
    }
    return word
  }
}
