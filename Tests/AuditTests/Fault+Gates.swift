import Audit
import UsherAPI

// MARK: - In a line

extension Fault {
  static let gateFaults = [
    Fault(
      "two are admitted in the wrong order",
      [.gateInversions, .tablesUnlikeLog],
      says: "number 3 was admitted while it was the turn of number 2"
    ) { evidence in
      let places = evidence.events.indices.filter { evidence.events[$0].admission != nil }
      guard case .ticketMoved(let second) = evidence.events[places[1]].what,
        case .ticketMoved(let third) = evidence.events[places[2]].what
      else { return }
      var (one, other) = (third, second)
      (one.admission, other.admission) = (second.admission, third.admission)
      evidence.events[places[1]].what = .ticketMoved(one)
      evidence.events[places[2]].what = .ticketMoved(other)
    },
    Fault("a ticket's admission is another", [.tablesUnlikeLog], says: "admission of") { evidence in
      try evidence.changeRow(of: "tickets", TicketRow.self) { ticket in
        var ticket = ticket
        ticket.admission += 1
        return .into(ticket)
      }
    },
    Fault("a ticket is lost", [.tablesUnlikeLog], says: "tickets has no row for") { evidence in
      try evidence.changeRow(of: "tickets", TicketRow.self) { $0.number == 2 ? .nothing : .none }
    },
    Fault("a line's counter is off by one", [.tablesUnlikeLog], says: "left_total of") { evidence in
      try evidence.changeRow(of: "gates", Gate.self) { gate in
        var gate = gate
        gate.leftTotal += 1
        return .into(gate)
      }
    },
    Fault("the cap is overshot by one", [.gateCap, .tablesUnlikeLog], says: "3 are inside of 2") {
      evidence in
      evidence.changeGates { $0.policy?.insideMax = 2 }
    },
    Fault(
      "the rate is overshot by one",
      [.gateRate, .tablesUnlikeLog],
      says: "3 admissions within 0 ms of 1000"
    ) {
      evidence in
      evidence.changeGates { $0.policy?.rateCount = 2 }
    },
    Fault(
      "someone leaves who was not there",
      [.gateSteps, .gateInversions, .tablesUnlikeLog],
      says: "which cannot follow"
    ) { evidence in
      evidence.changeEvent { event in
        guard case .ticketMoved(var moved) = event.what, moved.to == .left else { return false }
        moved.from = .missed
        event.what = .ticketMoved(moved)
        return true
      }
    },
  ]
}

extension Evidence {
  /// Changes what the log says of every gate.
  fileprivate mutating func changeGates(_ change: (inout Gate) -> Void) {
    for index in events.indices {
      guard case .gateChanged(var gate) = events[index].what else { continue }
      change(&gate)
      events[index].what = .gateChanged(gate)
    }
  }
}

extension Event {
  /// The admission's number, where it tells of one.
  fileprivate var admission: UInt64? {
    guard case .ticketMoved(let moved) = what, moved.to == .admitted else { return nil }
    return moved.admission
  }
}
