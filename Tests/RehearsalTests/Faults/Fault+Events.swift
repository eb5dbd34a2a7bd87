import UsherAPI

// MARK: - What subscribers hear

extension Fault {
  static let ofEvents = [
    Fault(
      "an event is missing for those who follow",
      breaks: ["events-missed"],
      says: "came after"
    ) { tampering in
      let chosen = Chosen<UInt64>(after: 200)
      tampering.followed = { chosen.isIt($0.offset) ? [] : [$0] }
    },
    Fault(
      "an event is heard twice",
      breaks: ["events-missed"],
      says: "came after"
    ) { tampering in
      let chosen = Chosen<UInt64>(after: 200)
      tampering.followed = { chosen.isIt($0.offset) ? [$0, $0] : [$0] }
    },
    Fault(
      "the last events are never heard",
      breaks: ["events-missed"],
      says: "and no event came after"
    ) { tampering in
      tampering.followed = { $0.offset > 300 ? [] : [$0] }
    },
    Fault(
      "the log has a gap",
      breaks: ["log-gaps", "events-missed"],
      mayBreak: ["tables-unlike-log", "steps-out-of-turn"],
      says: "comes after offset"
    ) { tampering in
      // Someone who does nothing but exist.
      let chosen = Chosen<UInt64>()
      tampering.event = { event in
        guard case .userChanged = event.what, chosen.isIt(event.offset) else { return [event] }
        return []
      }
    },
    Fault(
      "the log's time goes back",
      breaks: ["log-backwards"],
      mayBreak: ["steps-out-of-turn", "tables-unlike-log"],
      says: "ms in epoch 1, after"
    ) { tampering in
      let chosen = Chosen<UInt64>()
      tampering.event = { event in
        guard case .paid = event.what, chosen.isIt(event.offset) else { return [event] }
        var event = event
        event.atMs -= 10_000
        return [event]
      }
    },
  ]
}
