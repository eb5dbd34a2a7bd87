import Scenarios
import UsherAPI
import Wire

// MARK: - The line

extension Fault {
  static let ofGates = [
    Fault(
      "one more is let in than may be inside",
      breaks: ["gate-cap"],
      says: "9 are inside of 8",
      in: { $0.sale.rateCount = 40 },
      { tampering in
        tampering.useGate(thatReally: { $0.insideMax += 1 }, says: { $0.insideMax -= 1 })
      }
    ),
    Fault(
      "one more is let in than the rate allows",
      breaks: ["gate-rate"],
      says: "5 admissions within",
      in: { $0.sale.insideMax = 40 },
      { tampering in
        tampering.useGate(thatReally: { $0.rateCount += 1 }, says: { $0.rateCount -= 1 })
      }
    ),
    Fault(
      "the rate is kept for a little less than its interval",
      breaks: ["gate-rate"],
      says: "5 admissions within 1960 ms of 2000",
      in: {
        $0.sale.insideMax = 40
        $0.sale.rateInterval = .seconds(2)
      },
      { tampering in
        tampering.useGate(
          thatReally: { $0.rateIntervalMs -= 40 },
          says: { $0.rateIntervalMs += 40 }
        )
      }
    ),
    Fault(
      "some are let in before those ahead",
      breaks: ["gate-inversions"],
      says: "while it was the turn of number",
      in: {
        $0.crowd.priorityShare = .percent(5)
        $0.sale.priorityShare = .percent(100)
      },
      { hidePriority(&$0) }
    ),
    Fault(
      "someone leaves who was not there",
      breaks: ["gate-steps"],
      // The replay still sees them wait.
      mayBreak: ["gate-inversions", "gate-cap", "tables-unlike-log"],
      says: "which cannot follow"
    ) { tampering in
      let chosen = Chosen<String>()
      tampering.event = { event in
        guard case .ticketMoved(var moved) = event.what, moved.to == .left,
          chosen.isIt(moved.ticketID)
        else { return [event] }
        moved.from = .missed
        return [event.saying(.ticketMoved(moved))]
      }
    },
  ]

  /// Some are in a lane of their own, of which nobody is told.
  private static func hidePriority(_ tampering: inout Tampering) {
    tampering.event = { event in
      guard case .ticketEntered(var entered) = event.what else { return [event] }
      entered.priority = false
      return [event.saying(.ticketEntered(entered))]
    }
    tampering.row = { table, row in
      guard table == "tickets" else { return row }
      var ticket = try TicketRow(decoding: row)
      ticket.priority = false
      return ticket.encoded()
    }
  }
}

extension Tampering {
  /// A gate that has another policy than it says.
  fileprivate mutating func useGate(
    thatReally change: @escaping @Sendable (inout GatePolicy) -> Void,
    says: @escaping @Sendable (inout GatePolicy) -> Void
  ) {
    @Sendable func told(_ gate: Gate) -> Gate {
      var gate = gate
      if var policy = gate.policy {
        says(&policy)
        gate.policy = policy
      }
      return gate
    }
    answer(OperatorMethods.setGate) {
      (request: SetGateRequest, context, really) -> SetGateResponse in
      var request = request
      var policy = request.policy ?? GatePolicy()
      change(&policy)
      request.policy = policy
      var response = try await really(request, context)
      response.gate = response.gate.map(told)
      return response
    }
    event = { event in
      guard case .gateChanged(let gate) = event.what else { return [event] }
      return [event.saying(.gateChanged(told(gate)))]
    }
    row = { table, row in
      table == "gates" ? told(try Gate(decoding: row)).encoded() : row
    }
  }
}
