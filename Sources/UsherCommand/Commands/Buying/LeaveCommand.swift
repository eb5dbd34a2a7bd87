internal import Arguments
internal import Spelling
internal import UsherAPI
internal import UsherClient

extension Command {
  static let leave = Command(
    name: "leave",
    summary: "Gives up one's place in the line, and the seats held with it.",
    examples: ["usher leave"],
    notes: ["It is the place that usher enter has kept. Needs app.key."]
  ) { invocation in
    try await invocation.buying { buyer in
      guard let ticket = buyer.state.ticket else {
        throw UsageError("there is no place to leave", hint: "usher enter GATE takes one.")
      }
      let place = try await buyer.usher.gates.leave(
        LeaveRequest(),
        options: try buyer.options(.queue)
      )
      try buyer.keep { state in
        state.ticket = nil
        if state.held?.isBehindGate == true { state.held = nil }
      }
      try invocation.answer(
        place,
        [
          "left \(ticket.gate), as number \(place.number.grouped); seats held are free again",
          "  next: usher enter \(ticket.gate)",
        ]
      )
      return .done
    }
  }
}
