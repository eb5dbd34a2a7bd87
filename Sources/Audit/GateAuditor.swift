package import UsherAPI

/// Replays one gate's line from the log, and says whether it was fair.
package struct GateAuditor {
  private let name: String
  private var gate: GateReplay?
  private var findings = Findings()

  package init(of name: String) {
    self.name = name
  }

  /// Takes the next event of the log.
  package mutating func take(_ event: Event) {
    switch event.what {
    case .gateChanged(let changed) where changed.name == name:
      if gate == nil { gate = GateReplay() }
      gate?.change(changed, event)
    case .ticketEntered(let entered) where entered.gate == name:
      gate?.enter(entered, event, &findings)
    case .ticketMoved(let moved) where moved.gate == name:
      gate?.move(moved, event, &findings)
    default: break
    }
  }

  /// What comes of it; nil if the log knows no such gate.
  package var verdicts: [Verdict]? {
    gate.map { _ in findings.verdicts(of: Check.ofGates) }
  }

  /// The longest that a place was left empty while someone waited, in milliseconds. Where seats limit
  /// who comes in, nothing is known of it.
  package var longestEmptyMs: Int64 { gate?.longestEmptyMs ?? 0 }

  /// Why one ticket stood behind another; nil where a ticket is not of this gate.
  package func why(_ ticket: String, isBehind other: String) -> String? {
    gate?.why(ticket, isBehind: other)
  }
}
